import { describe, expect, it } from 'vitest';
import { createRestoreListener, kindOfComplaint, sendsUnknownSetting } from '#engine/restore/pg-restore-verdict.ts';
import { plainArguments } from '#engine/backup/run-tool.ts';
import { pgRestoreArguments } from '#engine/restore/run-pg-restore.ts';

/** As pg_restore 17 says it to Postgres 15 without --exit-on-error. */
const refusal = `pg_restore: connecting to database for restore
pg_restore: while INITIALIZING:
pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;`;
const inGerman = refusal.replace('ERROR:  unrecognized configuration parameter "transaction_timeout"', 'FEHLER:  unbekannter Konfigurationsparameter »transaction_timeout«');
const rows = `pg_restore: creating TABLE "public.orders"
pg_restore: processing data for table "public.orders"`;
const ignored = (count: number) => `pg_restore: warning: errors ignored on restore: ${count}`;
const broken = `pg_restore: from TOC entry 3321; 0 16386 TABLE DATA orders shop
pg_restore: error: COPY failed for table "orders": ERROR:  invalid input syntax for type integer: "x"
CONTEXT:  COPY orders, line 1, column id: "x"`;

const judge = (passOver: boolean, text: string, exitStatus: number | null) => {
  const listener = createRestoreListener(passOver);
  for (const line of text.split('\n')) listener.line(line);
  return listener.verdict({ exitStatus });
};

describe('pg_restore of 17 or newer and an older server', () => {
  it.each([[17, 16, true], [18, 13, true], [17, 17, false], [16, 13, false], [18, 18, false]])('%i to %i', (tool, server, expected) => {
    expect(sendsUnknownSetting(tool, server)).toBe(expected);
  });

  it('goes on after errors, by one worker', () => {
    const options = { conninfo: 'dbname=shop', jobs: 4, flags: [], listFile: null, archive: '/b/dump' };
    expect([true, false].map((passOver) => plainArguments(pgRestoreArguments({ ...options, passOver })))).toEqual([
      ['--dbname=dbname=shop', '--no-password', '--verbose', '/b/dump'],
      ['--dbname=dbname=shop', '--exit-on-error', '--no-password', '--verbose', '--jobs=4', '/b/dump'],
    ]);
  });

  it.each([['in English', refusal], ['in another language', inGerman]])('have done their work where nothing else failed, %s', (_, said) => {
    expect(judge(true, `${said}\n${rows}\n${ignored(1)}`, 1)).toEqual({ done: true });
  });

  it.each([
    ['an error besides', `${refusal}\n${broken}\n${ignored(2)}`, 1],
    ['an error that was not seen', `${refusal}\n${rows}\n${ignored(2)}`, 1],
    ['no word of how many', `${refusal}\n${rows}`, 1],
    ['another exit status', `${refusal}\n${ignored(1)}`, 2],
    ['a signal', refusal, null],
    ['two refusals', `${refusal}\n${refusal}\n${ignored(2)}`, 1],
    ['another statement that was refused', `${refusal.replace('SET transaction_timeout = 0;', "ALTER DATABASE shop SET transaction_timeout TO '1s';")}\n${ignored(1)}`, 1],
  ])('have not with %s', (_, text, exitStatus) => {
    expect(judge(true, text, exitStatus).done).toBe(false);
  });

  it('are told by the error that came besides, and not by the one that is passed over', () => {
    expect(judge(true, `${refusal}\n${rows}\n${broken}\n${ignored(2)}`, 1)).toMatchObject({ unfit: false, complaint: expect.stringMatching(/^error: COPY failed/), lines: [expect.stringContaining('COPY failed'), expect.stringContaining('CONTEXT'), expect.any(String)] });
  });

  it('say nothing about the backup where that refusal ended it', () => {
    expect(judge(false, refusal, 1)).toMatchObject({ done: false, unfit: true });
  });
});

describe('any other pg_restore', () => {
  it('has done its work with status 0', () => {
    expect(judge(false, rows, 0)).toEqual({ done: true });
  });
  it.each([['another status', rows, 1], ['errors that were passed over', `${rows}\n${ignored(1)}`, 0], ['an error', `${rows}\n${broken}`, 0]])('has not with %s', (_, text, exitStatus) => {
    expect(judge(false, text, exitStatus).done).toBe(false);
  });
});

describe('what a complaint is about', () => {
  it.each([
    ['error: could not execute query: ERROR:  could not extend file "base/5/1": No space left on device', 'space'],
    ['error: COPY failed for table "orders": ERROR:  could not extend file "base/5/1": No space left on device', 'space'],
    ['error: could not execute query: server closed the connection unexpectedly', 'connection'],
    ['error: error returned by PQputCopyData: SSL SYSCALL error: EOF detected', 'connection'],
    ['error: could not execute query: FATAL:  terminating connection due to administrator command', 'connection'],
    ['error: connection to server at "127.0.0.1", port 5432 failed: Connection refused', 'connection'],
    ['error: could not set default_tablespace to "": server closed the connection unexpectedly', 'connection'],
    ['error: could not set "search_path" to "Mixed Case": could not send data to server: Broken pipe', 'connection'],
    ['error: could not set session user to "keeper": SSL error: unexpected eof while reading', 'connection'],
    ['error: could not open large object 16402: no connection to the server', 'connection'],
    ['error: could not set session user to "server closed the connection unexpectedly": ERROR:  role does not exist', null],
    ['error: could not execute query: ERROR:  can only create extension in database postgres', 'one-database'],
    ['error: COPY failed for table "orders": ERROR:  invalid input syntax for type integer: "No space left on device"', null],
    ['error: COPY failed for table "could not send data": ERROR:  duplicate key', null],
    ['error: could not execute query: ERROR:  relation "server closed the connection unexpectedly" does not exist', null],
  ])('%s', (complaint, kind) => {
    expect(kindOfComplaint(complaint)).toBe(kind);
  });

  it('is not taken from the values of a row', () => {
    const verdict = judge(false, `${broken}: "No space left on device"\nserver closed the connection unexpectedly`, 1);
    expect(verdict.done ? null : kindOfComplaint(verdict.complaint)).toBeNull();
  });
});
