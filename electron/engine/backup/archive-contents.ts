/** What stands in an archive: its table of contents against what was counted, its sequences, its rows. */
import { writeFile, rm } from 'node:fs/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ClientTool } from '../postgres/types.ts';
import { listOf, parseArchiveList, type ArchiveEntry } from '../restore/archive-list.ts';
import { archiveNames, coarse, matchNames, nameKey } from './archive-names.ts';
import { createCopyScanner } from './copy-scanner.ts';
import { readQualified } from './identifiers.ts';
import type { DatabaseContents, SequenceValue } from './manifest.ts';
import { complaints, requireAnswer, runTool, type FileArgument, type ToolRun } from './run-tool.ts';

/** How an archive is read: with which program, told to whom. */
export interface ArchiveReader extends Pick<ToolRun, 'signal' | 'record'> {
  tool: ClientTool;
  /** The file of a custom dump, the folder of a directory dump. */
  path: string;
  /** Where the same archive lies on the host of the tool, if it does. */
  there?: string;
}

/** The archive as an argument of its reader. */
export const archiveOf = ({ tool, path, there }: Pick<ArchiveReader, 'tool' | 'path' | 'there'>): FileArgument => ({ option: '', file: path, is: 'archive', ...(tool.there === undefined || there === undefined ? {} : { there }) });

export interface TableOfContents {
  entries: ArchiveEntry[];
  /** The database it was dumped from; null where the list does not say. */
  database: string | null;
}

function afterKind(entry: ArchiveEntry): string {
  return entry.line.replace(/^\d+; \d+ \d+ /, '').slice(entry.kind.length + 1);
}

/** @throws backup.damaged where pg_restore cannot read it; postgres.tool-failed where that is not the archive's fault */
export async function readTableOfContents(reader: ArchiveReader): Promise<TableOfContents> {
  const lines: string[] = [];
  const run: ToolRun = { ...reader, args: ['--list', archiveOf(reader)], target: reader.path, onStdoutLine: (line) => void lines.push(line) };
  const result = await runTool(run);
  if (result.exitStatus !== 0) {
    requireAnswer(run, result);
    throw new PilothouseError('backup.damaged', `pg_restore cannot read the table of contents of ${reader.path}: ${complaints(result.stderr)}`, { hint: 'The archive is damaged or was cut. Use another backup, and find out what happened to this disk.', details: { exitStatus: result.exitStatus } });
  }
  const database = lines.map((line) => /^;\s+dbname: (.*)$/.exec(line)?.[1]).find((name) => name !== undefined) ?? null;
  return { entries: parseArchiveList(lines.join('\n')).entries, database };
}

function missingNames(entries: readonly ArchiveEntry[], kind: string, wanted: readonly { schema: string; name: string }[], exact: boolean): { missing: string[]; listed: number } {
  // Nothing is quoted in the list, line ends are spaces, and what is not ASCII stands there in the encoding of the dump.
  const flatten = (text: string) => (exact ? text : coarse(text)).replaceAll(/[\r\n]/g, ' ');
  const beginnings = new Set<string>();
  let listed = 0;
  for (const entry of entries) {
    if (entry.kind !== kind) continue;
    listed += 1;
    const text = flatten(afterKind(entry));
    for (let at = text.indexOf(' '); at !== -1; at = text.indexOf(' ', at + 1)) beginnings.add(text.slice(0, at));
    beginnings.add(text);
  }
  return { listed, missing: wanted.filter(({ schema, name }) => !beginnings.has(flatten(`${schema} ${name}`))).map(({ schema, name }) => `${schema}.${name}`) };
}

/**
 * What a table of contents lacks, or has too much, against what was counted. Empty where they agree.
 * @param encoding of the database that was dumped
 */
export function compareTableOfContents(toc: TableOfContents, contents: Pick<DatabaseContents, 'tables'> & { sequences: readonly { schema: string; name: string }[] }, encoding: string): string[] {
  const { exact } = archiveNames(encoding);
  const filled = contents.tables.filter((table) => table.kind !== 'materialized-view');
  const views = contents.tables.filter((table) => table.kind === 'materialized-view');
  const tables = missingNames(toc.entries, 'TABLE DATA', filled, exact);
  const sequences = missingNames(toc.entries, 'SEQUENCE SET', contents.sequences, exact);
  const differences = [
    ...tables.missing.map((name) => `the rows of ${name} are not in it`),
    ...missingNames(toc.entries, 'MATERIALIZED VIEW', views, exact).missing.map((name) => `the materialised view ${name} is not in it`),
    ...sequences.missing.map((name) => `the value of the sequence ${name} is not in it`),
  ];
  if (differences.length === 0 && tables.listed !== filled.length) differences.push(`it lists the rows of ${tables.listed} tables, and ${filled.length} were counted`);
  if (differences.length === 0 && sequences.listed !== contents.sequences.length) differences.push(`it lists the values of ${sequences.listed} sequences, and ${contents.sequences.length} were found`);
  return differences;
}

