/** The file in which OpenSSH keeps the keys of hosts. Source: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT", and hostfile.c. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { linesOf } from '../platform/text.ts';

export interface KnownHostsEntry {
  line: number;
  marker: 'revoked' | 'cert-authority' | null;
  /** Host patterns as they stand: "web.example,10.0.0.7", "[db]:2222", "*.example,!old.example", "|1|salt|hash". */
  hosts: string;
  /** "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", … */
  keyType: string;
  /** The key as in the file: base64 of the wire format. */
  key: string;
  comment: string;
}

/** A line that cannot be used, and why. */
export interface KnownHostsProblem {
  line: number;
  text: string;
  reason: string;
}

export interface KnownHosts {
  entries: KnownHostsEntry[];
  problems: KnownHostsProblem[];
}

const markers = { '@revoked': 'revoked', '@cert-authority': 'cert-authority' } as const;

/** The type that a key itself names in its first field; null where it is no key. */
export function typeInKey(key: string): string | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key)) return null;
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length < 8) return null;
  const length = bytes.readUInt32BE(0);
  return length > 64 || bytes.length < 4 + length ? null : bytes.toString('latin1', 4, 4 + length);
}

function parseLine(text: string, line: number): KnownHostsEntry | string {
  const words = text.trim().split(/[ \t]+/);
  const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
  if (marker !== undefined && !Object.hasOwn(markers, marker)) return `${marker} is no marker that OpenSSH knows`;
  const [hosts, keyType, key, ...comment] = words;
  if (hosts === undefined || keyType === undefined || key === undefined) return 'a line is hosts, type of the key, and the key';
  if (/^\d+$/.test(keyType)) return 'a key of protocol 1, which no server speaks any more';
  const named = typeInKey(key);
  if (named === null) return 'the key is not base64 of a key';
  if (named !== keyType) return `the key is of type ${named}, not ${keyType}`;
  if (hosts.startsWith('|') && !/^\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=$/.test(hosts)) return 'the hashed name is not written as OpenSSH does it';
  return { line, marker: marker === undefined ? null : markers[marker as keyof typeof markers], hosts, keyType, key, comment: comment.join(' ') };
}

/** Reads a file. What cannot be used is a problem with its line, never an error and never a guess. */
export function parseKnownHosts(text: string): KnownHosts {
  const known: KnownHosts = { entries: [], problems: [] };
  linesOf(text).forEach((content, index) => {
    if (content.trim() === '' || content.trimStart().startsWith('#')) return;
    const parsed = parseLine(content, index + 1);
    if (typeof parsed === 'string') known.problems.push({ line: index + 1, text: content, reason: parsed });
    else known.entries.push(parsed);
  });
  return known;
}

/** How OpenSSH calls a host in this file: by its name alone at port 22, else "[name]:port". In lower case. */
export function knownHostsName(host: string, port: number): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

function fitsHash(hosts: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hosts.split('|');
  const wanted = Buffer.from(hash, 'base64');
  const made = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === made.length && timingSafeEqual(wanted, made);
}

/** Whether a pattern with `*` and `?` fits a name, in time that is linear in both. */
export function fitsPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  let place = 0;
  while (at < name.length) {
    if (pattern[place] === '*') {
      star = place++;
      resume = at;
    } else if (place < pattern.length && (pattern[place] === '?' || pattern[place] === name[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      place = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[place] === '*') place += 1;
  return place === pattern.length;
}

/**
 * Whether a list of patterns fits a name: one that is negated and fits rules the whole list out. Names of hosts are the
 * same in capitals; those of users, and what Host in a configuration is compared with, are not.
 */
export function fitsPatterns(patterns: readonly string[], name: string, as: 'host' | 'text' = 'host'): boolean {
  const folded = (text: string): string => (as === 'host' ? text.toLowerCase() : text);
  const fitting = patterns.map(folded).filter((pattern) => fitsPattern(pattern.replace(/^!/, ''), folded(name)));
  return fitting.length > 0 && fitting.every((pattern) => !pattern.startsWith('!'));
}

/** Whether an entry is about a host. */
export function isAbout(entry: Pick<KnownHostsEntry, 'hosts'>, host: string, port: number): boolean {
  const name = knownHostsName(host, port);
  return entry.hosts.startsWith('|') ? fitsHash(entry.hosts, name) : fitsPatterns(entry.hosts.split(','), name);
}
