import type { PostgresCheck } from '../check.ts';
import { many } from '../figures.ts';
import { evidence, numberOf, text, totalOf } from '../findings.ts';

export const configFileErrors: PostgresCheck = {
  about: {
    id: 'config-file-errors',
    title: 'Configuration that cannot be read',
    group: 'configuration',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'own: any',
    question: 'Is there a line in the configuration files that the server cannot use?',
    meaning: 'While it stands there a reload may take over none of the changes in the files, and at its next start the server may refuse to come up.',
    causes: ['A typing error', 'A parameter of another major version, left by an upgrade', 'A value out of range'],
    needs: 'superuser, or SELECT on pg_file_settings and EXECUTE on pg_show_all_file_settings()',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['file-settings'],
  // A change that only waits for a restart carries an error too; the check "settings" tells of those.
  statement: () => `SELECT f.sourcefile, f.sourceline, f.name, f.error, count(*) OVER () AS total
FROM pg_file_settings f
WHERE f.error IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_settings s WHERE lower(s.name) = lower(f.name) AND s.pending_restart)
ORDER BY f.sourcefile, f.sourceline
LIMIT 200`,
  judge(rows) {
    if (rows.length === 0) return { status: 'ok', value: 0, summary: '0 lines that cannot be read', meaning: 'The server can start with its files as they are.' };
    const first = rows[0];
    const value = totalOf(rows);
    return {
      status: 'warn',
      value,
      summary: `${many(value, 'line')} that cannot be used: ${text(first?.sourcefile)} line ${text(first?.sourceline)}, ${text(first?.error)}`,
      evidence: evidence(rows, { file: (row) => text(row.sourcefile), line: (row) => numberOf(row.sourceline), parameter: (row) => text(row.name) || null, error: (row) => text(row.error) }, value),
      fix: { where: 'setting', do: `# ${text(first?.sourcefile)}, line ${text(first?.sourceline)}: correct or remove it, then\n# SELECT pg_reload_conf();`, undo: null, note: 'Keep a copy of the file first; that copy is the undo.' },
    };
  },
};
