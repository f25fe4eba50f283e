/** Databases of files and pasted text as they would be imported, beside what is here. Passwords stay where they are. */
import { isAbsolute } from 'node:path';
import { databaseConnection, type Database, type DatabaseConnection } from '#shared/contract/systems.ts';
import type { ImportedDatabase, ImportFile, ImportProblem } from '#shared/contract/imports.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { readKeyValues, writeKeyValue } from '#shared/domain/key-value-text.ts';
import { readConnectionText } from '#shared/domain/postgres-url.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { TlsMode } from '#shared/domain/tls-mode.ts';
import { postgresFiles } from '../platform/folders.ts';
import { linesOf } from '../platform/text.ts';
import { readPassfileLines, type PassfileLine } from '../postgres/index.ts';
import type { ConfigOwner } from '../ssh/config/resolve.ts';
import { wholePath } from './person.ts';
import { readPgadminFile } from './pgadmin-file.ts';
import { digest, readText, type FileText } from './read-file.ts';
import { readServiceFile } from './service-file.ts';
import { pasted } from './ssh-command.ts';

export interface DatabaseSource {
  passfilePath?: string | undefined;
  serviceFilePath?: string | undefined;
  pgadminPath?: string | undefined;
  text?: Secret | undefined;
}

/** A database that may be imported. */
export interface DatabaseItem {
  shown: ImportedDatabase;
  /** Null where it is not supported. */
  connection: Omit<DatabaseConnection, 'password' | 'viaId'> | null;
  /** The file that holds its password. */
  passfile: string | null;
  /** The password that stands in what is read. */
  password: Secret | null;
}

export interface DatabasePreview {
  hash: string;
  files: ImportFile[];
  problems: ImportProblem[];
  items: DatabaseItem[];
}

export interface DatabaseImportDependencies {
  person: ConfigOwner;
  /** The databases of the system that is imported into; none where it is not there yet. */
  databases: readonly Database[];
  /** The host through which they would be reached. */
  viaId: string | null;
}

const mostDatabases = 1000;
const longestLabel = 80;
/** As of a connection. */
const largestAuthority = 200_000;

type Place = Pick<DatabaseConnection, 'host' | 'port' | 'database' | 'user'>;
const placeText = ({ host, port, database, user }: Place): string => JSON.stringify([host.toLowerCase(), port, database, user]);

/** The first line that fits, as libpq takes it. */
function fittingLine(lines: readonly PassfileLine[], { host, port, database, user }: Place): PassfileLine | null {
  const first = (named: string): PassfileLine | null => lines.find(({ fields }) => fields !== null && [named, String(port), database, user].every((value, index) => fields[index] === null || fields[index] === value)) ?? null;
  return first(host) ?? (host.startsWith('/') ? first('localhost') : null);
}

