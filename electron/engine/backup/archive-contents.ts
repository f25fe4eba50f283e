/** What stands in an archive: its table of contents against what was counted, its sequences, its rows. */
import { writeFile, rm } from 'node:fs/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ClientTool } from '../postgres/types.ts';
import { listOf, parseArchiveList, type ArchiveEntry } from '../restore/archive-list.ts';
import { countingKey, createCopyScanner } from './copy-scanner.ts';
import { readQualified } from './identifiers.ts';
import type { DatabaseContents, SequenceValue } from './manifest.ts';
import { complaints, runTool, type ToolRun } from './run-tool.ts';

/** How an archive is read: with which program, told to whom. */
export interface ArchiveReader extends Pick<ToolRun, 'signal' | 'record'> {
  tool: ClientTool;
  /** The file of a custom dump, the folder of a directory dump. */
  path: string;
}

export interface TableOfContents {
  entries: ArchiveEntry[];
  /** The database it was dumped from; null where the list does not say. */
  database: string | null;
}

/** Names as the list prints them: nothing is quoted, line ends are spaces, and what is not ASCII may be in any encoding. */
const flatten = (text: string) => text.replaceAll(/[\r\n]/g, ' ').replaceAll(/[^\x20-\x7e]+/g, '?');

function afterKind(entry: ArchiveEntry): string {
  return entry.line.replace(/^\d+; \d+ \d+ /, '').slice(entry.kind.length + 1);
}

/** @throws backup.damaged where pg_restore cannot read it */
export async function readTableOfContents(reader: ArchiveReader): Promise<TableOfContents> {
  const lines: string[] = [];
  const result = await runTool({ ...reader, args: ['--list', reader.path], target: reader.path, onStdoutLine: (line) => void lines.push(line) });
  if (result.exitStatus !== 0) {
    throw new PilothouseError('backup.damaged', `pg_restore cannot read the table of contents of ${reader.path}: ${complaints(result.stderr)}`, { hint: 'The archive is damaged or was cut. Use another backup, and find out what happened to this disk.', details: { exitStatus: result.exitStatus } });
  }
  const database = lines.map((line) => /^;\s+dbname: (.*)$/.exec(line)?.[1]).find((name) => name !== undefined) ?? null;
  return { entries: parseArchiveList(lines.join('\n')).entries, database };
}

function missingNames(entries: readonly ArchiveEntry[], kind: string, wanted: readonly { schema: string; name: string }[]): { missing: string[]; listed: number } {
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

/** What a table of contents lacks, or has too much, against what was counted. Empty where they agree. */
export function compareTableOfContents(toc: TableOfContents, contents: Pick<DatabaseContents, 'tables'> & { sequences: readonly { schema: string; name: string }[] }): string[] {
  const filled = contents.tables.filter((table) => table.kind !== 'materialized-view');
  const views = contents.tables.filter((table) => table.kind === 'materialized-view');
  const tables = missingNames(toc.entries, 'TABLE DATA', filled);
  const sequences = missingNames(toc.entries, 'SEQUENCE SET', contents.sequences);
  const differences = [
    ...tables.missing.map((name) => `the rows of ${name} are not in it`),
    ...missingNames(toc.entries, 'MATERIALIZED VIEW', views).missing.map((name) => `the materialised view ${name} is not in it`),
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

/**
 * The values to which the archive will set its sequences. Sequences ignore snapshots, so this, and not what was read
 * beside the dump, is what a restore brings back.
 * @param names the sequences as the catalogue calls them; values come back under these names
 * @param listFile a file that does not exist yet; it is removed afterwards
 * @throws backup.incomplete where a sequence has no value in it
 */
export async function readSequenceValues(reader: ArchiveReader, toc: TableOfContents, names: readonly { schema: string; name: string }[], listFile: string): Promise<SequenceValue[]> {
  if (names.length === 0) return [];
  const values = new Map<string, SequenceValue>();
  let statement = '';
  const take = (line: string): void => {
    if (statement === '' && !line.startsWith('SELECT pg_catalog.setval(')) return;
    statement += statement === '' ? line : `\n${line}`;
    if (!statement.endsWith(');')) return;
    const value = parseSetval(statement);
    if (value !== null) values.set(countingKey(value.schema, value.name), value);
    statement = '';
  };
  await writeFile(listFile, listOf(toc.entries.filter((entry) => entry.kind === 'SEQUENCE SET')), { flag: 'wx', mode: 0o600 });
  try {
    const result = await runTool({ ...reader, args: ['--file=-', `--use-list=${listFile}`, reader.path], target: reader.path, onStdoutLine: take });
    if (result.exitStatus !== 0) throw new PilothouseError('backup.damaged', `pg_restore cannot read the sequences of ${reader.path}: ${complaints(result.stderr)}`, { hint: 'Back up again; if it stays like this, look at the disk.' });
  } finally {
    await rm(listFile, { force: true });
  }
  return names.map(({ schema, name }) => {
    const value = values.get(countingKey(schema, name));
    if (value === undefined) throw new PilothouseError('backup.incomplete', `The archive ${reader.path} has no value for the sequence ${schema}.${name}.`, { hint: 'Back up again.', details: { schema, name } });
    return { ...value, schema, name };
  });
}

export interface ArchiveRows {
  /** Tables whose rows in the archive are not what was counted, in words. Empty where all agree. */
  differences: string[];
  rows: number;
  largeObjects: number;
}

/**
 * Reads an archive to its last byte and counts the rows of each table in it.
 * @param onRows told of the rows so far
 * @throws backup.damaged where pg_restore stops before the end, or the text breaks off
 */
export async function countArchive(reader: ArchiveReader, contents: DatabaseContents, onRows: (rows: number) => void): Promise<ArchiveRows> {
  const scanner = createCopyScanner();
  const result = await runTool({
    ...reader,
    args: ['--data-only', '--file=-', reader.path],
    target: reader.path,
    onStdoutChunk(chunk) {
      scanner.push(chunk);
      onRows(scanner.totalRows);
    },
  });
  const damaged = (why: string) => new PilothouseError('backup.damaged', `${reader.path} cannot be read to its end: ${why}`, { hint: 'The archive is damaged or was cut. Use another backup, and find out what happened to this disk.' });
  if (result.exitStatus !== 0) throw damaged(complaints(result.stderr));
  if (!scanner.end().whole) throw damaged('the rows of a table break off.');

  const counted = new Map<string, { label: string; rows: number }>();
  for (const { schema, name, rows, kind } of contents.tables) {
    if (kind === 'materialized-view') continue;
    const key = countingKey(schema, name);
    counted.set(key, { label: `${schema}.${name}`, rows: (counted.get(key)?.rows ?? 0) + rows });
  }
  const differences: string[] = [];
  for (const [key, { label, rows }] of counted) {
    const found = scanner.rows.get(key) ?? 0;
    if (found !== rows) differences.push(`${label} has ${found.toLocaleString('en-US')} rows in the archive, and ${rows.toLocaleString('en-US')} were counted`);
  }
  for (const key of scanner.rows.keys()) if (!counted.has(key)) differences.push(`the archive has rows of a table that was not counted: ${key}`);
  if (scanner.largeObjects !== contents.largeObjects) differences.push(`the archive has ${scanner.largeObjects} large objects, and ${contents.largeObjects} were counted`);
  return { differences, rows: scanner.totalRows, largeObjects: scanner.largeObjects };
}
