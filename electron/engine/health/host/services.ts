/** Services: those that failed, and the ones that people run beside a database. */
import type { Finding } from '../check.ts';
import { many } from '../figures.ts';
import { against, evidence, skipped, unknown } from '../findings.ts';
import { initOf } from './facts.ts';
import type { HostCheck } from './host-check.ts';
import { hiddenProcesses, processesOf, seesAllProcesses } from './process-list.ts';
import type { HostSeen } from './read-output.ts';
import { managed, startCommand, type Managed } from './units.ts';

/** Unit names as a shell takes them: what a host says of itself becomes no command. */
const plainUnit = /^[\w@.:\\-]+$/;

export const failedUnits: HostCheck = {
  about: {
    id: 'failed-units',
    title: 'Failed services',
    group: 'services',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'own: any is a warning',
    question: 'Which services ended with a failure?',
    meaning: 'What they were to do is not done: a backup that was not made, a service that nobody reaches.',
    causes: ['The program ended with an error', 'What it needs was not there when it started', 'A job failed once and runs again on its day; then the state is cleared'],
    needs: 'any account; systemd or OpenRC',
  },
  reads: ['init', 'failed-units', 'crashed-services'],
  judge(seen, look) {
    const init = initOf(seen);
    if (seen.lines('init').length === 0) return unknown('Nobody knows what starts services here: /run and /proc could not be read', 'Look with: systemctl --failed, or rc-status --crashed');
    if (init === 'another') return skipped('Neither systemd nor OpenRC runs here, so nobody keeps count of services');
    const id = init === 'systemd' ? 'failed-units' : 'crashed-services';
    const lines = seen.lines(id).map((line) => line.trim().replace(/^[●*x]\s+/u, ''));
    const [said] = lines;
    // rc-status ends with 1 where nothing has crashed.
    if (init === 'systemd' && seen.status(id) !== 0) return unknown(`systemctl did not answer${said === undefined ? '' : `: ${said}`}`, 'Look with: systemctl --failed');
    if (init === 'openrc' && (seen.status(id) ?? 127) > 1) return unknown(`rc-status did not answer${said === undefined ? '' : `: ${said}`}`, 'Look with: rc-status --crashed');
    const failed = lines.flatMap((line) => {
      const [name = '', load = '', active = '', sub = '', ...words] = line.split(/\s+/);
      if (init === 'systemd') return active === 'failed' || load === 'failed' ? [{ name, state: `${active} (${sub})`, what: words.join(' ') }] : [];
      const match = /^(\S+)\s+\[\s*(\w+)/.exec(line);
      return match?.[1] === undefined ? [{ name: line, state: 'crashed', what: '' }] : [{ name: match[1], state: match[2] ?? '', what: '' }];
    }).filter(({ name }) => name !== '');
    const status = against(failed.length, look);
    const [first] = failed;
    const plain = first !== undefined && plainUnit.test(first.name) ? first.name : null;
    return {
      status,
      value: failed.length,
      summary: first === undefined ? '0 failed services' : `${many(failed.length, 'failed service')}: ${failed.map(({ name }) => name).slice(0, 5).join(', ')}${failed.length > 5 ? ', …' : ''}`,
      ...(first === undefined ? { meaning: 'What was to run has run.' } : {}),
      evidence: evidence(failed, { service: (row) => row.name, state: (row) => row.state, what: (row) => row.what }),
      fix: plain === null || status === 'ok' ? null : init === 'systemd'
        ? { where: 'shell', do: `sudo systemctl status ${plain}; sudo journalctl -u ${plain} -n 50 --no-pager\nsudo systemctl restart ${plain}`, undo: `sudo systemctl stop ${plain}`, note: 'Read first why it failed; what failed for a reason fails again. Where it is no longer wanted: sudo systemctl reset-failed.' }
        : { where: 'shell', do: `sudo rc-service ${plain} restart`, undo: `sudo rc-service ${plain} stop`, note: 'Read first why it failed, in /var/log/messages; what failed for a reason fails again.' },
    };
  },
};

interface Watched {
  id: string;
  title: string;
  what: string;
  /** Names of its unit, of its program, and of its processes. */
  units: readonly string[];
  programs: readonly string[];
  processes: readonly string[];
}

type Standing = { state: 'absent' | 'idle' | 'up' | 'restarting' | 'down' | 'hidden'; detail: string; service: Managed | null; count: number };

/** How a service stands by what the init system says, and by its processes. */
export function standingOf(seen: HostSeen, { units, programs, processes }: Pick<Watched, 'units' | 'programs' | 'processes'>): Standing {
  const service = managed(seen, units);
  const count = processesOf(seen).list.filter(({ name, state }) => state !== 'Z' && processes.includes(name)).length;
  const installed = seen.lines('programs').some((program) => programs.includes(program));
  if (service !== null && service.state !== 'down') return { state: service.state, detail: `${service.name} is ${service.detail}`, service, count };
  if (count > 0) return { state: 'up', detail: `${many(count, 'process', 'processes')}${service === null ? '' : `, though ${service.name} is ${service.detail}`}`, service, count };
  if (service !== null && service.wanted === true) return { state: 'down', detail: `${service.name} is ${service.detail}, and is to be started with the host`, service, count };
  if (seen.status('programs') !== 0) return { state: 'hidden', detail: 'which programs there are could not be seen', service, count };
  if (service === null && !installed) return { state: 'absent', detail: '', service, count };
  if (!seesAllProcesses(seen)) return { state: 'hidden', detail: hiddenProcesses.why, service, count };
  return { state: 'idle', detail: service === null ? 'installed, and no process of it runs' : `${service.name} is ${service.detail}, and nothing starts it with the host`, service, count };
}

const standingEvidence = (standing: Standing) => evidence([standing], { service: ({ service }) => service?.name ?? null, state: ({ service }) => service?.detail ?? null, 'starts with the host': ({ service }) => (service?.wanted === null || service === null ? 'not said' : service.wanted ? 'yes' : 'no'), restarts: ({ service }) => service?.restarts ?? null, processes: ({ count }) => count });

/** Every answer but that it is up. */
export function notUp(seen: HostSeen, standing: Standing, { title, what }: Pick<Watched, 'title' | 'what'>): Finding | null {
  const shown = standingEvidence(standing);
  switch (standing.state) {
    case 'absent': return skipped(`${title} is not installed here`);
    case 'idle': return { ...skipped(`${title} is not in use here: ${standing.detail}`), evidence: shown };
    case 'hidden': return unknown(`Whether ${title} runs is hidden: ${standing.detail}`, seesAllProcesses(seen) ? 'Look on the host, with the account that is to look.' : hiddenProcesses.opener);
    case 'restarting': return { status: 'warn', value: null, summary: `${title} is being started over and over, or has not come up yet: ${standing.detail}`, meaning: `${what} is there only now and then.`, evidence: shown, fix: standing.service === null ? null : { where: 'shell', do: `sudo systemctl status ${standing.service.name}`, undo: null, harmless: true, note: 'Shows why it does not stay up. It changes nothing.' } };
    case 'down': return { status: 'critical', value: null, summary: `${title} is down: ${standing.detail}`, evidence: shown, fix: standing.service === null ? null : { where: 'shell', ...startCommand(seen, standing.service.name), note: 'Read first why it stopped: its status and its log tell. What stopped for a reason stops again.' } };
    case 'up': return null;
  }
}

const up = (standing: Standing, title: string, more = ''): Finding => ({ status: 'ok', value: null, summary: `${title} is up: ${standing.detail}${more}`, meaning: 'It runs.', evidence: standingEvidence(standing) });

const about = (watched: Watched, more: Pick<HostCheck['about'], 'meaning' | 'causes' | 'needs'> & { question?: string }): HostCheck['about'] => ({
  id: watched.id, title: watched.title, group: 'services', unit: 'none', warn: null, critical: null, source: 'own: down is critical, restarting a warning', question: `Does ${watched.title} run, where it is to?`, ...more,
});

const stopped = ['It was stopped by hand and not started again', 'It ended with an error', 'The host was started again, and it is not started with it'];

const nginxNames: Watched = { id: 'nginx', title: 'nginx', what: 'What it serves', units: ['nginx'], programs: ['nginx'], processes: ['nginx'] };
export const nginx: HostCheck = {
  about: about(nginxNames, { meaning: 'Nobody reaches what it serves.', causes: [...stopped, 'Its configuration has a fault (nginx -t)'], needs: 'any account' }),
  reads: ['init', 'units', 'rc-services', 'programs', 'processes', 'process-sight'],
  judge(seen) {
    const standing = standingOf(seen, nginxNames);
    return notUp(seen, standing, nginxNames) ?? up(standing, 'nginx');
  },
};

const postgresNames: Watched = { id: 'postgres-service', title: 'Postgres', what: 'The database', units: ['postgresql'], programs: ['postgres'], processes: ['postgres', 'postmaster'] };

interface Cluster {
  name: string;
  port: string;
  status: string;
  /** auto, manual or disabled; auto where its start.conf is not there. */
  start: string;
}

/** "15 main 5432 online postgres /var/lib/… /var/log/…" */
function clustersOf(seen: HostSeen): Cluster[] {
  const starts = new Map(seen.lines('pg-starts').map((line) => {
    const [how = '', path = ''] = line.split(' ');
    return [path.split('/').slice(3, 5).join(' '), how];
  }));
  return seen.lines('pg-clusters').flatMap((line) => {
    const match = /^(\d+(?:\.\d+)?)\s+([\w.-]+)\s+(\d+)\s+(\S+)\s/.exec(line);
    if (match === null) return [];
    const name = `${match[1]} ${match[2]}`;
    return [{ name, port: match[3] ?? '', status: match[4] ?? '', start: starts.get(name) ?? 'auto' }];
  });
}

export const postgresService: HostCheck = {
  about: about(postgresNames, {
    question: 'Does the Postgres of this host run, and does it take connections?',
    meaning: 'No application reaches its data.',
    causes: [...stopped, 'Its disk is full', 'It was killed for want of memory and cannot recover'],
    needs: 'any account',
  }),
  reads: ['init', 'units', 'rc-services', 'postgres-units', 'programs', 'processes', 'process-sight', 'pg-clusters', 'pg-starts', 'pg-ready'],
  judge(seen): Finding {
    const clusters = clustersOf(seen);
    const standing = standingOf(seen, postgresNames);
    const down = clusters.filter(({ status, start }) => status.startsWith('down') && start === 'auto');
    const answer = seen.lines('pg-ready')[0] ?? '';
    const ready = seen.status('pg-ready');
    const shown = evidence(clusters.length > 0 ? clusters : [{ name: postgresNames.title, port: /:(\d+) - /.exec(answer)?.[1] ?? '', status: answer, start: '' }], { cluster: (row) => row.name, port: (row) => row.port, state: (row) => row.status, starts: (row) => row.start });
    const failed = seen.lines('postgres-units').map((line) => line.trim().split(/\s+/)).filter(([, , active]) => active === 'failed').map(([name = '']) => name);
    const starting = (cluster: Cluster): Finding['fix'] => ({ where: 'shell', do: `sudo pg_ctlcluster ${cluster.name} start`, undo: `sudo pg_ctlcluster ${cluster.name} stop`, note: 'Read the end of its log first: it says why it stopped.' });
    const [first] = down;
    if (standing.count > 0 && (ready === 0 || ready === 127 || ready === null)) {
      if (first !== undefined) return { status: 'warn', value: null, summary: `Postgres runs, but of ${many(clusters.length, 'cluster')} ${many(down.length, 'is', 'are')} down: ${down.map(({ name }) => name).join(', ')}`, evidence: shown, fix: starting(first) };
      return { status: 'ok', value: null, summary: `Postgres runs (${many(standing.count, 'process', 'processes')})${ready === 0 ? ' and takes connections' : ''}`, meaning: ready === 0 ? 'It answers.' : 'It runs. Whether it takes connections was not asked: pg_isready is not installed.', evidence: shown };
    }
    if (ready === 1) return { status: 'warn', value: null, summary: `Postgres takes no connections yet: ${answer}`, meaning: 'It starts, stops, or recovers.', evidence: shown };
    if (standing.count > 0) return { status: 'ok', value: null, summary: `Postgres runs (${many(standing.count, 'process', 'processes')}); at the usual port nobody answers`, meaning: 'It runs, at another port or socket than the usual one.', evidence: shown };
    const [unit] = failed;
    if (unit !== undefined) return { status: 'critical', value: null, summary: `Postgres is down: ${unit} failed`, evidence: shown, fix: plainUnit.test(unit) ? { where: 'shell', ...startCommand(seen, unit), note: 'Read the end of its log first: it says why it stopped.' } : null };
    if (standing.state === 'up' && clusters.length === 0) return { status: 'warn', value: null, summary: `${standing.detail}, but no process of Postgres runs`, meaning: 'On Debian that unit only starts the others: it is up whether they are or not.', evidence: shown };
    if (first !== undefined) {
      if (!seesAllProcesses(seen)) return unknown(`Whether Postgres runs is hidden: ${hiddenProcesses.why}`, hiddenProcesses.opener);
      const which = down.map(({ name, port }) => `${name} (port ${port})`).join(', ');
      // Where nothing starts services nobody has said that it is to run.
      if (initOf(seen) === 'another') return { status: 'warn', value: null, summary: `Postgres is installed and down: ${which}; nothing here starts services by itself`, evidence: shown, fix: starting(first) };
      return { status: 'critical', value: null, summary: `Postgres is down: ${which}`, evidence: shown, fix: starting(first) };
    }
    return notUp(seen, standing, postgresNames) ?? up(standing, 'Postgres');
  },
};

const redisNames: Watched = { id: 'redis', title: 'Redis', what: 'The cache', units: ['redis-server', 'redis', 'valkey-server', 'valkey'], programs: ['redis-server', 'valkey-server'], processes: ['redis-server', 'valkey-server'] };
export const redis: HostCheck = {
  about: about(redisNames, {
    question: 'Does Redis (or Valkey) run and answer, and could it save what it holds?',
    meaning: 'What is kept in it is not to be had, or is lost with the next restart.',
    causes: [...stopped, 'Its disk is full, or it may not write there', 'There is too little memory to fork for saving'],
    needs: 'any account; persistence wants an answer without a password',
  }),
  reads: ['init', 'units', 'rc-services', 'programs', 'processes', 'process-sight', 'redis'],
  judge(seen): Finding {
    const standing = standingOf(seen, redisNames);
    const down = notUp(seen, standing, redisNames);
    if (down !== null) return down;
    const lines = seen.lines('redis');
    const says = lines[0] ?? '';
    const kept = new Map(lines.flatMap((line): [string, string][] => {
      const match = /^(\w+):(.*)$/.exec(line);
      return match?.[1] === undefined ? [] : [[match[1], (match[2] ?? '').trim()]];
    }));
    if (seen.text('redis') === null) return unknown('It runs, but there is no redis-cli to ask it how it is', 'Install redis-tools (redis-cli) on the host.');
    if (/NOAUTH|NOPERM|WRONGPASS/.test(says)) return unknown('It runs, and wants a password before it says how it is', 'Look with: redis-cli --askpass info persistence');
    if (says !== 'PONG') return unknown(`It runs, but did not answer at its usual port${says === '' ? '' : `: ${says.slice(0, 120)}`}`, 'Ask it at the port of its configuration: redis-cli -p PORT ping');
    const failed = [...kept].filter(([name, value]) => name.endsWith('_status') && value === 'err').map(([name]) => name);
    const shown = evidence([...kept], { what: ([name]) => name, state: ([, value]) => value });
    if (failed.length > 0) return { status: 'critical', value: null, summary: `Redis could not save what it holds: ${failed.join(', ')}`, meaning: 'It goes on in memory alone; a restart loses what changed since, and with stop-writes-on-bgsave-error it takes no writes.', evidence: shown, fix: { where: 'shell', do: 'redis-cli info persistence; redis-cli config get dir; df -h', undo: null, harmless: true, note: 'Shows where it saves and whether there is room. It changes nothing.' } };
    if (kept.get('loading') === '1') return { status: 'warn', value: null, summary: 'Redis is still reading its data in', meaning: 'Until then it answers nobody.', evidence: shown };
    return { ...up(standing, 'Redis', ', and answers'), evidence: shown };
  },
};

