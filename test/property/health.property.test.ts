import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask, defaultAskLimits } from '#engine/health/ask.ts';
import { eyeIds } from '#engine/health/eyes.ts';
import { postgresChecks } from '#engine/health/postgres/index.ts';
import { identifier, shownQuery } from '#engine/health/sql-text.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { PostgresSession } from '#engine/postgres/index.ts';
import { checkNamed, judgeRows, lookOf, serverFacts } from '#test/health-look.ts';

/** A session that answers every question with these rows. */
const answering = (rows: Record<string, unknown>[]): PostgresSession => ({ server: serverFacts(), processId: 1, readOnly: () => Promise.resolve({ rows, columns: [], rowCount: rows.length }) }) as unknown as PostgresSession;
const failing = (error: unknown): PostgresSession => ({ server: serverFacts(), processId: 1, readOnly: () => Promise.reject(error) }) as unknown as PostgresSession;

/** What a column can hold, hidden or not, sensible or not. */
const cell = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.double(), fc.string(), fc.constantFrom('on', 'off', 'md5', 'trust', 'always', 'idle'), fc.array(fc.string(), { maxLength: 3 }));
const columns = ['seconds', 'used', 'visible', 'deadlocks', 'at', 'stats_reset', 'waiting', 'archive_mode', 'bytes', 'name', 'setting', 'uncounted', 'n_dead_tup', 'auth_method', 'state', 'held', 'kind', 'xid_age', 'last_value', 'definition', 'total', 'datname', 'blockers', 'table_name'];
const anyRow = fc.dictionary(fc.constantFrom(...columns), cell, { maxKeys: 12 });
const anyEyes = fc.subarray([...eyeIds]);

describe('blind is never well', () => {
  test('a check whose eyes are shut is unknown, whatever the rows would have been', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...postgresChecks.filter((check) => check.eyes.length > 0)), anyEyes, fc.array(anyRow, { maxLength: 3 }), async (check, open, rows) => {
        const shut = eyeIds.filter((eye) => !open.includes(eye));
        fc.pre(check.eyes.some((eye) => shut.includes(eye)));
        const { finding } = await ask(check, answering(rows), lookOf(check, { shut }), defaultAskLimits, () => 0);
        expect(finding.status).toBe('unknown');
        expect(finding.opener).not.toBe('');
      }),
    );
  });

  test('one sequence out of sight keeps the others from being ok', () => {
    const sequence = fc.record({ used: fc.double({ min: 0, max: 100, noNaN: true }), visible: fc.boolean(), column_type: fc.constantFrom('integer', 'bigint', null), nspname: fc.string(), relname: fc.string() });
    fc.assert(
      fc.property(fc.array(sequence, { minLength: 1, maxLength: 8 }), (rows) => {
        fc.pre(rows.some((row) => !row.visible));
        const shown = rows.map((row) => (row.visible ? row : { ...row, used: null, last_value: null }));
        expect(judgeRows('sequence-exhaustion', shown).status).not.toBe('ok');
      }),
    );
  });

  test.each(['dead-tuples', 'stale-statistics'])('one table without counts keeps %s from being ok', (id) => {
    const table = fc.record({ n_live_tup: fc.nat(), n_dead_tup: fc.nat(), n_mod_since_analyze: fc.nat(), uncounted: fc.boolean(), relname: fc.string(), schemaname: fc.string() });
    fc.assert(
      fc.property(fc.array(table, { minLength: 1, maxLength: 8 }), (rows) => {
        fc.pre(rows.some((row) => row.uncounted));
        expect(judgeRows(id, rows).status).not.toBe('ok');
      }),
    );
  });

  test.each(['wal-archiving', 'settings', 'password-hash', 'database-coverage', 'connectivity', 'xid-age', 'connections', 'version', 'public-create', 'hba-rules', 'cache-hit', 'deadlocks', 'temp-files', 'checksum-failures'])('%s never takes no rows at all for an ok', (id) => {
    fc.assert(
      fc.property(anyEyes, (open) => {
        const finding = judgeRows(id, [], { shut: eyeIds.filter((eye) => !open.includes(eye)) });
        expect(finding.status === 'ok' && id !== 'database-coverage').toBe(false);
      }),
    );
  });

  test('an error of any kind is unknown and never thrown, but for a cancelled operation', async () => {
    const codes = ['postgres.query-failed', 'postgres.privilege', 'postgres.statement-timeout', 'postgres.lock-timeout', 'postgres.connection-lost', 'internal'] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...postgresChecks.filter((check) => check.statement !== null)), fc.constantFrom(...codes), async (check, code) => {
        const { finding, sessionLost } = await ask(check, failing(new PilothouseError(code, 'It went wrong.')), lookOf(check), defaultAskLimits, () => 0);
        expect([finding.status, sessionLost]).toEqual(['unknown', code === 'postgres.connection-lost']);
      }),
    );
    await expect(ask(checkNamed('connections'), failing(new PilothouseError('operation.cancelled', 'Enough.')), lookOf(checkNamed('connections')), defaultAskLimits, () => 0)).rejects.toMatchObject({ code: 'operation.cancelled' });
  });

  test('no answer of a server, however strange, breaks a check', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...postgresChecks), fc.array(anyRow, { maxLength: 4 }), fc.boolean(), async (check, rows, standby) => {
        const { finding } = await ask(check, answering(rows), lookOf(check, { server: { standby } }), defaultAskLimits, () => 0);
        expect(finding.summary).not.toBe('');
        expect(finding.value === null || Number.isFinite(finding.value)).toBe(true);
        expect(finding.summary).not.toMatch(/could not be understood/);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('text', () => {
  test('nothing between quotes survives in a query that is shown', () => {
    const clean = fc.stringMatching(/^[a-z ,=()]{0,20}$/);
    const hidden = fc.stringMatching(/^[A-Z0-9!@#%^&*]{6,20}$/);
    fc.assert(
      fc.property(clean, hidden, clean, fc.constantFrom(["'", "'"], ["E'", "'"], ['$$', '$$'], ['$a$', '$a$'], ['--', '\n'], ['/*', '*/'], ["'", '']), (before, secret, after, [open, close]) => {
        expect(shownQuery(`${before} ${open}${secret}${close} ${close === '' ? '' : after}`)).not.toContain(secret);
      }),
    );
  });
  test('a quoted identifier is read back as it was', () => {
    fc.assert(fc.property(fc.string(), (name) => {
        expect(identifier(name).slice(1, -1).replaceAll('""', '"')).toBe(name);
      }));
  });
});
