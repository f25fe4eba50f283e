/** What the SSH host of the practice system is made of: a folder with its home, its own key, and the one key that it lets in. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ssh2, { type ParsedKey } from 'ssh2';
import { PilothouseError } from '#shared/domain/errors.ts';
import { removeInside } from '../folder.ts';
import type { PracticePlace } from '../place.ts';

export interface HostKeys {
  /** The private key by which the host is known. */
  hostKey: ParsedKey;
  /** As the server wants it. */
  hostKeyText: string;
  /** The key that may sign in. */
  clientKey: ParsedKey;
}

export const hostStands = ({ host }: PracticePlace): boolean => existsSync(host.folder);

/** Makes the folder with both keys, once: complete beside its place and renamed, so that it is there whole or not at all. */
export function makeHostFolder(place: PracticePlace): void {
  if (hostStands(place)) return;
  const unfinished = `${place.host.folder}.partial`;
  removeInside(place, unfinished);
  mkdirSync(unfinished, { mode: 0o700 });
  mkdirSync(join(unfinished, basename(place.host.home)), { mode: 0o700 });
  for (const path of [place.host.hostKey, place.host.clientKey]) {
    // Keys come from the library that uses them; what is drawn by `ports.random` would be no key yet.
    const { private: text } = ssh2.utils.generateKeyPairSync('ed25519', { comment: 'pilothouse practice' });
    writeFileSync(join(unfinished, basename(path)), text, { mode: 0o600 });
  }
  renameSync(unfinished, place.host.folder);
}

function readKey(path: string): { text: string; key: ParsedKey } {
  const text = readFileSync(path, 'utf8');
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw new PilothouseError('practice.start-failed', `The key ${path} of the practice host cannot be read: ${key.message}.`, { hint: 'Remove the practice system and start it again: that makes new keys.', cause: key });
  // A file of OpenSSH's could hold several; ours hold one.
  return { text, key: Array.isArray(key) ? (key[0] as ParsedKey) : key };
}

/** @throws practice.start-failed where a key is damaged */
export function readHostKeys({ host }: PracticePlace): HostKeys {
  const hostKey = readKey(host.hostKey);
  return { hostKey: hostKey.key, hostKeyText: hostKey.text, clientKey: readKey(host.clientKey).key };
}

/** The port that it had before, or null. */
export function readKeptPort({ host }: PracticePlace): number | null {
  if (!existsSync(host.port)) return null;
  const port = Number(readFileSync(host.port, 'utf8').trim());
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}

export function keepPort({ host }: PracticePlace, port: number): void {
  const unfinished = `${host.port}.part`;
  writeFileSync(unfinished, `${port}\n`, { mode: 0o600 });
  renameSync(unfinished, host.port);
}
