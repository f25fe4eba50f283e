import { describe, expect, test } from 'vitest';
import { compareTableOfContents, parseSetval } from '#engine/backup/archive-contents.ts';
import { archiveNames, matchNames, nameKey } from '#engine/backup/archive-names.ts';
import { createCopyScanner } from '#engine/backup/copy-scanner.ts';
import { plainArguments } from '#engine/backup/run-tool.ts';
import { dumpArguments, explainEnd, globalsArguments, readVerboseLine } from '#engine/backup/dump.ts';
import { quoteQualified, readQualified } from '#engine/backup/identifiers.ts';
import { commandLine, complaints, lastLines } from '#engine/backup/run-tool.ts';
import type { PostgresTarget } from '#engine/postgres/types.ts';
import { parseArchiveList } from '#engine/restore/archive-list.ts';

describe('the rows of an archive', () => {
  const count = (text: string) => {
    const scanner = createCopyScanner(archiveNames('UTF8'));
    scanner.push(Buffer.from(text));
    return { rows: Object.fromEntries(scanner.rows), total: scanner.totalRows, largeObjects: scanner.largeObjects, ...scanner.end() };
  };
  const key = nameKey({ schema: 'public', name: 'orders' });

  test('are the lines between COPY and its end mark', () => {
    expect(count('COPY public.orders (id, note) FROM stdin;\n1\ta\n2\t\\N\n\\.\n\n').rows).toEqual({ [key]: 2 });
  });
  test('of an empty table are none', () => {
    expect(count('COPY public.orders (id) FROM stdin;\n\\.\n').rows).toEqual({ [key]: 0 });
  });
  test('of a table without columns are empty lines', () => {
    expect(count('COPY public.orders  FROM stdin;\n\n\n\\.\n').rows).toEqual({ [key]: 2 });
  });
  test('may look like statements', () => {
    expect(count('COPY public.orders (note) FROM stdin;\nCOPY public.fake (a) FROM stdin;\n\\\\.\n\\.\n').rows).toEqual({ [key]: 2 });
  });
  test('that break off are noticed', () => {
    expect(count('COPY public.orders (id) FROM stdin;\n1\n2').whole).toBe(false);
  });
  test('belong to a table whose name has a line end', () => {
    expect(count('COPY public."two\nlines" (id) FROM stdin;\n1\n\\.\n').rows).toEqual({ [nameKey({ schema: 'public', name: 'two\nlines' })]: 1 });
  });
  test('leave large objects to be counted by their opening', () => {
    expect(count("SELECT pg_catalog.lo_open('16400', 131072);\nSELECT pg_catalog.lowrite(0, '\\\\x4142');\nSELECT pg_catalog.lo_close(0);\n").largeObjects).toBe(1);
  });
});

describe('names', () => {
  test('are read quoted and plain', () => {
    expect(readQualified('"Mixed Case"."a ""b"" .c" (id) FROM')).toEqual({ schema: 'Mixed Case', name: 'a "b" .c', rest: ' (id) FROM' });
  });
  test('are quoted so that they are read as they were', () => {
    expect(readQualified(quoteQualified('a"b', 'c.d'))).toEqual({ schema: 'a"b', name: 'c.d', rest: '' });
  });
});

describe('names in an archive', () => {
  const group = (encoding: string, wanted: string[], written: Buffer[]) => {
    const names = archiveNames(encoding);
    const found = new Map(written.map((bytes, index) => [nameKey({ schema: 's', name: names.decode(bytes) }), index] as const));
    const { groups, unexpected } = matchNames(wanted.map((name) => ({ schema: 's', name })), found, names);
    return [groups.map((each) => [each.wanted.map(({ name }) => name), each.found]), unexpected];
  };

  test('of nothing but non-ASCII letters are told apart', () => {
    expect(group('UTF8', ['数据', '用户'], [Buffer.from('用户'), Buffer.from('数据')])).toEqual([[[['数据'], [1]], [['用户'], [0]]], []]);
  });
  test.each([
    ['LATIN1', 'größe', Buffer.from('größe', 'latin1')],
    ['WIN1251', 'данные', Buffer.from([0xe4, 0xe0, 0xed, 0xed, 0xfb, 0xe5])],
    ['EUC_JP', '表', Buffer.from([0xc9, 0xbd])],
  ])('are read in %s', (encoding, name, bytes) => {
    expect(group(encoding, [name], [bytes])).toEqual([[[[name], [0]]], []]);
  });
  test('in an encoding that cannot be read are found where only one fits', () => {
    expect(group('MULE_INTERNAL', ['orders', 'größe'], [Buffer.from('orders'), Buffer.from([0x67, 0x72, 0x81, 0xf6, 0x81, 0xdf, 0x65])])).toEqual([[[['orders'], [0]], [['größe'], [1]]], []]);
  });
  test('in an encoding that cannot be read are put together where several fit, never mixed up', () => {
    expect(group('MULE_INTERNAL', ['ä', 'ö'], [Buffer.from([0x81, 0xe4]), Buffer.from([0x81, 0xf6])])).toEqual([[[['ä', 'ö'], [0, 1]]], []]);
  });
});

