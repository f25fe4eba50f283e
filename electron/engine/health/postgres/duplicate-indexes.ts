import type { PostgresCheck } from '../check.ts';
import { bytes, many } from '../figures.ts';
import { against, amount, evidence, text, totalOf, yes } from '../findings.ts';
import { concurrently } from '../index-text.ts';
import { qualified } from '../sql-text.ts';

export const duplicateIndexes: PostgresCheck = {
  about: {
    id: 'duplicate-indexes',
    title: 'Duplicate indexes',
    group: 'indexes',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'pghero, pganalyze: any',
    question: 'Are there indexes that do exactly what another one does?',
    meaning: 'Both are kept up to date with every write; one would do.',
    causes: ['An ORM or a migration added an index that a constraint had brought already', 'Two people added the same index under two names'],
    needs: 'any role',
  },
  scope: 'database',
  notOnStandby: null,
  fixWrites: true,
  eyes: [],
  // The one to keep comes first of each group: a constraint's, a replica identity, a unique one, and then by name (as
  // Postgres would name it, before others): that is the same in a restored copy, where oids come as they come.
  statement: () => `SELECT nspname, table_name, relname, kept, bytes, definition, droppable, count(*) OVER () AS total
FROM (SELECT n.nspname, t.relname AS table_name, c.relname, pg_relation_size(c.oid) AS bytes, pg_get_indexdef(c.oid) AS definition,
             first_value(c.relname) OVER same AS kept, row_number() OVER same AS place,
             NOT i.indisunique AND NOT i.indisreplident AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) AS droppable
      FROM pg_index i
      JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
      WHERE i.indisvalid AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
      WINDOW same AS (PARTITION BY i.indrelid, c.relam, i.indkey::text, i.indnkeyatts, i.indclass::text, i.indcollation::text, i.indoption::text,
                        coalesce(pg_get_expr(i.indexprs, i.indrelid), ''), coalesce(pg_get_expr(i.indpred, i.indrelid), '')
                      ORDER BY EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) DESC, i.indisreplident DESC, i.indisunique DESC, c.relname LIKE '%\\_idx' DESC, c.relname)) d
WHERE place > 1
ORDER BY bytes DESC, nspname, relname
LIMIT 200`,
  judge(rows, look) {
    const value = totalOf(rows);
    const status = against(value, look);
    if (rows.length === 0) return { status, value: 0, summary: '0 duplicate indexes', meaning: 'Every index is there once.' };
    const first = rows.find((row) => yes(row.droppable)) ?? rows[0];
    return {
      status,
      value,
      summary: `${many(value, 'duplicate index', 'duplicate indexes')}, ${bytes(rows.reduce((sum, row) => sum + amount(row.bytes), 0))} together: ${text(first?.relname)} does what ${text(first?.kept)} does`,
      evidence: evidence(rows, { index: (row) => `${text(row.nspname)}.${text(row.relname)}`, 'same as': (row) => text(row.kept), table: (row) => text(row.table_name), size: (row) => bytes(amount(row.bytes)), definition: (row) => text(row.definition) }, value),
      fix:
        status === 'ok' || !yes(first?.droppable)
          ? null
          : {
              where: 'sql',
              do: `DROP INDEX CONCURRENTLY ${qualified(text(first?.nspname), text(first?.relname))};`,
              undo: `${concurrently(text(first?.definition))};`,
              note: `Drops only what ${text(first?.kept)} does as well; the undo builds it again. Neither can run inside a transaction block.`,
            },
    };
  },
};
