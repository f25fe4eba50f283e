/** Fills the practice server: roles, the shop's database, its rows, and what is wrong with it on purpose. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { Postgres } from '../postgres/index.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/types.ts';
import { ownerRole, type Passwords } from './passfile.ts';
import { createRolesAndDatabase } from './roles.ts';
import { countSql, differences, expectedTotal } from './shop/expected.ts';
import { clusterFaults, faults, invalidIndexFoundSql, invalidIndexSql } from './shop/faults.ts';
import { finish, vacuumSql } from './shop/finish.ts';
import { rows } from './shop/rows.ts';
import type { ShopStep } from './shop/step.ts';
import { structure } from './shop/structure.ts';

export interface ShopBuilder {
  /** Roles, database and rows. Counted when they are there. */
  load(passwords: Passwords, at: number): Promise<void>;
  /** What is wrong on purpose, looked at when it is there. */
  plant(): Promise<void>;
}

function notAsMeant(what: string): PilothouseError {
  return new PilothouseError('practice.start-failed', `The practice data are not what was meant: ${what}.`, { hint: 'Try again; if it happens again, the log of this operation shows every statement that was sent.', retryable: true });
}

/**
 * @param range the share of the whole operation's progress that this is: from, to (0 to 1)
 */
export function createShopBuilder(postgres: Postgres, target: PostgresTarget, operation: RunningOperation, range: readonly [number, number]): ShopBuilder {
  const withSession = async <T>(database: string, use: (session: PostgresSession) => Promise<T>): Promise<T> => {
    const session = await postgres.connect(target, { applicationName: 'pilothouse practice', database, signal: operation.signal, onStatement: (record) => operation.command(record) });
    try {
      // A session of ours finds the catalogue's names alone; the shop's are made in public, on a server that is all ours.
      await session.query('SET search_path = public');
      return await use(session);
    } finally {
      await session.close();
    }
  };

  const send = async (session: PostgresSession, steps: readonly ShopStep[], report: (step: ShopStep, index: number) => void): Promise<void> => {
    for (const [index, step] of steps.entries()) {
      operation.throwIfCancelled();
      report(step, index);
      await session.query(step.sql);
    }
  };

  const [from, to] = range;
  const loadEnd = from + (to - from) * 0.85;

  return {
    async load(passwords, at) {
      await withSession('postgres', (session) => createRolesAndDatabase(session, passwords));
      await withSession(target.connection.database, async (session) => {
        await session.query(`SELECT set_config('TimeZone', 'UTC', false), set_config('shop.anchor', $1, false)`, [startOfDay(at)]);
        await session.query(`SET ROLE ${ownerRole}`);
        const total = rows.reduce((sum, step) => sum + step.rows, 0);
        let done = 0;
        await send(session, [...structure, ...rows, ...finish], (step) => {
          operation.progress({ fraction: from + (loadEnd - from) * (done / total), done, total, unit: 'rows', text: step.title });
          done += step.rows;
        });
        const { rows: counted } = await session.query(countSql);
        const wrong = differences(counted[0] ?? {});
        if (wrong.length > 0) throw notAsMeant(wrong.join('; '));
        operation.log('ok', `${expectedTotal.toLocaleString('en')} rows counted in 16 tables`);
        await session.query('RESET ROLE');
        await session.query(vacuumSql);
      });
    },

    async plant() {
      await withSession(target.connection.database, async (session) => {
        await session.query(`SET ROLE ${ownerRole}`);
        await send(session, faults, (step, index) => operation.progress({ fraction: loadEnd + (to - loadEnd) * (index / faults.length), text: step.title }));
        await plantInvalidIndex(session, operation);
        await session.query('RESET ROLE');
        await send(session, clusterFaults, (step) => operation.progress({ fraction: to, text: step.title }));
      });
    },
  };
}

/** Midnight in UTC: the same rows come out all day long. */
function startOfDay(at: number): string {
  return `${new Date(at).toISOString().slice(0, 10)}T00:00:00Z`;
}

/** The next statement is meant to fail: two customers share a number. What counts is what it leaves behind. */
async function plantInvalidIndex(session: PostgresSession, operation: RunningOperation): Promise<void> {
  operation.log('info', 'The next statement fails on purpose and leaves an invalid index behind, as in real life');
  try {
    await session.query(invalidIndexSql);
  } catch (error) {
    const { details } = error as { details?: { sqlState?: unknown } };
    if (details?.sqlState !== '23505') throw error;
  }
  const { rows: found } = await session.query(invalidIndexFoundSql);
  if (found.length === 0) throw notAsMeant('the invalid index is not there');
}