/** "postgres://…" as it stands in notes and in files of settings: `export DATABASE_URL="…"`, `psql '…'`. Anything else as it is. */
function connectionIn(line: string): string {
  const trimmed = line.trim();
  const wrapped = /^(?:(?:export|set)\s+)?(?:[\w.-]+\s*[=:]\s*|psql\s+)(["']?)(postgres(?:ql)?:\/\/[^\s"']+)\1[;,]?$/i.exec(trimmed);
  return wrapped?.[2] ?? trimmed;
}

/** The file of an authority that a text names which could be read as a connection. */
function authorityNamedIn(text: string): string | undefined {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) return readKeyValues(text, (problem) => new Error(problem)).get('sslrootcert');
  const found = /[?&]sslrootcert=([^&]+)/.exec(text)?.[1];
  return found === undefined ? undefined : decodeURIComponent(found);
}

/** Reads everything, and shows it beside what is here. Changes nothing. */
export function previewDatabases(source: DatabaseSource, { person, databases, viaId }: DatabaseImportDependencies): DatabasePreview {
  const files: ImportFile[] = [];
  const problems: ImportProblem[] = [];
  const digests: string[] = [];
  const items: DatabaseItem[] = [];
  /** By where they are: the first of those that are the same. */
  const listed = new Map<string, DatabaseItem>();
  let left = 0;
  const usual = postgresFiles(person);
  const isUsual = source.passfilePath === undefined && source.serviceFilePath === undefined && source.pgadminPath === undefined && source.text === undefined;

  /** @param isAskedFor whether a file that is not there is worth a word */
  const read = (path: string, kind: ImportFile['kind'], isAskedFor: boolean): FileText => {
    const file = readText(path);
    digests.push(`${path} ${file.state === 'read' ? `${digest(file.text)} ${file.openToOthers}` : file.state}`);
    if (file.state !== 'absent' || isAskedFor) files.push({ path, kind, state: file.state });
    if (file.state === 'unusable') problems.push({ file: path, line: null, reason: file.reason });
    return file;
  };

  /** The certificates of the authority that a connection trusts, by the file that is named or the one that libpq looks for. */
  const authorityOf = (named: string | undefined, mode: TlsMode): { ca: string | null; cautions: string[] } => {
    const path = named ?? (mode === 'verify-ca' || mode === 'verify-full' ? usual.authority : null);
    if (path === null || path === 'system') return { ca: null, cautions: [] };
    if (!isAbsolute(path)) return { ca: null, cautions: [`The file of its authority (${path}) is named by a relative path, from a folder that is not known here.`] };
    const file = readText(path, largestAuthority);
    digests.push(`${path} ${file.state === 'read' ? digest(file.text) : file.state}`);
    // Nothing but certificates is taken over, whatever else stands there.
    const certificates = file.state === 'read' ? (file.text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []) : [];
    if (certificates.length > 0) return { ca: `${certificates.join('\n')}\n`, cautions: [`The authority that it trusts is taken over from ${path}.`] };
    return { ca: null, cautions: named === undefined && file.state === 'absent' ? [] : [`No certificate could be read from ${path}: the authorities of this computer are trusted instead.`] };
  };

  const passfile = source.passfilePath === undefined ? usual.passfile : wholePath(source.passfilePath, person);
  const passfileText = read(passfile, 'passfile', isUsual || source.passfilePath !== undefined);
  const lines = passfileText.state === 'read' ? readPassfileLines(passfileText.text) : [];
  const isOpen = passfileText.state === 'read' && passfileText.openToOthers;
  const openWords = `${passfile} may be read by others, so neither libpq nor Pilothouse uses it. Run: chmod 0600 ${passfile}`;

  const add = (from: ImportedDatabase['from'], file: string, line: number | null, id: string, rest: Partial<Omit<DatabaseItem, 'shown'>> & { label: string; unsupported?: string[]; cautions?: string[]; place?: Partial<Place> }): void => {
    if (items.length >= mostDatabases) {
      left += 1;
      return;
    }
    const { connection = null, passfile: named = null, password = null, label, unsupported = [], cautions = [], place = {} } = rest;
    const reasons = [...unsupported];
    const notes = [...cautions];
    let path = named;
    if (connection !== null) {
      const fits = databaseConnection.safeParse({ ...connection, password: { source: 'ask' } });
      if (!fits.success) reasons.push('Its host, port, database or user is nothing that can be connected to.');
      if (path === null && password === null && fittingLine(lines, connection) !== null) {
        if (isOpen) notes.push(openWords);
        else path = passfile;
      }
    }
    const at = connection ?? place;
    const isWhole = connection !== null && reasons.length === 0;
    const here = isWhole ? databases.find((each) => placeText(each.connection) === placeText(connection) && each.connection.viaId === viaId) : undefined;
    const twin = isWhole ? listed.get(placeText(connection)) : undefined;
    const item: DatabaseItem = {
      shown: {
        id, from, file, line, label: label.slice(0, longestLabel),
        host: at.host ?? null, port: at.port ?? null, database: at.database ?? null, user: at.user ?? null, tls: connection?.tls.mode ?? null,
        password: password !== null ? 'given' : path !== null ? 'passfile' : 'ask',
        state: !isWhole ? 'unsupported' : here !== undefined || twin !== undefined ? 'known' : 'new',
        reasons: !isWhole ? reasons : here !== undefined ? [`It is here as ${here.label}.`] : twin !== undefined ? [`It is the same as ${twin.shown.label}, which is listed.`] : [],
        cautions: isWhole ? notes : [], databaseId: here?.id ?? null,
      },
      connection: isWhole ? connection : null, passfile: path, password,
    };
    items.push(item);
    if (isWhole && twin === undefined) listed.set(placeText(connection), item);
  };

  /** @param values by libpq's keywords */
  const addValues = (from: 'service-file' | 'pgadmin', file: string, line: number | null, id: string, label: string, values: ReadonlyMap<string, string>, more: { unsupported: string[]; cautions: string[] }): void => {
    const cautions = [...more.cautions];
    const rest = new Map([...values].filter(([key]) => key !== 'passfile' && key !== 'sslrootcert'));
    if (!rest.has('user')) {
      rest.set('user', person.user);
      cautions.push(`It names no user: ${person.user}, your name on this computer, is meant, as it is everywhere in Postgres.`);
    }
    const named = values.get('passfile') ?? null;
    if (named !== null && !isAbsolute(named)) cautions.push('Its passfile is named by a relative path, from a folder that is not known here.');
    try {
      const { connection, notes, password } = readConnectionText([...rest].map(([key, value]) => writeKeyValue(key, value)).join(' '));
      const { ca, cautions: ofAuthority } = authorityOf(values.get('sslrootcert'), connection.tls.mode);
      add(from, file, line, id, { label, connection: { ...connection, tls: { ...connection.tls, ca }, tools: { where: 'here' } }, password, passfile: password === null && named !== null && isAbsolute(named) ? named : null, unsupported: more.unsupported, cautions: [...cautions, ...notes, ...ofAuthority] });
    } catch (error) {
      if (!isPilothouseError(error)) throw error;
      add(from, file, line, id, { label, unsupported: [...more.unsupported, error.message] });
    }
  };

  const addServices = (file: string, text: string): void => {
    const { services, problems: outside } = readServiceFile(text);
    for (const { line, reason } of outside) problems.push({ file, line, reason });
    const names = new Set<string>();
    for (const { name, line, values, problems: inside } of services) {
      const isAgain = names.has(name);
      names.add(name);
      const unsupported = [...inside.map((each) => `${file}:${each.line}: ${each.reason}.`), ...(isAgain ? ['A service of this name stands before it, which is the one that libpq takes.'] : [])];
      addValues('service-file', file, line, `service-${files.length}:${line}`, name, values, { unsupported, cautions: [] });
    }
  };

  const addPgadmin = (file: string, text: string): void => {
    const list = readPgadminFile(text);
    if ('problem' in list) return void problems.push({ file, line: null, reason: list.problem });
    for (const { number, name, values, tunnel, problem } of list.servers) {
      addValues('pgadmin', file, null, `pgadmin-${files.length}:${number.slice(0, 100)}`, name, values, { unsupported: problem === null ? [] : [problem], cautions: tunnel === null ? [] : [`pgAdmin reaches it through the SSH tunnel of ${tunnel || 'a host'}: import that host, and choose it as the way.`] });
    }
  };

  const addText = (text: string): void => {
    files.push({ path: pasted, kind: 'text', state: 'read' });
    if (text.trimStart().startsWith('{')) return addPgadmin(pasted, text);
    if (/^\s*\[[^\]\n]+\]\s*$/m.test(text)) return addServices(pasted, text);
    linesOf(text).forEach((content, index) => {
      if (content.trim() === '' || content.trim().startsWith('#')) return;
      try {
        const given = connectionIn(content);
        const { connection, notes, password } = readConnectionText(given);
        const { ca, cautions } = authorityOf(authorityNamedIn(given), connection.tls.mode);
        add('text', pasted, index + 1, `text:${index + 1}`, { label: connection.database, connection: { ...connection, tls: { ...connection.tls, ca }, tools: { where: 'here' } }, password, cautions: [...notes.filter((words) => !words.startsWith('sslrootcert ')), ...cautions] });
      } catch (error) {
        if (!isPilothouseError(error)) throw error;
        problems.push({ file: pasted, line: index + 1, reason: error.message });
      }
    });
  };

  if (isUsual || source.serviceFilePath !== undefined) {
    const paths = source.serviceFilePath === undefined ? usual.serviceFiles : [wholePath(source.serviceFilePath, person)];
    paths.forEach((path, index) => {
      const file = read(path, 'service-file', index === 0);
      if (file.state === 'read') addServices(path, file.text);
    });
  }
  if (source.pgadminPath !== undefined) {
    const path = wholePath(source.pgadminPath, person);
    const file = read(path, 'pgadmin', true);
    if (file.state === 'read') addPgadmin(path, file.text);
  }
  if (source.text !== undefined) addText(source.text.reveal());
  if (isUsual || source.passfilePath !== undefined) {
    for (const { line, fields } of lines) {
      const id = `passfile:${line}`;
      if (fields === null) {
        problems.push({ file: passfile, line, reason: 'a line is host:port:database:user:password' });
        continue;
      }
      const [host, portText, database, user] = fields;
      const port = portText !== null && /^\d{1,5}$/.test(portText) ? Number(portText) : null;
      if (portText !== null && port === null) {
        problems.push({ file: passfile, line, reason: 'its port is no number' });
        continue;
      }
      const place = { ...(host === null ? {} : { host }), ...(port === null ? {} : { port }), ...(database === null ? {} : { database }), ...(user === null ? {} : { user }) };
      if (host === null || port === null || database === null || user === null) {
        add('passfile', passfile, line, id, { label: [host, port, database, user].map((field) => field ?? '*').join(':'), place, unsupported: ['A rule for several databases; it cannot be imported by itself. Databases that it fits take their password from it.'] });
        continue;
      }
      const first = fittingLine(lines, { host, port, database, user });
      const isTwice = first !== null && first.line !== line && first.fields?.every((field) => field !== null) === true;
      const unsupported = [...(isOpen ? [openWords] : []), ...(isTwice ? [`Line ${first.line} says the same before it, and is the one that libpq takes.`] : [])];
      const cautions = first !== null && first.line !== line ? [`Line ${first.line} comes first and fits it, so the password is the one of that line.`] : [];
      add('passfile', passfile, line, id, { label: database, connection: { host, port, database, user, tls: { mode: host.startsWith('/') ? 'disable' : 'prefer', ca: null }, tools: { where: 'here' } }, passfile, unsupported, cautions, place: { host, port, database, user } });
    }
  }

  if (left > 0) problems.push({ file: items[0]?.shown.file ?? '', line: null, reason: `there are ${left + mostDatabases} databases, and only the first ${mostDatabases} are shown` });
  tellApart(items);
  const text = source.text === undefined ? '' : digest(source.text.reveal());
  return { hash: digest(JSON.stringify([files, problems, items.map((item) => [item.shown, item.connection, item.passfile]), digests, text])), files, problems, items };
}

/** Those of one name are told apart by their servers. Whoever chose a name keeps it. */
function tellApart(items: readonly DatabaseItem[]): void {
  const named = items.filter(({ shown, connection }) => connection !== null && (shown.from === 'text' || shown.from === 'passfile'));
  const counts = new Map<string, number>();
  for (const { shown } of items) counts.set(shown.label, (counts.get(shown.label) ?? 0) + 1);
  for (const { shown } of named) if ((counts.get(shown.label) ?? 0) > 1) shown.label = `${shown.label} on ${shown.host ?? ''}`.slice(0, longestLabel);
}
