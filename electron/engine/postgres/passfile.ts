/**
 * libpq's password file: lines of `host:port:database:user:password`, the first that fits counts, `*` fits all, and a
 * backslash takes the next character as it is. Source: libpq's "The Password File".
 */
import { open } from 'node:fs/promises';
import { Secret } from '#shared/domain/secret.ts';
import { isOpenToOthers } from '../platform/private-files.ts';
import { textOf } from '../platform/text.ts';
import { failure, type Place } from './place.ts';

const largestBytes = 1_000_000;

/** What stands before an unescaped colon, and what comes after it; null where there is no such colon. */
function cutField(line: string): { field: string; isAny: boolean; rest: string } | null {
  let field = '';
  for (let at = 0; at < line.length; at += 1) {
    if (line[at] === ':') return { field, isAny: line.startsWith('*:'), rest: line.slice(at + 1) };
    if (line[at] === '\\') at += 1;
    field += line[at] ?? '';
  }
  return null;
}

/** The password that a file's text holds for these four values, or null. */
export function findInPassfile(text: string, wanted: readonly [host: string, port: string, database: string, user: string]): string | null {
  for (const line of text.split(/\r*\n/)) {
    if (line.startsWith('#')) continue;
    let rest = line.replace(/\r+$/, '');
    const fits = wanted.every((value) => {
      const cut = cutField(rest);
      if (cut === null) return false;
      rest = cut.rest;
      return cut.isAny || cut.field === value;
    });
    if (fits) return rest.replace(/\\([\s\S]?)/g, '$1');
  }
  return null;
}

/** What a line is for, without its password. Null as a field: it fits all. */
export interface PassfileLine {
  line: number;
  /** Host, port, database, user; null where the line is not one. */
  fields: readonly [string | null, string | null, string | null, string | null] | null;
}

/** The lines of a file that say something, in order. Their passwords are left where they are. */
export function readPassfileLines(text: string): PassfileLine[] {
  return text.split(/\r*\n/).flatMap((content, index): PassfileLine[] => {
    let rest = content.replace(/\r+$/, '');
    if (rest === '' || rest.startsWith('#')) return [];
    const fields: (string | null)[] = [];
    for (let cut = cutField(rest); cut !== null && fields.length < 4; cut = cutField(rest)) {
      fields.push(cut.isAny ? null : cut.field);
      rest = cut.rest;
    }
    const [host = null, port = null, database = null, user = null] = fields;
    return [{ line: index + 1, fields: fields.length === 4 ? [host, port, database, user] : null }];
  });
}

const escape = (text: string): string => text.replace(/[:\\]/g, '\\$&');

/** One line for a host, port and user, and any database. */
export function passfileLine(host: string, port: number, user: string, password: string): string {
  // libpq compares a socket folder in more than one way.
  return `${host.startsWith('/') ? '*' : escape(host)}:${port}:*:${escape(user)}:${escape(password)}\n`;
}

/**
 * Looks up a password in a file. As libpq does, a file that others may read is refused, but never in silence.
 * @throws postgres.password-needed where there is no such file, it is open to others, or nothing in it fits
 */
export async function readPassfile(path: string, place: Place): Promise<Secret> {
  const refuse = (what: string, hint: string, cause?: unknown): Error => failure('postgres.password-needed', place, what, { hint, details: { path }, cause });
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      const facts = await file.stat();
      if (!facts.isFile()) throw refuse(`the passfile ${path} is not a plain file.`, 'Name a file.');
      if (isOpenToOthers(facts.mode)) throw refuse(`the passfile ${path} may be read by others, so it is not used.`, `Run: chmod 0600 ${path}`);
      if (facts.size > largestBytes) throw refuse(`the passfile ${path} is larger than a megabyte.`, 'Name a file in libpq\'s format.');
      text = textOf(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw refuse(`the passfile ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? ''}).`, 'Check the path, or choose another source for the password.', error);
  }
  const host = place.host.startsWith('/') && findInPassfile(text, [place.host, String(place.port), place.database, place.user]) === null ? 'localhost' : place.host;
  const found = findInPassfile(text, [host, String(place.port), place.database, place.user]);
  if (found === null || found === '') throw refuse(`no line of the passfile ${path} fits ${place.user} at ${place.host}:${place.port}.`, 'Add the line host:port:database:user:password, or choose another source.');
  return new Secret(found);
}
