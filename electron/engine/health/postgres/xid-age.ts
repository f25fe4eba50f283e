import type { Finding, PostgresCheck } from '../check.ts';
import { count, percent } from '../figures.ts';
import { against, amount, evidence, text, yes } from '../findings.ts';
import { comment, identifier } from '../sql-text.ts';

/** Transaction ids are 32 bits wide, and half of them are "in the future" of any other. */
const ids = 2 ** 31;

interface Aged {
  kind: string;
  name: string;
  /** Whether it lets anybody in; tables have none of that. */
  shut: boolean;
}

/** The oldest table alone seldom lowers the age: the next one is nearly as old. So the whole database. */
function freeze(worst: Aged, oldest: Aged | undefined): Finding['fix'] {
  const vacuum = `${comment(`in database ${worst.name}`)}\nVACUUM (FREEZE, VERBOSE);`;
  const allow = (may: boolean) => `ALTER DATABASE ${identifier(worst.name)} ALLOW_CONNECTIONS ${may};`;
  const temporary = oldest?.kind === 'temporary table';
  return {
    where: 'sql',
    ...(worst.shut ? {} : { database: worst.name }),
    do: worst.shut ? `${allow(true)}\n${vacuum}\n${comment('back in another database')}\n${allow(false)}` : vacuum,
    undo: worst.shut ? allow(false) : null,
    note: `Freezing changes no data, so there is nothing to undo${worst.shut ? ` but that ${worst.name}, which nobody can connect to, lets people in for that time` : ''}. It reads and writes every table, so watch the load; vacuumdb --freeze --jobs=4 does it with several at a time. First end what holds the horizon back: old transactions, prepared transactions, unused slots. ${temporary ? `${oldest.name} is a temporary table: only` : 'Temporary tables are left out: only'} the session that made one can vacuum it, and its end removes it.`,
  };
}

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
  fixWrites: true,
  eyes: [],
  statement: () => `(SELECT 'database' AS kind, datname AS name, age(datfrozenxid) AS xid_age, mxid_age(datminmxid) AS mxid_age, NOT datallowconn AS shut
 FROM pg_database)
UNION ALL
(SELECT CASE c.relpersistence WHEN 't' THEN 'temporary table' ELSE 'table' END, c.oid::regclass::text, greatest(age(c.relfrozenxid), age(t.relfrozenxid)), greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid)), false
 FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
 WHERE c.relkind IN ('r', 'm')
 ORDER BY greatest(age(c.relfrozenxid), age(t.relfrozenxid), mxid_age(c.relminmxid), mxid_age(t.relminmxid)) DESC LIMIT 10)`,
  judge(rows, look) {
    const aged = rows
      .map((row) => ({ kind: text(row.kind), name: text(row.name), xid: amount(row.xid_age), mxid: amount(row.mxid_age), shut: yes(row.shut) }))
      .map((row) => ({ ...row, share: (100 * Math.max(row.xid, row.mxid)) / ids }))
      .sort((a, b) => b.share - a.share);
    const databases = aged.filter((row) => row.kind === 'database');
    const worst = databases[0];
    if (worst === undefined) return { status: 'unknown', value: null, summary: 'pg_database showed no database at all' };
    const status = against(worst.share, look);
    const value = Math.round(worst.share * 100) / 100;
    const tables = aged.filter((row) => row.kind !== 'database');
    return {
      status,
      value,
      summary: `${percent(value)} of the transaction ids are used in ${worst.name} (${count(Math.max(worst.xid, worst.mxid))} since its oldest row was frozen)`,
      ...(status === 'ok' ? { meaning: 'Autovacuum freezes old rows in time.' } : {}),
      evidence: evidence(
        [...databases, ...tables],
        { kind: (row) => row.kind, name: (row) => row.name, 'transaction ids': (row) => row.xid, multixacts: (row) => row.mxid, 'used %': (row) => Math.round(row.share * 10) / 10 },
      ),
      fix: status === 'ok' ? null : freeze(worst, worst.name === look.server.database ? tables[0] : undefined),
    };
  },
};
