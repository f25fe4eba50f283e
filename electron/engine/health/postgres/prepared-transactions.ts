import type { PostgresCheck } from '../check.ts';
import { duration, many } from '../figures.ts';
import { against, amount, evidence, text, totalOf } from '../findings.ts';
import { comment, literal } from '../sql-text.ts';

export const preparedTransactions: PostgresCheck = {
  about: {
    id: 'prepared-transactions',
    title: 'Prepared transactions',
    group: 'activity',
    unit: 'seconds',
    warn: 300,
    critical: 1800,
    source: 'own: 5 / 30 min',
    question: 'How long has a prepared transaction been waiting to be committed or rolled back?',
    meaning: 'It keeps its locks and holds VACUUM back, even over a restart, until somebody ends it by name.',
    causes: ['The transaction manager that prepared it died or forgot it', 'PREPARE TRANSACTION was sent by mistake'],
    needs: 'any role',
  },
  scope: 'cluster',
  // What a standby replayed of them shows there only once it is promoted.
  notOnStandby: 'A standby does not list them: look at its primary',
  eyes: [],
  statement: () => `SELECT gid, database, owner, extract(epoch FROM clock_timestamp() - prepared)::float8 AS seconds, count(*) OVER () AS total
FROM pg_prepared_xacts
ORDER BY prepared
LIMIT 200`,
  judge(rows, look) {
    const oldest = rows[0];
    if (oldest === undefined) return { status: 'ok', value: 0, summary: '0 s: there are no prepared transactions', meaning: 'Nothing waits for a second phase.' };
    const seconds = amount(oldest.seconds);
    const status = against(seconds, look);
    return {
      status,
      value: Math.round(seconds),
      summary: `${duration(seconds)}: prepared transaction ${text(oldest.gid)} waits in ${text(oldest.database)}; ${many(totalOf(rows), 'prepared transaction')}`,
      ...(status === 'ok' ? { meaning: 'Prepared transactions are ended soon.' } : {}),
      evidence: evidence(rows, { for: (row) => duration(amount(row.seconds)), name: (row) => text(row.gid), database: (row) => text(row.database), owner: (row) => text(row.owner) }, totalOf(rows)),
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql',
              database: text(oldest.database),
              do: `${comment(`in database ${text(oldest.database)}, as ${text(oldest.owner)} or a superuser`)}\nROLLBACK PREPARED ${literal(text(oldest.gid))};`,
              undo: null,
              note: 'What it did is lost, and there is no undo. Where its transaction manager still means to commit it, send COMMIT PREPARED instead: ask it first.',
            },
    };
  },
};
