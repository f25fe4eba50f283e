/** The services that a system says run on a host: each by what it is run by, and one that is not there is not one that is stopped. */
import { worstHealth, type HealthState } from '#shared/domain/health-state.ts';
import type { Finding } from '../check.ts';
import { many } from '../figures.ts';
import { evidence, skipped } from '../findings.ts';
import { documentsOf, field } from './containers.ts';
import { initOf, userOf } from './facts.ts';
import type { ExpectedService, HostCheck } from './host-check.ts';
import { hiddenProcesses, processesOf, seesAllProcesses } from './process-list.ts';
import type { HostSeen } from './read-output.ts';
import { rcServicesOf } from './units.ts';

interface Standing {
  state: 'up' | 'restarting' | 'down' | 'missing' | 'hidden';
  /** In the words of what it is run by, or why nobody knows. */
  detail: string;
}

const up = (detail: string): Standing => ({ state: 'up', detail });
const hidden = (detail: string): Standing => ({ state: 'hidden', detail });
const missing = (what: string): Standing => ({ state: 'missing', detail: `${what} of that name is known there` });

interface Unit {
  id: string;
  load: string;
  active: string;
  sub: string;
}

const unitsOf = (seen: HostSeen): Unit[] =>
  seen.lines('service-units').map((line) => {
    const [id = '', load = '', active = '', sub = ''] = line.trim().replace(/^[●*x]\s+/u, '').split(/\s+/);
    return { id, load, active, sub };
  });
const isUp = ({ active }: Unit): boolean => active === 'active' || active === 'reloading';
const told = ({ active, sub }: Unit): string => `${active} (${sub})`;

/** A unit that did its work and ended is "active" whatever became of what it started, as postgresql of Debian is: its instances say so. */
function ended(unit: Unit, all: readonly Unit[]): Standing {
  const instances = all.filter(({ id, load }) => id.startsWith(`${unit.id.replace(/\.service$/, '')}@`) && load !== 'not-found');
  if (instances.length === 0) return hidden(`${told(unit)}: it ended, which says nothing of what it started`);
  const fallen = instances.find((each) => !isUp(each));
  if (fallen === undefined) return up(many(instances.length, 'instance'));
  return { state: fallen.active === 'activating' ? 'restarting' : 'down', detail: `${fallen.id} is ${told(fallen)}` };
}

function systemd(seen: HostSeen, name: string): Standing {
  if (initOf(seen) !== 'systemd') return hidden('systemd does not run on this host');
  if (seen.status('service-units') !== 0) return hidden('systemctl did not answer');
  const wanted = name.includes('.service') ? name : `${name}.service`;
  const all = unitsOf(seen);
  const unit = all.find(({ id, load }) => id === wanted && load !== 'not-found');
  if (unit !== undefined) {
    if (isUp(unit)) return unit.sub === 'exited' ? ended(unit, all) : up(told(unit));
    return { state: unit.active === 'activating' ? 'restarting' : 'down', detail: told(unit) };
  }
  // What is installed and was never started stands here alone, and so does another name of a unit.
  const file = seen.lines('service-files').map((line) => line.trim().split(/\s+/)).find(([id]) => id === wanted);
  if (file?.[1] === 'alias') return hidden('it is another name of a unit, which is listed by its own name alone');
  return file === undefined ? missing('No unit') : { state: 'down', detail: `not started (${file[1] ?? 'installed'})` };
}

function openrc(seen: HostSeen, name: string): Standing {
  if (seen.text('rc-services') === null) return hidden('OpenRC does not run on this host');
  const said = rcServicesOf(seen).get(name);
  if (said === undefined) return missing('No service');
  return said === 'started' ? up(said) : { state: said === 'starting' ? 'restarting' : 'down', detail: said };
}

function pm2(seen: HostSeen, name: string): Standing {
  const daemons = seen.lines('pm2-daemons').flatMap((line) => /^(\d+) /.exec(line)?.[1] ?? []);
  const [own] = seen.lines('user');
  if (!daemons.includes(own ?? '')) {
    if (daemons.length > 0) return hidden(`pm2 runs under another account, and tells ${userOf(seen).name} nothing`);
    return seesAllProcesses(seen) ? { state: 'down', detail: 'no pm2 runs' } : hidden(hiddenProcesses.why);
  }
  if (seen.status('pm2') !== 0) return hidden('pm2 did not answer');
  const program = documentsOf(seen.lines('pm2')).find((each) => field(each, 'name') === name);
  if (program === undefined) return missing('No program');
  const status = field(program, 'status');
  return status === 'online' ? up(status) : { state: status === 'stopped' || status === 'errored' ? 'down' : 'restarting', detail: status };
}

function docker(seen: HostSeen, name: string): Standing {
  if (seen.text('containers') === null) return hidden('there is no docker command');
  if (seen.status('containers') !== 0) return hidden(`docker ps did not answer${/permission denied/i.test(seen.text('containers') ?? '') ? ': permission denied' : ''}`);
  const container = documentsOf(seen.lines('containers')).find((each) => field(each, 'Names').split(',').includes(name));
  if (container === undefined) return missing('No container');
  const detail = field(container, 'Status');
  const state = field(container, 'State').toLowerCase();
  if (state === 'restarting' || /\(unhealthy\)/.test(detail)) return { state: 'restarting', detail };
  return state === 'running' || detail.startsWith('Up') ? up(detail) : { state: 'down', detail };
}

