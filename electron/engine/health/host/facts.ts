/** What several checks want to know of a host. */
import { numberOf } from '../findings.ts';
import type { HostSeen } from './read-output.ts';

export interface HostUser {
  name: string;
  isRoot: boolean;
  groups: string[];
}

export function userOf(seen: HostSeen): HostUser {
  const [uid = '', name = '', groups = ''] = seen.lines('user');
  return { name: /^[\w.$-]+$/.test(name) ? name : uid, isRoot: uid === '0', groups: groups.split(' ').filter((group) => group !== '') };
}

export type Init = 'systemd' | 'openrc' | 'another';

export function initOf(seen: HostSeen): Init {
  const [name] = seen.lines('init');
  return name === 'systemd' || name === 'openrc' ? name : 'another';
}

/** Whether it says of itself that it is a container. */
export const inContainer = (seen: HostSeen) => seen.lines('container').length > 0;

/** The seconds since the epoch by the host's own clock. */
export function clockOf(seen: HostSeen): number | null {
  const [line] = seen.lines('clock');
  return line !== undefined && /^\d{9,11}$/.test(line) ? Number(line) : null;
}

/** Lines of "name value", as in /proc/meminfo without its units. */
export function figuresOf(lines: readonly string[]): Map<string, number> {
  const figures = new Map<string, number>();
  for (const line of lines) {
    const match = /^([^\s:]+):?\s+(\d+)(?:\s|$)/.exec(line);
    const value = numberOf(match?.[2]);
    if (match?.[1] !== undefined && value !== null && !figures.has(match[1])) figures.set(match[1], value);
  }
  return figures;
}

/** KEY=value of a file of shell variables, without its quotes. */
export function settingsOf(lines: readonly string[]): Map<string, string> {
  return new Map(lines.flatMap((line): [string, string][] => {
    const match = /^([A-Za-z_]\w*)=(.*)$/.exec(line);
    return match?.[1] === undefined ? [] : [[match[1], (match[2] ?? '').replace(/^(["'])(.*)\1$/, '$2')]];
  }));
}

/** "file PATH" before the lines of that file, "shut PATH" for one that may not be read. */
export function filesOf(lines: readonly string[]): { path: string; shut: boolean; lines: string[] }[] {
  const files: { path: string; shut: boolean; lines: string[] }[] = [];
  for (const line of lines) {
    const match = /^(file|shut) (\/.*)$/.exec(line);
    if (match?.[2] !== undefined) files.push({ path: match[2], shut: match[1] === 'shut', lines: [] });
    else files.at(-1)?.lines.push(line);
  }
  return files;
}

/** A command that only root may give, as this account would give it. */
export const asRoot = (user: HostUser, command: string) => (user.isRoot ? command : `sudo ${command}`);
