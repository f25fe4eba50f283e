/** What the init system says of services. */
import { settingsOf } from './facts.ts';
import type { HostSeen } from './read-output.ts';

export interface Unit {
  id: string;
  /** loaded, not-found, masked, … Not found is not stopped. */
  load: string;
  active: string;
  sub: string;
  /** enabled, disabled, static, …; empty where systemd does not say. */
  file: string;
  restarts: number | null;
}

/** `systemctl show` of several units: one block each. */
export function unitsOf(seen: HostSeen): Map<string, Unit> {
  const blocks = (seen.text('units') ?? '').split(/\n\s*\n/);
  return new Map(blocks.flatMap((block): [string, Unit][] => {
    const values = settingsOf(block.split('\n').map((line) => line.trim()));
    const id = values.get('Id');
    if (id === undefined) return [];
    const restarts = values.get('NRestarts');
    return [[id, { id, load: values.get('LoadState') ?? '', active: values.get('ActiveState') ?? '', sub: values.get('SubState') ?? '', file: values.get('UnitFileState') ?? '', restarts: restarts !== undefined && /^\d+$/.test(restarts) ? Number(restarts) : null }]];
  }));
}

/** "nginx [ started ]", below the names of runlevels. */
export function rcServicesOf(seen: HostSeen): Map<string, string> {
  return new Map(seen.lines('rc-services').flatMap((line): [string, string][] => {
    const match = /^\s*(\S+)\s+\[\s*([a-z]+)/.exec(line);
    return match?.[1] === undefined || match[2] === undefined ? [] : [[match[1], match[2]]];
  }));
}

export interface Managed {
  name: string;
  state: 'up' | 'restarting' | 'down';
  /** In the words of the init system. */
  detail: string;
  /** Whether it is to be started by itself; null where that is not said. */
  wanted: boolean | null;
  restarts: number | null;
}

/** The service of the first of these names that the init system knows; null where it knows none, or says nothing. */
export function managed(seen: HostSeen, names: readonly string[]): Managed | null {
  const units = unitsOf(seen);
  const known = names.map((name) => units.get(`${name}.service`)).filter((unit) => unit !== undefined && unit.load === 'loaded');
  // Of two names for the same thing the one that runs counts.
  const unit = known.find((one) => one?.active === 'active') ?? known.find((one) => one?.file === 'enabled') ?? known[0];
  if (unit !== undefined) {
    const state = unit.active === 'active' || unit.active === 'reloading' ? 'up' : unit.active === 'activating' ? 'restarting' : 'down';
    return { name: unit.id, state, detail: `${unit.active} (${unit.sub})`, wanted: unit.file === '' ? null : unit.file.startsWith('enabled') || unit.active === 'failed', restarts: unit.restarts };
  }
  const rc = rcServicesOf(seen);
  const name = names.find((one) => rc.has(one));
  const said = name === undefined ? undefined : rc.get(name);
  if (name === undefined || said === undefined) return null;
  return { name, state: said === 'started' ? 'up' : said === 'starting' ? 'restarting' : 'down', detail: said, wanted: null, restarts: null };
}

/** How to start it, and to take that back. */
export function startCommand(seen: HostSeen, name: string): { do: string; undo: string } {
  return seen.text('units') === null ? { do: `sudo rc-service ${name} start`, undo: `sudo rc-service ${name} stop` } : { do: `sudo systemctl start ${name}`, undo: `sudo systemctl stop ${name}` };
}
