import { PilothouseError } from './errors.ts';
import { readKeyValues } from './key-value-text.ts';
import { Secret } from './secret.ts';
import { tlsModes, type TlsMode } from './tls-mode.ts';

/** What a pasted connection text says, without the password that may stand in it. */
export interface ParsedConnectionText {
  connection: { host: string; port: number; database: string; user: string; tls: { mode: TlsMode; ca: string | null } };
  hasPassword: boolean;
  /** Parameters that were understood otherwise or not at all, in words. */
  notes: string[];
}

const defaultPort = 5432;

function invalid(problem: string, hint = 'It looks like postgres://user@host:5432/database?sslmode=verify-full, or host=… port=… dbname=… user=….'): PilothouseError {
  return new PilothouseError('postgres.url-invalid', `This is not a connection we can read: ${problem}.`, { hint });
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // The text itself may be a password: the error says only where it stands.
    throw invalid(`the ${what} has a % that is not followed by two hexadecimal digits of UTF-8`, 'Write a % as %25.');
  }
}

/** Host and port of a URL's authority part. IPv6 addresses stand in brackets, socket folders are percent-encoded. */
function readAuthority(authority: string): { host: string; port: string } {
  if (authority.includes(',')) throw invalid('it names several hosts', 'Add each server as a database of its own, so that it is always clear which one is written to.');
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority);
  if (bracketed) return { host: bracketed[1] ?? '', port: bracketed[2] ?? '' };
  if (authority.startsWith('[')) throw invalid('a bracket around an IPv6 address is not closed');
  const parts = authority.split(':');
  if (parts.length > 2) throw invalid('an IPv6 address stands without brackets, or there is a colon too many', 'Write [::1]:5432.');
  return { host: decode(parts[0] ?? '', 'host'), port: parts[1] ?? '' };
}