const setval = /^SELECT pg_catalog\.setval\((E?)'((?:[^']|'')*)', (-?\d+), (true|false)\);$/;

/** The sequence that a `setval` statement of an archive sets; null where the text is something else. */
export function parseSetval(statement: string): SequenceValue | null {
  const match = setval.exec(statement);
  if (match === null) return null;
  const [, escaped, literal = '', lastValue = '', isCalled] = match;
  const text = literal.replaceAll("''", "'");
  const named = readQualified(escaped === 'E' ? text.replaceAll('\\\\', '\\') : text);
  return named === null ? null : { schema: named.schema, name: named.name, lastValue, isCalled: isCalled === 'true' };
}

function readSetvals(text: string): Map<string, SequenceValue> {
  const values = new Map<string, SequenceValue>();
  let statement = '';
  for (const line of text.split(/\r?\n/)) {
    if (statement === '' && !line.startsWith('SELECT pg_catalog.setval(')) continue;
    statement += statement === '' ? line : `\n${line}`;
    if (!statement.endsWith(');')) continue;
    const value = parseSetval(statement);
    if (value !== null) values.set(nameKey(value), value);
    statement = '';
  }
  return values;
}

/**
 * The values to which the archive will set its sequences. Sequences ignore snapshots, so this, and not what was read
 * beside the dump, is what a restore brings back.
 * @param sequences the sequences as the catalogue calls them; values come back under these names
 * @param encoding of the database that was dumped
 * @param listFile a file that does not exist yet; it is removed afterwards
 * @throws backup.incomplete where a sequence has no value in it, or nobody can tell which value is whose; else as
 * `readTableOfContents`
 */
export async function readSequenceValues(reader: ArchiveReader, toc: TableOfContents, sequences: readonly { schema: string; name: string }[], encoding: string, listFile: string): Promise<SequenceValue[]> {
  if (sequences.length === 0) return [];
  const names = archiveNames(encoding);
  const output: Buffer[] = [];
  await writeFile(listFile, listOf(toc.entries.filter((entry) => entry.kind === 'SEQUENCE SET')), { flag: 'wx', mode: 0o600 });
  try {
    const run: ToolRun = { ...reader, args: ['--file=-', { option: '--use-list=', file: listFile, is: 'list' }, archiveOf(reader)], target: reader.path, onStdoutChunk: (chunk) => void output.push(chunk) };
    const result = await runTool(run);
    if (result.exitStatus !== 0) {
      requireAnswer(run, result);
      throw new PilothouseError('backup.damaged', `pg_restore cannot read the sequences of ${reader.path}: ${complaints(result.stderr)}`, { hint: 'Back up again; if it stays like this, look at the disk.' });
    }
  } finally {
    await rm(listFile, { force: true });
  }
  const { groups } = matchNames(sequences, readSetvals(names.decode(Buffer.concat(output))), names);
  return groups.map(({ wanted: [named, ...others], found: [value, ...more] }) => {
    const { schema = '', name = '' } = named ?? {};
    if (value === undefined) throw new PilothouseError('backup.incomplete', `The archive ${reader.path} has no value for the sequence ${schema}.${name}.`, { hint: 'Back up again.', details: { schema, name } });
    if (others.length > 0 || more.length > 0) throw new PilothouseError('backup.incomplete', `Nobody can tell which value in ${reader.path} is that of the sequence ${schema}.${name}: in the encoding ${encoding} its name is read like another one's.`, { hint: 'Give these sequences names that differ in their ASCII letters, and back up again.', details: { schema, name, others } });
    return { ...value, schema, name };
  });
}

export interface ArchiveRows {
  /** Tables whose rows in the archive are not what was counted, in words. Empty where all agree. */
  differences: string[];
  rows: number;
  largeObjects: number;
}

/** Where the rows of a table stand in an archive: under its own name, or under that of the table they are loaded through. */
const loadedAs = ({ schema, name, rows, loadedThrough }: DatabaseContents['tables'][number]) => ({ ...(loadedThrough ?? { schema, name }), rows });

interface RowsFound {
  /** What was wanted, put together where nobody can tell whose rows are whose. */
  groups: { wanted: (Pick<DatabaseContents['tables'][number], 'schema' | 'name' | 'rows'> & { table: DatabaseContents['tables'][number] })[]; rows: number }[];
  /** Tables that nobody expected. */
  unexpected: string[];
  totalRows: number;
  largeObjects: number;
}

