/** Which keys of a host OpenSSH's files know, beside what is decided here. */
import type { ImportedHostKey, ImportFile, ImportProblem } from '#shared/contract/imports.ts';
import type { KnownHostKey } from '#shared/domain/host-trust.ts';
import { fingerprintOf, isHostKeyType } from '../ssh/host-key.ts';
import { isAbout, parseKnownHosts, type KnownHostsEntry } from '../ssh/known-hosts.ts';
import { digest, readText } from './read-file.ts';

export interface KnownHostsFiles {
  /** What one of the files says, read once. */
  entries(path: string): readonly KnownHostsEntry[];
  readonly files: ImportFile[];
  readonly problems: ImportProblem[];
  readonly digests: string[];
}

/** @param isChosen whether a file that is not there is worth a word */
export function createKnownHostsFiles(isChosen: (path: string) => boolean): KnownHostsFiles {
  const read = new Map<string, readonly KnownHostsEntry[]>();
  const files: ImportFile[] = [];
  const problems: ImportProblem[] = [];
  const digests: string[] = [];
  return {
    files, problems, digests,
    entries(path) {
      const known = read.get(path);
      if (known !== undefined) return known;
      const file = readText(path);
      const parsed = file.state === 'read' ? parseKnownHosts(file.text) : { entries: [], problems: [] };
      read.set(path, parsed.entries);
      digests.push(`${path} ${file.state === 'read' ? digest(file.text) : file.state}`);
      if (file.state !== 'absent' || isChosen(path)) files.push({ path, kind: 'known-hosts', state: file.state });
      if (file.state === 'unusable') problems.push({ file: path, line: null, reason: file.reason });
      for (const { line, reason } of parsed.problems) problems.push({ file: path, line, reason });
      return parsed.entries;
    },
  };
}

/** A key with what is to be shown of it. */
export interface FoundKey extends ImportedHostKey {
  key: string;
}

/**
 * @param name under which the host is known: its alias for keys, or its own name and port
 * @param here what is decided here about the machine
 */
export function keysOf(name: { host: string; port: number }, paths: readonly string[], known: KnownHostsFiles, here: readonly KnownHostKey[]): { keys: FoundKey[]; cautions: string[] } {
  const about = paths.flatMap((file) => known.entries(file).filter((entry) => isAbout(entry, name.host, name.port)).map((entry) => ({ ...entry, file })));
  const cautions = about.filter(({ marker }) => marker === 'cert-authority').map(({ file, line }) => `${file}:${line} trusts an authority (@cert-authority), which is not supported: its key is compared when it is connected to for the first time.`);
  const revoked = new Set(about.filter(({ marker }) => marker === 'revoked').map(({ key }) => key));
  const trustedHere = here.filter((each) => !each.revoked);
  const keys = new Map<string, FoundKey>();
  for (const { marker, file, line, keyType: type, key } of about) {
    if (marker === 'cert-authority' || keys.has(key)) continue;
    const found = (state: ImportedHostKey['state'], reason: string | null): void => void keys.set(key, { type, key, fingerprint: fingerprintOf({ type, key }), file, line, state, reason });
    if (here.some((each) => each.revoked && each.key === key)) found('known-revoked', 'It was revoked here, and is not trusted again.');
    else if (revoked.has(key)) found('revoked', 'It is revoked there, and is refused from now on.');
    else if (!isHostKeyType(type)) found('unsupported', `Keys of type ${type} cannot be checked.`);
    else if (trustedHere.some((each) => each.key === key)) found('known', null);
    else if (trustedHere.length > 0) found('conflict', 'Another key is trusted here. It is replaced only by a person who has compared both.');
    else found('new', null);
  }
  return { keys: [...keys.values()], cautions };
}