/** A URL's parts as libpq's keywords. Source: libpq's "Connection URIs". */
function readUrl(text: string): Map<string, string> {
  const values = new Map<string, string>();
  const set = (key: string, value: string): void => void (value !== '' && values.set(key, value));
  const rest = text.replace(/^postgres(?:ql)?:\/\//i, '');
  const queryAt = rest.indexOf('?');
  const beforeQuery = queryAt === -1 ? rest : rest.slice(0, queryAt);
  const query = queryAt === -1 ? '' : rest.slice(queryAt + 1);
  // The last @ before the path ends the user's part, so that a password with an @ in it is not taken for a host.
  const slashAt = beforeQuery.indexOf('/', beforeQuery.lastIndexOf('@') + 1);
  const head = slashAt === -1 ? beforeQuery : beforeQuery.slice(0, slashAt);
  const userEnd = head.lastIndexOf('@');
  if (userEnd !== -1) {
    const credentials = head.slice(0, userEnd);
    const colon = credentials.indexOf(':');
    set('user', decode(colon === -1 ? credentials : credentials.slice(0, colon), 'user'));
    if (colon !== -1) set('password', decode(credentials.slice(colon + 1), 'password'));
  }
  const { host, port } = readAuthority(head.slice(userEnd + 1));
  set('host', host);
  set('port', port);
  if (slashAt !== -1) set('dbname', decode(beforeQuery.slice(slashAt + 1), 'database'));
  for (const pair of query.split('&').filter((part) => part !== '')) {
    const equals = pair.indexOf('=');
    if (equals === -1) throw invalid('a parameter after the ? has no value');
    // As in libpq, a + is a plus sign here and not a space.
    const key = decode(pair.slice(0, equals), 'parameter name');
    values.set(key === 'ssl' && pair.slice(equals + 1) === 'true' ? 'sslmode' : key, key === 'ssl' && pair.slice(equals + 1) === 'true' ? 'require' : decode(pair.slice(equals + 1), key));
  }
  return values;
}

function readPort(text: string | undefined): number {
  if (text === undefined) return defaultPort;
  if (text.includes(',')) throw invalid('it names several ports', 'Add each server as a database of its own.');
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw invalid('the port is not a number from 1 to 65535');
  return port;
}

function readTls(text: string | undefined, socket: boolean, notes: string[]): TlsMode {
  if (socket) {
    if (text !== undefined && text !== 'disable' && text !== 'prefer') notes.push(`sslmode=${text} has no meaning on a local socket, which is never encrypted.`);
    return 'disable';
  }
  if (text === undefined) return 'prefer';
  const mode = tlsModes.find((each) => each === text);
  if (mode !== undefined) return mode;
  if (text === 'allow') {
    notes.push('sslmode=allow became prefer: encrypted wherever the server can.');
    return 'prefer';
  }
  throw invalid('sslmode is none of disable, prefer, require, verify-ca, verify-full');
}

const understood = new Set(['host', 'hostaddr', 'port', 'dbname', 'user', 'password', 'sslmode']);
/** What we decide ourselves, and why a pasted value is not taken over. */
const otherwise: Record<string, string> = {
  sslrootcert: 'is a file: open it and paste its text as the authority to trust.',
  sslcert: 'is not used: certificates of clients are not supported yet.',
  sslkey: 'is not used: certificates of clients are not supported yet.',
  passfile: 'is not taken over: choose it as the source of the password.',
  service: 'is not looked up: give host, port, database and user.',
  application_name: 'is not used: our sessions are named pilothouse, so that they can be found.',
  fallback_application_name: 'is not used: our sessions are named pilothouse, so that they can be found.',
  connect_timeout: 'is not used: a connection is given up after ten seconds per layer.',
  target_session_attrs: 'is not used: what is written to is always the server that was named.',
  options: 'is not used: settings of a session are ours, and stand in the history.',
  channel_binding: 'is not used.',
  gssencmode: 'is not used: Kerberos is not supported.',
  client_encoding: 'is not used: text is always UTF-8.',
};

/**
 * Reads a pasted `postgres://` or `postgresql://` URL, or a libpq `key=value` string, with its password.
 * @throws postgres.url-invalid, which never repeats any part that could be a password
 */
export function readConnectionText(text: string): ParsedConnectionText & { password: Secret | null } {
  const trimmed = text.trim();
  if (trimmed === '') throw invalid('it is empty');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== 'postgres' && scheme !== 'postgresql') throw invalid(`it begins with ${scheme}://, which is no address of a Postgres server`);
  const values = /^postgres(?:ql)?:\/\//i.test(trimmed) ? readUrl(trimmed) : readKeyValues(trimmed, invalid);
  const notes: string[] = [];

  const named = values.get('host');
  const address = values.get('hostaddr');
  const host = named ?? address ?? 'localhost';
  if (host.includes(',')) throw invalid('it names several hosts', 'Add each server as a database of its own, so that it is always clear which one is written to.');
  if (named === undefined && address === undefined) notes.push('No host was named: localhost is meant.');
  if (named !== undefined && address !== undefined) notes.push(`hostaddr is not used: ${named} is looked up by its name.`);
  const user = values.get('user');
  if (user === undefined) throw invalid('it names no user', 'Add the user: postgres://user@host/database, or user=….');
  const database = values.get('dbname');
  if (database === undefined) notes.push(`No database was named: ${user}, like the user, is meant, as it is everywhere in Postgres.`);
  const connection: ParsedConnectionText['connection'] = {
    host,
    port: readPort(values.get('port')),
    database: database ?? user,
    user,
    tls: { mode: readTls(values.get('sslmode'), host.startsWith('/'), notes), ca: null },
  };
  const limits: [string, string, number][] = [['host', host, 255], ['database', connection.database, 63], ['user', user, 63]];
  for (const [what, value, longest] of limits) {
    if (value.length > longest) throw invalid(`the ${what} is longer than ${longest} characters`);
    if (value.includes('\0')) throw invalid(`the ${what} has a NUL character in it`);
  }

  for (const key of values.keys()) {
    if (understood.has(key)) continue;
    notes.push(`${key} ${otherwise[key] ?? 'is not known here and was left out.'}`);
  }
  const password = values.get('password');
  return { connection, hasPassword: password !== undefined, notes, password: password === undefined ? null : new Secret(password) };
}

/**
 * As `readConnectionText`, without the password: what may be shown and sent on.
 * @throws postgres.url-invalid
 */
export function parseConnectionText(text: string): ParsedConnectionText {
  const { connection, hasPassword, notes } = readConnectionText(text);
  return { connection, hasPassword, notes };
}
