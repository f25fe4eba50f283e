import type { Finding, Look, PostgresCheck, Row } from '../check.ts';
import { count, many, percent } from '../figures.ts';
import { amount, evidence, numberOf, partly, text, totalOf, yes } from '../findings.ts';
import { identifier, qualified } from '../sql-text.ts';
import { judge, worstHealth } from '#shared/domain/health-state.ts';

/** Where the column is bigint, the end is far even at half: pgdoctor's limits for all other sequences. */
const wide = { warn: 75, critical: 90 };

function limitsFor(row: Row, look: Look): { warn: number | null; critical: number | null } {
  return look.ownLimits || text(row.column_type) === 'integer' || text(row.column_type) === 'smallint' ? look.limits : wide;
}

const nameOf = (row: Row) => (text(row.column_name) === '' ? `${text(row.nspname)}.${text(row.relname)}` : `${text(row.table_name)}.${text(row.column_name)}`);

function fixFor(row: Row): Finding['fix'] {
  const type = text(row.column_type);
  if (type !== 'integer' && type !== 'smallint') return null;
  const table = qualified(text(row.table_schema), text(row.table_name));
  const column = identifier(text(row.column_name));
  const sequence = qualified(text(row.nspname), text(row.relname));
  const sequenceType = text(row.sequence_type);
  // A sequence over a narrower column may be a bigint one already: then it stays as it is, both ways.
  const widen = sequenceType === 'bigint' ? '' : `\nALTER SEQUENCE ${sequence} AS bigint;`;
  const narrow = sequenceType === 'bigint' ? '' : `ALTER SEQUENCE ${sequence} AS ${sequenceType || type};\n`;
  return {
    where: 'sql',
    do: `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE bigint;${widen}`,
    undo: `${narrow}ALTER TABLE ${table} ALTER COLUMN ${column} TYPE ${type};`,
    note: 'Rewrites the whole table while nobody can read or write it: on a large one plan a window, or add a bigint column beside it and fill it in parts. Columns that refer to it have to follow. The undo rewrites it again, and works only while every value fits.',
  };
}

export const sequenceExhaustion: PostgresCheck = {
  about: {
    id: 'sequence-exhaustion',
    title: 'Sequences running out',
    group: 'storage',
    unit: 'percent',
    warn: 50,
    critical: 75,
    source: 'pgdoctor: 50 / 75 % of an int4 column, 75 / 90 % of others',
    question: 'How much of a sequence is used, counted by the type of the column it fills?',
    meaning: 'At the end every insert fails. A column of type integer ends at 2,147,483,647 even where its sequence goes on.',
    causes: ['The column is integer and the table has lived long', 'A loop of failed inserts or upserts uses numbers up', 'A large batch inserts and deletes again and again'],
    needs: 'SELECT or USAGE on the sequences',
  },
  scope: 'database',
  notOnStandby: null,
  fixWrites: true,
  eyes: [],
  // pg_sequence_last_value() is refused without the privilege, and on a standby for unlogged sequences.
  statement: () => `SELECT nspname, relname, increment, sequence_type, table_schema, table_name, column_name, column_type, last_value::text AS last_value, ends_at::text AS ends_at, visible,
       round(100 * CASE WHEN increment > 0 THEN (last_value - starts_at) / nullif(ends_at - starts_at, 0) ELSE (starts_at - last_value) / nullif(starts_at - ends_at, 0) END, 2)::float8 AS used,
       count(*) FILTER (WHERE NOT visible) OVER () AS hidden, count(*) OVER () AS total
FROM (SELECT n.nspname, c.relname, s.seqincrement AS increment, format_type(s.seqtypid, NULL) AS sequence_type, o.table_schema, o.table_name, o.column_name, o.column_type, v.visible,
             CASE WHEN v.visible THEN pg_sequence_last_value(c.oid)::numeric END AS last_value,
             (CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END)::numeric AS starts_at,
             CASE WHEN s.seqincrement > 0 THEN least(s.seqmax::numeric, o.top) ELSE greatest(s.seqmin::numeric, -o.top - 1) END AS ends_at
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_sequence s ON s.seqrelid = c.oid
      CROSS JOIN LATERAL (SELECT has_sequence_privilege(c.oid, 'SELECT, USAGE') AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery()) AS visible) v
      LEFT JOIN LATERAL (
        SELECT tn.nspname AS table_schema, t.relname AS table_name, a.attname AS column_name, format_type(a.atttypid, NULL) AS column_type,
               CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE 9223372036854775807 END::numeric AS top
        FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
        LIMIT 1) o ON true
      WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND NOT s.seqcycle) q
ORDER BY visible, used DESC NULLS LAST
LIMIT 1000`,
  judge(rows, look) {
    if (rows.length === 0) return { status: 'ok', value: 0, summary: '0 sequences: there are none that could run out', meaning: 'Nothing to run out of.' };
    const hidden = rows.filter((row) => !yes(row.visible));
    const visible = rows
      .filter((row) => yes(row.visible))
      .map((row) => ({ row, used: numberOf(row.used) ?? 0, limits: limitsFor(row, look) }))
      .map((entry) => ({ ...entry, state: judge(entry.used, entry.limits) }));
    const state = visible.length === 0 ? 'ok' : worstHealth(visible.map((entry) => entry.state));
    const worst = visible.filter((entry) => entry.state === state).sort((a, b) => b.used - a.used)[0];
    const type = text(worst?.row.column_type);
    const finding: Finding = {
      status: state,
      value: worst?.used ?? null,
      summary: worst === undefined ? 'nothing' : `${percent(worst.used)} of ${nameOf(worst.row)}${type === '' ? '' : ` (${type === 'integer' ? 'int4' : type})`} is used`,
      ...(state === 'ok' ? { meaning: 'No sequence comes near its end.' } : { meaning: `${count(Math.max(0, amount(worst?.row.ends_at) - amount(worst?.row.last_value)))} more numbers, then every insert fails.` }),
      evidence: evidence(
        visible.sort((a, b) => b.used - a.used),
        {
          sequence: ({ row }) => `${text(row.nspname)}.${text(row.relname)}`,
          column: ({ row }) => (text(row.column_name) === '' ? null : `${text(row.table_schema)}.${text(row.table_name)}.${text(row.column_name)}`),
          type: ({ row }) => text(row.column_type) || null,
          'last value': ({ row }) => text(row.last_value) || 'never used',
          'ends at': ({ row }) => text(row.ends_at),
          'used %': ({ used }) => used,
        },
        totalOf(rows) - hidden.length,
      ),
      ...(worst === undefined ? {} : { limits: worst.limits }),
      fix: worst === undefined || state === 'ok' ? null : fixFor(worst.row),
    };
    if (hidden.length === 0) return finding;
    const schemas = [...new Set(hidden.map((row) => text(row.nspname)))];
    const { user } = look.server;
    return partly(
      finding,
      `the values of ${many(Math.max(hidden.length, amount(rows[0]?.hidden)), 'sequence')}`,
      look.server.standby ? 'Look at the primary: a standby does not hold the values of unlogged sequences.' : schemas.map((schema) => `GRANT SELECT ON ALL SEQUENCES IN SCHEMA ${identifier(schema)} TO ${identifier(user)};`).join('\n'),
    );
  },
};