describe('a sequence in an archive', () => {
  test('has the value it will be set to', () => {
    expect(parseSetval("SELECT pg_catalog.setval('public.orders_id_seq', 9223372036854775807, true);")).toEqual({ schema: 'public', name: 'orders_id_seq', lastValue: '9223372036854775807', isCalled: true });
  });
  test('may have a name with quotes of both kinds', () => {
    expect(parseSetval(`SELECT pg_catalog.setval('public."it''s ""odd"""', -5, false);`)).toEqual({ schema: 'public', name: 'it\'s "odd"', lastValue: '-5', isCalled: false });
  });
  test('is nothing else', () => {
    expect(parseSetval('SELECT pg_catalog.set_config(\'search_path\', \'\', false);')).toBeNull();
  });
});

describe('a table of contents', () => {
  const toc = (...lines: string[]) => ({ entries: parseArchiveList(lines.join('\n')).entries, database: 'shop' });
  const contents = { tables: [{ schema: 'my app', name: 'big orders', kind: 'table' as const, rows: 1 }], sequences: [{ schema: 'public', name: 'seq' }] };
  const sequence = '12; 0 0 SEQUENCE SET public seq postgres';

  test('agrees although names in it are not quoted', () => {
    expect(compareTableOfContents(toc('11; 0 16390 TABLE DATA my app big orders postgres', sequence), contents, 'UTF8')).toEqual([]);
  });
  test('that lacks a table is told', () => {
    expect(compareTableOfContents(toc(sequence), contents, 'UTF8')).toEqual(['the rows of my app.big orders are not in it']);
  });
  test('that lacks a sequence is told', () => {
    expect(compareTableOfContents(toc('11; 0 16390 TABLE DATA my app big orders postgres'), contents, 'UTF8')).toEqual(['the value of the sequence public.seq is not in it']);
  });
  test('that has a table too much is told', () => {
    expect(compareTableOfContents(toc('11; 0 16390 TABLE DATA my app big orders postgres', '13; 0 16391 TABLE DATA my app more postgres', sequence), contents, 'UTF8')).toEqual(['it lists the rows of 2 tables, and 1 were counted']);
  });
});

describe('pg_dump', () => {
  const options = { format: 'directory' as const, jobs: 3, compressLevel: 1, proof: 'L3' as const };
  test('is called with a snapshot, a limit for locks and no chance to ask for a password', () => {
    expect(plainArguments(dumpArguments({ options, conninfo: 'host=a', encoding: 'UTF8', snapshot: '00-1', file: '/f' }))).toEqual(['--format=directory', '--jobs=3', '--compress=1', '--encoding=UTF8', '--snapshot=00-1', '--lock-wait-timeout=30000', '--no-password', '--verbose', '--no-sync', '--file=/f', '--dbname=host=a']);
  });
  test('has one worker for one file', () => {
    expect(dumpArguments({ options: { ...options, format: 'custom' }, conninfo: 'host=a', encoding: 'UTF8', snapshot: '00-1', file: '/f' })).not.toContain('--jobs=3');
  });
  test('is never asked for hashes of passwords that it may not read', () => {
    expect(globalsArguments({ conninfo: 'host=a', database: 'shop', encoding: 'UTF8', passwords: false, file: '/g' })).toContain('--no-role-passwords');
  });
  test('tells which table it has begun', () => {
    const seen: string[] = [];
    readVerboseLine('pg_dump: dumping contents of table "public.orders"', { onTable: (name) => void seen.push(name), onFinished() {}, onLocked: () => void seen.push('locked'), onWarning() {} });
    expect(seen).toEqual(['locked', 'public.orders']);
  });
  test('is shown as a person would type it', () => {
    expect(commandLine('/bin/x', ["it's", '--file=/a/b', ''])).toBe(`/bin/x 'it'\\''s' --file=/a/b ''`);
  });
  test('is quoted by its complaints and not by its chatter', () => {
    expect(complaints('pg_dump: reading schemas\npg_dump: error: query failed: x\npg_dump: detail: y\n')).toBe('pg_dump: error: query failed: x\npg_dump: detail: y');
  });
  test('is quoted by whole lines only, so that of a secret nothing is left without its beginning', () => {
    expect(complaints(`error: password=${'x'.repeat(4000)}\nerror: y`)).toBe('error: y');
  });
  test('that says nothing but one endless line is not quoted', () => {
    expect(['abc\ndef', 'abcdef'].map((text) => [lastLines(text, 4), lastLines(text, 3), lastLines(text, 2)])).toEqual([['def', 'def', ''], ['', '', '']]);
  });
  test('that finds a table gone says so, and that it may be tried again', () => {
    const tool = { name: 'pg_dump', path: '/bin/pg_dump', version: '15.18', major: 15 } as const;
    const target = { label: 'shop on 127.0.0.1:5432' } as PostgresTarget;
    const stderr = 'pg_dump: error: query failed: ERROR:  relation "public.gone" does not exist\npg_dump: detail: Query was: LOCK TABLE public.gone IN ACCESS SHARE MODE\n';
    expect(explainEnd(tool, stderr, 1, null, target)).toMatchObject({ code: 'backup.dump-failed', retryable: true, message: expect.stringContaining('was dropped or changed while the dump began') });
  });
});
