import { describe, expect, test } from 'vitest';
import { serverTroubleOf } from '#engine/backup/server-trouble.ts';

const codeOf = (stderr: string) => serverTroubleOf(stderr, 'Restoring', true)?.code ?? null;

describe('a restore that failed', () => {
  test.each([
    ['pg_restore: error: could not execute query: ERROR:  out of memory', 'postgres.query-failed'],
    ['pg_restore: error: could not execute query: ERROR:  out of shared memory\nHINT:  You might need to increase "max_locks_per_transaction".', 'postgres.query-failed'],
    ['pg_restore: error: COPY failed for table "orders": ERROR:  deadlock detected', 'postgres.query-failed'],
    ['pg_restore: error: could not execute query: ERROR:  canceling statement due to user request', 'postgres.query-failed'],
    ['pg_restore: error: could not execute query: ERROR:  canceling statement due to statement timeout', 'postgres.statement-timeout'],
    ['pg_restore: error: could not execute query: ERROR:  canceling statement due to lock timeout', 'postgres.lock-timeout'],
    ['pg_restore: error: could not execute query: ERROR:  permission denied for schema audit', 'postgres.privilege'],
    ['pg_restore: error: could not execute query: ERROR:  must be superuser to create a base type', 'postgres.privilege'],
    ['pg_restore: error: could not execute query: ERROR:  temporary file size exceeds temp_file_limit (64kB)', 'restore.space'],
    ['pg_restore: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  sorry, too many clients already', 'postgres.too-many-connections'],
    ['pg_restore: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  the database system is shutting down', 'postgres.not-accepting'],
    ['pg_restore: creating TABLE "public.orders"\npg_restore: while INITIALIZING:\npg_restore: error: could not execute query: ERROR:  cannot execute CREATE TABLE in a read-only transaction', 'postgres.query-failed'],
  ])('by the server says nothing about the backup: %s', (stderr, code) => {
    expect(codeOf(stderr)).toBe(code);
  });
  test.each([
    'pg_restore: error: could not execute query: FEHLER:  keine Berechtigung für Schema audit',
    'pg_restore: error: could not execute query: FATAL:  Verbindung wird abgebrochen aufgrund von Anweisung des Administrators',
    'pg_restore: error: COPY failed for table "orders": ERROR:  no se pudo extender el archivo «base/5/1»: No queda espacio en el dispositivo',
    'pg_restore: error: COPY failed for table "orders": ОШИБКА:  нехватка памяти',
  ])('is never held against the backup in a language that is not understood: %s', (stderr) => {
    expect(serverTroubleOf(stderr, 'Restoring', false)).toMatchObject({ code: 'postgres.query-failed', hint: expect.stringContaining('lc_messages') as string });
  });
  test.each([true, false])('by a server that lets nobody in says nothing about the backup, in any language (English: %s)', (inEnglish) => {
    expect(serverTroubleOf('pg_restore: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  das Datenbanksystem fährt herunter', 'Restoring', inEnglish)?.code).toBe('postgres.connection-lost');
  });
  test('is held against the backup in another language where pg_restore itself says why', () => {
    expect(serverTroubleOf('pg_restore: error: could not uncompress data: (null)', 'Restoring', false)).toBeNull();
  });
  test.each([
    'pg_restore: error: could not execute query: ERROR:  relation "orders" already exists',
    'pg_restore: error: COPY failed for table "orders": ERROR:  invalid input syntax for type integer: "FEHLER:  x"',
    'pg_restore: error: COPY failed for table "orders": ERROR:  invalid input syntax for type integer: "out of memory"',
    'pg_restore: error: COPY failed for table "orders": ERROR:  new row for relation "orders" violates check constraint "deadlock detected"',
    'pg_restore: error: could not uncompress data: (null)',
    'pg_restore: error: could not execute query: ERROR:  function limit_of_all() does not exist\npg_restore: error: could not execute query: ERROR:  out of memory',
    'pg_restore: creating TABLE "public.out of memory"',
  ])('otherwise speaks against it: %s', (stderr) => {
    expect(codeOf(stderr)).toBeNull();
  });
});
