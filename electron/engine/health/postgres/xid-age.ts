import type { PostgresCheck } from '../check.ts';
import { count, percent } from '../figures.ts';
import { against, amount, evidence, text } from '../findings.ts';
import { comment } from '../sql-text.ts';

/** Transaction ids are 32 bits wide, and half of them are "in the future" of any other. */
const ids = 2 ** 31;

export const xidAge: PostgresCheck = {
  about: {
    id: 'xid-age',
    title: 'Transaction id wraparound',
    group: 'vacuum',
    unit: 'percent',
    warn: 50,
    critical: 80,
    source: 'pganalyze: 50 / 80 % of 2^31',
    question: 'How much of the transaction and multixact ids is used up since the oldest row was frozen?',
    meaning: 'When the ids run out the server refuses every write until the oldest tables are frozen by VACUUM.',
    causes: ['Autovacuum is off, or cannot finish the largest tables', 'A long transaction, prepared transaction or replication slot holds the horizon back', 'autovacuum_freeze_max_age was raised'],
    needs: 'any role',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  statement: () => `(SELECT 'database' AS kind, datname AS name, age(datfrozenxid) AS xid_age, mxid_age(datminmxid) AS mxid_age
 FROM pg_database)
UNION ALL
(SELECT 'table', c.oid::regclass::text, greatest(age(c.relfrozenxid), age(t.relfrozenxid)), greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid))
 FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
 WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
 ORDER BY 3 DESC LIMIT 10)`,
  judge(rows, look) {
    const aged = rows
      .map((row) => ({ kind: text(row.kind), name: text(row.name), xid: amount(row.xid_age), mxid: amount(row.mxid_age) }))
      .map((row) => ({ ...row, share: (100 * Math.max(row.xid, row.mxid)) / ids }))
      .sort((a, b) => b.share - a.share);
    const databases = aged.filter((row) => row.kind === 'database');
    const worst = databases[0];
    if (worst === undefined) return { status: 'unknown', value: null, summary: 'pg_database showed no database at all' };
    const status = against(worst.share, look);
    const value = Math.round(worst.share * 100) / 100;
    const worstTable = aged.find((row) => row.kind === 'table');
    return {
      status,
      value,
      summary: `${percent(value)} of the transaction ids are used in ${worst.name} (${count(Math.max(worst.xid, worst.mxid))} since its oldest row was frozen)`,
      ...(status === 'ok' ? { meaning: 'Autovacuum freezes old rows in time.' } : {}),
      evidence: evidence(
        [...databases, ...aged.filter((row) => row.kind === 'table')],
        { kind: (row) => row.kind, name: (row) => row.name, 'transaction ids': (row) => row.xid, multixacts: (row) => row.mxid, 'used %': (row) => Math.round(row.share * 10) / 10 },
      ),
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql',
              do: worst.name === look.server.database && worstTable !== undefined ? `VACUUM (FREEZE, VERBOSE) ${worstTable.name};` : `${comment(`in database ${worst.name}`)}\nVACUUM (FREEZE, VERBOSE);`,
              undo: null,
              note: 'There is nothing to undo: freezing changes no data. It reads and writes the whole table, so watch the load. First end what holds the horizon back: old transactions, prepared transactions, unused slots.',
            },
    };
  },
};
