import type { PostgresCheck } from '../check.ts';
import { bytes, many } from '../figures.ts';
import { amount, evidence, list, text, totalOf, unknown, yes } from '../findings.ts';
import { concurrently } from '../index-text.ts';
import { identifier, qualified } from '../sql-text.ts';

export const invalidIndexes: PostgresCheck = {
  about: {
    id: 'invalid-indexes',
    title: 'Invalid indexes',
    group: 'indexes',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'pghero, pgdoctor: any',
    question: 'Is there an index that was never finished?',
    meaning: 'No query uses it, every write still pays for it, and a unique one does not keep duplicates out.',
    causes: ['CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY failed or was cancelled', 'A unique index met duplicates', 'An index of a partitioned table lacks a partition'],
    needs: 'any role (member of pg_monitor while one is being built)',
  },
  scope: 'database',
  notOnStandby: null,
  fixWrites: true,
  eyes: [],
  statement: () => `SELECT n.nspname, c.relname, tn.nspname AS table_schema, t.relname AS table_name, c.relkind, pg_relation_size(c.oid) AS bytes, pg_get_indexdef(c.oid) AS definition, i.indisunique,
       EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) AS of_constraint,
       (SELECT array_agg(p.pid) FROM pg_stat_progress_create_index p WHERE p.datname = current_database() AND p.index_relid IS NULL) AS hidden_builds,
       count(*) OVER () AS total
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
WHERE (NOT i.indisvalid OR NOT i.indisready) AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid OR p.relid = i.indrelid)
ORDER BY bytes DESC, 1, 2
LIMIT 200`,
  judge(rows, look) {
    if (rows.length === 0) return { status: 'ok', value: 0, summary: '0 invalid indexes', meaning: 'Every index is whole.' };
    const shown = evidence(
      rows,
      {
        index: (row) => `${text(row.nspname)}.${text(row.relname)}`,
        table: (row) => `${text(row.table_schema)}.${text(row.table_name)}`,
        size: (row) => bytes(amount(row.bytes)),
        unique: (row) => yes(row.indisunique),
        definition: (row) => text(row.definition),
      },
      totalOf(rows),
    );
    // A role that may not see builds in progress cannot tell one of those from one that failed.
    const hidden = list(rows[0]?.hidden_builds).length;
    if (hidden > 0 && rows.length <= hidden) {
      return { ...unknown(`${many(rows.length, 'index', 'indexes')} not valid, but ${many(hidden, 'build')} in progress cannot be seen by role ${look.server.user}`, `GRANT pg_monitor TO ${identifier(look.server.user)};`), evidence: shown };
    }
    const first = rows[0];
    const value = totalOf(rows);
    const name = qualified(text(first?.nspname), text(first?.relname));
    const leftover = /_ccnew\d*$|_ccold\d*$/.test(text(first?.relname));
    const plain = text(first?.relkind) === 'i' && !yes(first?.of_constraint);
    return {
      status: 'warn',
      value,
      summary: `${many(value, 'invalid index', 'invalid indexes')}: ${text(first?.nspname)}.${text(first?.relname)} on ${text(first?.table_name)}${value > 1 ? ' and more' : ''}`,
      ...(yes(first?.indisunique) ? { meaning: 'It is unique and not finished: nothing keeps duplicates out of the table, and every write still pays for it.' } : {}),
      evidence: shown,
      fix: plain
        ? {
            where: 'sql',
            do: `DROP INDEX CONCURRENTLY ${name};`,
            undo: `${concurrently(text(first?.definition))};`,
            note: leftover
              ? 'Destructive, but only of a leftover of REINDEX CONCURRENTLY: the index it was to replace still stands.'
              : `Destructive, but no query uses it. Where the index is wanted, build it again with the undo${yes(first?.indisunique) ? ' after removing the duplicates that made it fail' : ''}. Neither can run inside a transaction block.`,
          }
        : null,
    };
  },
};