function process(seen: HostSeen, name: string): Standing {
  // The kernel keeps fifteen characters of a name.
  const count = processesOf(seen).list.filter((each) => each.state !== 'Z' && each.name === name.slice(0, 15)).length;
  if (count > 0) return up(many(count, 'process', 'processes'));
  return seesAllProcesses(seen) ? { state: 'down', detail: 'no process of that name runs' } : hidden(hiddenProcesses.why);
}

function standingOf(seen: HostSeen, { manager, name }: ExpectedService): Standing {
  switch (manager) {
    case 'systemd':
      return systemd(seen, name);
    case 'openrc':
      return openrc(seen, name);
    case 'pm2':
      return pm2(seen, name);
    case 'docker':
      return docker(seen, name);
    case 'process':
      return process(seen, name);
    case 'kubernetes':
      return hidden('what runs in Kubernetes is not asked on a host');
  }
}

const stateOf: Readonly<Record<Standing['state'], HealthState>> = { up: 'ok', restarting: 'warn', down: 'critical', missing: 'unknown', hidden: 'unknown' };
const words: Readonly<Record<Standing['state'], string>> = { up: 'up', restarting: 'restarting', down: 'down', missing: 'not found', hidden: 'not known' };

/** A name as a shell takes it: what a person wrote into a system becomes no other command. */
const plain = /^[\w@.:\\-]+$/;

function startOf({ manager, name }: ExpectedService): Finding['fix'] {
  if (!plain.test(name)) return null;
  const note = 'Read first why it stopped: what stopped for a reason stops again.';
  switch (manager) {
    case 'systemd':
      return { where: 'shell', do: `sudo systemctl status ${name}; sudo journalctl -u ${name} -n 50 --no-pager\nsudo systemctl start ${name}`, undo: `sudo systemctl stop ${name}`, note };
    case 'openrc':
      return { where: 'shell', do: `sudo rc-service ${name} start`, undo: `sudo rc-service ${name} stop`, note };
    case 'pm2':
      return { where: 'shell', do: `pm2 logs ${name} --lines 100 --nostream\npm2 restart ${name}`, undo: `pm2 stop ${name}`, note };
    case 'docker':
      return { where: 'shell', do: `docker logs --tail 100 ${name}\ndocker start ${name}`, undo: `docker stop ${name}`, note };
    case 'process':
    case 'kubernetes':
      return null;
  }
}

export const expectedServices: HostCheck = {
  about: {
    id: 'services',
    title: 'Services of the system',
    group: 'services',
    unit: 'count',
    warn: null,
    critical: null,
    source: 'own: one that is down is critical, one that restarts a warning',
    question: 'Do the services run that the system says run on this host?',
    meaning: 'What the service does for the system is not done.',
    causes: ['It was stopped by hand and not started again', 'It ended with an error', 'It has another name there than the system says'],
    needs: 'any account; for pm2 the one that it runs under, for containers a member of the group docker',
  },
  reads: ['init', 'service-units', 'service-files', 'rc-services', 'pm2-daemons', 'pm2', 'user', 'containers', 'processes', 'process-sight'],
  judge(seen, { services }): Finding {
    if (services.length === 0) return skipped('The system names no service for this host');
    const all = services.map((service) => ({ service, ...standingOf(seen, service) }));
    const rank: Standing['state'][] = ['down', 'hidden', 'missing', 'restarting', 'up'];
    const sorted = all.toSorted((a, b) => rank.indexOf(a.state) - rank.indexOf(b.state));
    const ailing = sorted.filter(({ state }) => state !== 'up');
    const [worst] = ailing;
    const down = ailing.find(({ state }) => state === 'down');
    return {
      status: worstHealth(all.map(({ state }) => stateOf[state])),
      value: ailing.length,
      summary: worst === undefined ? `${many(all.length, 'service')} of the system up` : `${many(ailing.length, 'service')} of ${all.length} not well: ${ailing.slice(0, 4).map(({ service, state, detail }) => `${service.title} is ${words[state]} (${detail})`).join(', ')}${ailing.length > 4 ? ', …' : ''}`,
      ...(worst === undefined ? { meaning: 'What the system needs here runs.' } : {}),
      evidence: evidence(sorted, { service: (row) => row.service.title, name: (row) => row.service.name, 'run by': (row) => row.service.manager, state: (row) => words[row.state], detail: (row) => row.detail }),
      ...(down === undefined && worst !== undefined && stateOf[worst.state] === 'unknown' ? { opener: worst.state === 'missing' ? `Look what it is called there, and name it so under Services of the system: it says ${worst.service.name}.` : 'Look on the host, with the account that may see it.' } : {}),
      fix: down === undefined ? null : startOf(down.service),
    };
  },
};
