import type { PostgresCheck } from '../check.ts';
import { skipped, unknown, yes } from '../findings.ts';

export const publicCreate: PostgresCheck = {
  about: {
    id: 'public-create',
    title: 'Anybody may create in schema public',
    group: 'security',
    unit: 'none',
    warn: null,
    critical: null,
    source: 'own; the default of Postgres 15 and later',
    question: 'May every role create objects in schema public?',
    meaning: 'Any role that can connect can put a function or table there that others then call by mistake, with their own rights (CVE-2018-1058).',
    causes: ['The database was made before Postgres 15, where this was the default, and upgraded since', 'Somebody granted it'],
    needs: 'any role',
  },
  scope: 'database',
  notOnStandby: null,
  fixWrites: true,
  eyes: [],
  statement: () => "SELECT to_regnamespace('public') IS NOT NULL AS present, CASE WHEN to_regnamespace('public') IS NOT NULL THEN has_schema_privilege('public', 'public', 'CREATE') END AS open",
  judge(rows) {
    const row = rows[0];
    if (row === undefined) return unknown('The server did not say who may create in schema public');
    if (!yes(row.present)) return skipped('This database has no schema public');
    if (!yes(row.open)) return { status: 'ok', value: null, summary: 'Only those who were granted it may create in schema public', meaning: 'No role can slip others a function of its own there.' };
    return {
      status: 'warn',
      value: null,
      summary: 'Every role may create objects in schema public',
      fix: { where: 'sql', do: 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;', undo: 'GRANT CREATE ON SCHEMA public TO PUBLIC;', note: 'What stands in the schema stays. Applications that create tables there with a role of their own need GRANT CREATE ON SCHEMA public TO that role first.' },
    };
  },
};
