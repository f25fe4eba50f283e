/** Containers, and programs under pm2. */
import type { Finding } from '../check.ts';
import { many } from '../figures.ts';
import { evidence, skipped, unknown } from '../findings.ts';
import { userOf } from './facts.ts';
import type { HostCheck } from './host-check.ts';
import { hiddenProcesses, seesAllProcesses } from './process-list.ts';
import { notUp, standingOf } from './services.ts';

interface Container {
  id: string;
  name: string;
  image: string;
  state: string;
  status: string;
}

/** One document a line. What is no document is left out; a field that is no text is empty. */
export function documentsOf(lines: readonly string[]): Record<string, unknown>[] {
  return lines.flatMap((line): Record<string, unknown>[] => {
    try {
      const value: unknown = JSON.parse(line);
      return typeof value === 'object' && value !== null && !Array.isArray(value) ? [value as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
}
export const field = (document: Record<string, unknown>, name: string) => (typeof document[name] === 'string' ? document[name] : '');

const plainName = /^[\w.-]+$/;

const dockerNames = { id: 'docker', title: 'Docker', what: 'Every container', units: ['docker'], programs: ['docker'], processes: ['dockerd'] };

export const docker: HostCheck = {
  about: {
    id: 'docker',
    title: 'Containers',
    group: 'services',
    unit: 'count',
    warn: null,
    critical: null,
    source: 'own: one that is to run and is down is critical, one that restarts a warning',
    question: 'Does Docker run, and do the containers that are to run?',
    meaning: 'What the container serves is not to be had.',
    causes: ['The program in it ended with an error', 'It was stopped by hand and not started again', 'It is killed since it takes more memory than its limit'],
    needs: 'root, or a member of the group docker',
  },
  reads: ['containers', 'user', 'restart-policies', 'programs', 'units', 'rc-services', 'init', 'processes', 'process-sight'],
  judge(seen): Finding {
    const standing = standingOf(seen, dockerNames);
    if (seen.text('containers') === null) return notUp(seen, standing, dockerNames) ?? unknown(`It runs (${standing.detail}), but there is no docker command to ask`, 'Look with the program that started it: nerdctl ps -a, crictl ps -a');
    const lines = seen.lines('containers');
    const { name, isRoot } = userOf(seen);
    if (seen.status('containers') !== 0) {
      const said = (lines.at(-1) ?? '').slice(0, 200);
      if (/permission denied/i.test(lines.join('\n'))) return unknown(`${name} may not ask Docker: permission denied`, isRoot ? 'Look into who may use /var/run/docker.sock.' : `sudo usermod -aG docker ${name}\n# Takes effect at the next sign-in. Whoever is in that group can do on the host what root can.`);
      if (standing.state === 'down' || standing.state === 'idle') return notUp(seen, standing, dockerNames) ?? skipped(`Docker is not in use here: ${said}`);
      return unknown(`docker ps did not answer: ${said === '' ? `status ${seen.status('containers') ?? 'unknown'}` : said}`, 'Look with: docker ps -a');
    }
    const all = documentsOf(lines).map((document): Container => ({ id: field(document, 'ID'), name: field(document, 'Names'), image: field(document, 'Image'), state: field(document, 'State').toLowerCase(), status: field(document, 'Status') }));
    if (lines.length > all.length) return unknown(`What docker ps says of ${many(lines.length - all.length, 'container')} could not be understood`, 'Look with: docker ps -a');
    const policies = new Map(seen.lines('restart-policies').map((line) => line.split(' ') as [string, string]));
    // Before 20.10 the state was not told by itself.
    const stateOf = ({ state, status }: Container) => state || (status.startsWith('Up') ? 'running' : status.startsWith('Restarting') ? 'restarting' : status.startsWith('Dead') ? 'dead' : 'exited');
    const policyOf = ({ id }: Container) => policies.get(id) ?? null;
    const wanted = (container: Container) => ['always', 'unless-stopped', 'on-failure'].includes(policyOf(container) ?? '');
    const isDown = (container: Container) => stateOf(container) === 'dead' || (stateOf(container) === 'exited' && wanted(container) && !(policyOf(container) === 'on-failure' && /Exited \(0\)/.test(container.status)));
    const down = all.filter(isDown);
    const ailing = all.filter((container) => stateOf(container) === 'restarting' || /\(unhealthy\)/.test(container.status));
    const unsure = seen.status('restart-policies') !== 0 ? all.filter((container) => stateOf(container) === 'exited') : [];
    const rank = (container: Container) => (down.includes(container) ? 0 : ailing.includes(container) ? 1 : 2);
    const shown = evidence([...all].sort((a, b) => rank(a) - rank(b)), { container: (row) => row.name, image: (row) => row.image, state: stateOf, status: (row) => row.status, 'restart policy': policyOf });
    const running = all.filter((container) => stateOf(container) === 'running').length;
    const [worst] = [...down, ...ailing];
    if (worst !== undefined) {
      const isCritical = down.length > 0;
      return {
        status: isCritical ? 'critical' : 'warn',
        value: down.length + ailing.length,
        summary: `${many(down.length + ailing.length, 'container')} of ${all.length} not well: ${[...down, ...ailing].slice(0, 4).map((container) => `${container.name} (${container.status})`).join(', ')}`,
        evidence: shown,
        fix: plainName.test(worst.name) ? { where: 'shell', do: `docker logs --tail 100 ${worst.name}\ndocker start ${worst.name}`, undo: `docker stop ${worst.name}`, note: 'Read its log first: what ended for a reason ends again.' } : null,
      };
    }
    if (unsure.length > 0) return { ...unknown(`Whether ${many(unsure.length, 'container')} that ${unsure.length === 1 ? 'has' : 'have'} ended is to run could not be seen`, 'Look with: docker inspect'), evidence: shown };
    return { status: 'ok', value: 0, summary: all.length === 0 ? 'Docker runs, and there is no container' : `${running} of ${many(all.length, 'container')} running, and none that is to run is down`, meaning: 'What is to run runs.', evidence: shown };
  },
};

export const pm2: HostCheck = {
  about: {
    id: 'pm2',
    title: 'Programs under pm2',
    group: 'services',
    unit: 'count',
    warn: null,
    critical: null,
    source: 'own: errored or stopped is critical, over 15 restarts a warning',
    question: 'Do the programs that pm2 looks after run?',
    meaning: 'What the program serves is not to be had.',
    causes: ['The program ends with an error as soon as it starts', 'It was stopped by hand and not started again'],
    needs: 'the account that pm2 runs under; each has its own',
  },
  reads: ['pm2-daemons', 'pm2', 'user', 'programs', 'process-sight'],
  judge(seen): Finding {
    const daemons = seen.lines('pm2-daemons').flatMap((line) => /^(\d+) /.exec(line)?.[1] ?? []);
    const [own] = seen.lines('user');
    const { name } = userOf(seen);
    if (!daemons.includes(own ?? '')) {
      if (daemons.length > 0) return unknown(`pm2 runs under another account (user id ${[...new Set(daemons)].join(', ')}), and tells ${name} nothing`, 'Add the host once more with that account.');
      if (!seesAllProcesses(seen)) return unknown(`Whether pm2 runs under another account is hidden: ${hiddenProcesses.why}`, hiddenProcesses.opener);
      return skipped('No pm2 runs here; asking it would start one');
    }
    const lines = seen.lines('pm2');
    const programs = documentsOf(lines).map((document) => ({ name: field(document, 'name'), status: field(document, 'status'), restarts: typeof document['restarts'] === 'number' ? document['restarts'] : 0 }));
    if (seen.status('pm2') !== 0 || programs.length !== lines.length) return unknown(seen.status('pm2') === 127 ? 'pm2 runs, but its command was not found beside its Node' : 'pm2 runs, but did not answer', 'Look with: pm2 ls');
    const down = programs.filter(({ status }) => status === 'errored' || status === 'stopped');
    const ailing = programs.filter((program) => !down.includes(program) && (program.status !== 'online' || program.restarts > 15));
    const shown = evidence([...down, ...ailing, ...programs.filter((program) => !down.includes(program) && !ailing.includes(program))], { program: (row) => row.name, state: (row) => row.status, restarts: (row) => row.restarts });
    const [worst] = [...down, ...ailing];
    if (worst === undefined) return { status: 'ok', value: 0, summary: `${many(programs.length, 'program')} under pm2, all online`, meaning: 'What is to run runs.', evidence: shown };
    return {
      status: down.length > 0 ? 'critical' : 'warn',
      value: down.length + ailing.length,
      summary: `${many(down.length + ailing.length, 'program')} of ${programs.length} under pm2 not well: ${[...down, ...ailing].slice(0, 4).map((program) => `${program.name} (${program.status}, ${many(program.restarts, 'restart')})`).join(', ')}`,
      evidence: shown,
      fix: plainName.test(worst.name) ? { where: 'shell', do: `pm2 logs ${worst.name} --lines 100 --nostream\npm2 restart ${worst.name}`, undo: `pm2 stop ${worst.name}`, note: 'Read its log first: what ended for a reason ends again.' } : null,
    };
  },
};
