import type { PostgresCheck } from '../check.ts';
import { bytes, many } from '../figures.ts';
import { against, amount, evidence, list, text, totalOf } from '../findings.ts';
import { identifier, indexName, qualified } from '../sql-text.ts';

const leastBytes = 9 * 1024 ** 2;

export const unindexedForeignKeys: PostgresCheck = {
  about: {
    id: 'unindexed-foreign-keys',
    title: 'Foreign keys without an index',
    group: 'indexes',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'pganalyze: tables over 9 MB that are written to',
    question: 'Which foreign keys of larger tables have no index on their columns?',
    meaning: 'Each delete or key update in the referenced table reads the whole referencing table, and holds locks while it does.',
    causes: ['Postgres makes an index for the referenced side only', 'A migration added the constraint without one'],
    needs: 'any role',
  },
  scope: 'database',
  notOnStandby: null,
  fixWrites: true,
  eyes: [],
  // int2vector counts from 0. What is not counted is taken as written to: with track_counts off, on a standby, and
  // where a table has pages but no rows by its counts, which a crash or a reset threw away.
  statement: () => `SELECT n.nspname, t.relname, t.relkind, k.conname, k.confrelid::regclass::text AS referenced, k.columns, k.bytes,
       (SELECT array_agg(o.relname::text) FROM pg_class o WHERE o.relnamespace = t.relnamespace AND starts_with(o.relname, left(t.relname, 14))) AS taken, count(*) OVER () AS total
FROM (SELECT c.conrelid, c.conname, c.confrelid,
             (SELECT array_agg(a.attname::text ORDER BY u.place) FROM unnest(c.conkey) WITH ORDINALITY u (attnum, place) JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum) AS columns,
             CASE WHEN r.relkind = 'p' THEN (SELECT sum(pg_table_size(p.relid)) FROM pg_partition_tree(c.conrelid) p WHERE p.isleaf) ELSE pg_table_size(c.conrelid) END AS bytes,
             NOT current_setting('track_counts')::boolean OR pg_is_in_recovery() OR EXISTS (
               SELECT 1 FROM pg_stat_user_tables s JOIN pg_class l ON l.oid = s.relid
               WHERE (s.relid = c.conrelid OR s.relid IN (SELECT p.relid FROM pg_partition_tree(c.conrelid) p))
                 AND (s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0 OR (l.relkind = 'r' AND s.n_live_tup + s.n_dead_tup = 0 AND pg_relation_size(l.oid) > 0))) AS written
      FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
      WHERE c.contype = 'f' AND c.conparentid = 0
        AND NOT EXISTS (SELECT 1 FROM pg_index i
                        WHERE i.indrelid = c.conrelid AND i.indisvalid AND i.indpred IS NULL
                          AND (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)) k
JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE k.bytes > ${leastBytes} AND k.written
ORDER BY k.bytes DESC, n.nspname, k.conname
LIMIT 200`,
  judge(rows, look) {
    const value = totalOf(rows);
    const status = against(value, look);
    const first = rows[0];
    if (first === undefined) return { status, value: 0, summary: `0 foreign keys without an index, in tables over ${bytes(leastBytes)}`, meaning: 'Deletes in referenced tables find their rows by an index.' };
    const schema = text(first.nspname);
    const table = text(first.relname);
    const columns = list(first.columns);
    // A name that is taken already would make the undo drop what stood there before.
    const name = indexName(table, columns, list(first.taken));
    const partitioned = text(first.relkind) === 'p';
    return {
      status,
      value,
      ...(look.server.standby ? { meaning: 'Each delete or key update in the referenced table reads the whole referencing table. A standby does not count writes: tables that nobody writes to are among these.' } : {}),
      summary: `${many(value, 'foreign key')} without an index: ${schema}.${table} (${columns.join(', ')}) refers to ${text(first.referenced)}, ${bytes(amount(first.bytes))}`,
      evidence: evidence(rows, { table: (row) => `${text(row.nspname)}.${text(row.relname)}`, columns: (row) => list(row.columns).join(', '), 'refers to': (row) => text(row.referenced), constraint: (row) => text(row.conname), size: (row) => bytes(amount(row.bytes)) }, value),
      fix:
        status === 'ok'
          ? null
          : {
              where: 'sql',
              do: `CREATE INDEX ${partitioned ? '' : 'CONCURRENTLY '}${identifier(name)} ON ${qualified(schema, table)} (${columns.map(identifier).join(', ')});`,
              undo: `DROP INDEX ${partitioned ? '' : 'CONCURRENTLY '}${qualified(schema, name)};`,
              note: partitioned
                ? 'A partitioned table cannot be indexed concurrently: this blocks writes while it runs. To avoid that, CREATE INDEX … ON ONLY the parent, then one CONCURRENTLY per partition, then attach each.'
                : 'Does not block writes. It cannot run inside a transaction block; if it fails it leaves an invalid index, which the undo removes.',
            },
    };
  },
};