/** @throws as `countArchive` */
async function readRows(reader: ArchiveReader, contents: Pick<DatabaseContents, 'tables'>, encoding: string, onRows: (rows: number) => void): Promise<RowsFound> {
  const names = archiveNames(encoding);
  const scanner = createCopyScanner(names);
  const run: ToolRun = {
    ...reader,
    args: ['--data-only', '--file=-', archiveOf(reader)],
    target: reader.path,
    onStdoutChunk(chunk) {
      scanner.push(chunk);
      onRows(scanner.totalRows);
    },
  };
  const result = await runTool(run);
  const damaged = (why: string) => new PilothouseError('backup.damaged', `${reader.path} cannot be read to its end: ${why}`, { hint: 'The archive is damaged or was cut. Use another backup, and find out what happened to this disk.' });
  if (result.exitStatus !== 0) {
    requireAnswer(run, result);
    throw damaged(complaints(result.stderr));
  }
  if (!scanner.end().whole) throw damaged('the rows of a table break off.');

  const tables = contents.tables.filter(({ kind }) => kind !== 'materialized-view');
  // Before 15.2 and its contemporaries pg_dump wrote them under the partition's own name.
  const loadedAsKey = new Map(tables.map((table) => [nameKey(table), nameKey(loadedAs(table))]));
  const found = new Map<string, number>();
  for (const [key, rows] of scanner.rows) {
    const under = loadedAsKey.get(key) ?? key;
    found.set(under, (found.get(under) ?? 0) + rows);
  }
  const { groups, unexpected } = matchNames(tables.map((table) => ({ ...loadedAs(table), table })), found, names);
  return { groups: groups.map(({ wanted, found: counts }) => ({ wanted, rows: counts.reduce((sum, rows) => sum + rows, 0) })), unexpected, totalRows: scanner.totalRows, largeObjects: scanner.largeObjects };
}

/**
 * Reads an archive to its last byte and counts the rows of each table in it.
 * @param encoding of the database that was dumped
 * @param onRows told of the rows so far
 * @throws backup.damaged where pg_restore stops before the end, or the text breaks off; postgres.tool-failed where that
 * is not the archive's fault
 */
export async function countArchive(reader: ArchiveReader, contents: DatabaseContents, encoding: string, onRows: (rows: number) => void): Promise<ArchiveRows> {
  const { groups, unexpected, totalRows, largeObjects } = await readRows(reader, contents, encoding, onRows);
  const differences: string[] = [];
  for (const { wanted, rows: inArchive } of groups) {
    const counted = wanted.reduce((sum, { rows }) => sum + rows, 0);
    const labels = [...new Set(wanted.map(({ schema, name }) => `${schema}.${name}`))];
    if (inArchive !== counted) differences.push(`${labels.join(' and ')} has ${inArchive.toLocaleString('en-US')} rows in the archive, and ${counted.toLocaleString('en-US')} were counted`);
  }
  for (const key of unexpected) differences.push(`the archive has rows of a table that was not counted: ${key}`);
  if (largeObjects !== contents.largeObjects) differences.push(`the archive has ${largeObjects} large objects, and ${contents.largeObjects} were counted`);
  return { differences, rows: totalRows, largeObjects };
}

/**
 * The counts of a database as its archive has them, for where nobody could count beside the dump.
 * @param outline what there was to count: see `readOutline`
 * @throws backup.incomplete where the archive has other tables or large objects, or nobody can tell whose rows are
 * whose; else as `countArchive`
 */
export async function countFromArchive(reader: ArchiveReader, outline: DatabaseContents, encoding: string, onRows: (rows: number) => void): Promise<DatabaseContents> {
  const { groups, unexpected, largeObjects } = await readRows(reader, outline, encoding, onRows);
  const incomplete = (why: string) => new PilothouseError('backup.incomplete', `What ${reader.path} holds could not be counted: ${why}.`, { hint: 'Back up again, over a line that holds until everything is counted.', retryable: true });
  if (unexpected.length > 0) throw incomplete(`it has rows of tables that were not there when it was begun: ${unexpected.slice(0, 8).join(', ')}`);
  if (largeObjects !== outline.largeObjects) throw incomplete(`it has ${largeObjects} large objects, and there were ${outline.largeObjects}`);
  const rows = new Map<string, number>();
  for (const { wanted, rows: found } of groups) {
    const [first, ...others] = wanted;
    if (first === undefined) continue;
    const isLoadedTogether = wanted.every(({ table }) => table.loadedThrough !== undefined);
    if (others.length > 0 && !isLoadedTogether) throw incomplete(`in the encoding ${encoding} nobody can tell whose rows are whose: ${wanted.map(({ schema, name }) => `${schema}.${name}`).join(', ')}`);
    // What is loaded through one table is held to the sum of all its partitions.
    rows.set(nameKey(first.table), found);
  }
  return { ...outline, countedFrom: 'archive', tables: outline.tables.map((table) => ({ ...table, rows: rows.get(nameKey(table)) ?? 0 })) };
}
