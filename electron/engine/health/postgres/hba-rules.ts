import type { PostgresCheck, Row } from '../check.ts';
import { many } from '../figures.ts';
import { evidence, list, numberOf, text, totalOf } from '../findings.ts';
import { worstHealth, type HealthState } from '#shared/domain/health-state.ts';

function isLoopback(row: Row): boolean {
  const address = text(row.address);
  return text(row.type) === 'local' || address.startsWith('127.') || address === '::1' || address === 'localhost' || address === 'samehost';
}

/** How bad one line is, and why. */
function judgeRule(row: Row): { state: HealthState; why: string } {
  if (text(row.error) !== '') return { state: 'critical', why: `cannot be read: ${text(row.error)}` };
  const method = text(row.auth_method);
  if (method === 'trust' && !isLoopback(row)) return { state: 'critical', why: 'lets anybody in from elsewhere without a password' };
  if (method === 'password') return { state: 'warn', why: 'sends passwords in the clear' };
  if (method === 'md5') return { state: 'warn', why: 'accepts md5 hashes' };
  return { state: 'ok', why: '' };
}

function lineOf(row: Row, method = text(row.auth_method)): string {
  const mask = text(row.netmask);
  return [text(row.type), list(row.database).join(','), list(row.user_name).join(','), text(row.address), text(row.address).includes('/') ? '' : mask, method, ...list(row.options)].filter((part) => part !== '').join('  ');
}

export const hbaRules: PostgresCheck = {
  about: {
    id: 'hba-rules',
    title: 'Who may connect from where',
    group: 'security',
    unit: 'count',
    warn: null,
    critical: null,
    source: 'own: trust from elsewhere and unreadable lines are critical; password and md5 warn',
    question: 'Does pg_hba.conf let anybody in without a password, or with a weak one?',
    meaning: 'The first line that fits a connection decides alone. A line too wide opens the server, whatever the others say.',
    causes: ['A line was added in a hurry and stayed', 'The file is older than SCRAM', 'A mistake in a line: the server then keeps the rules it had, until its next start fails'],
    needs: 'superuser, or SELECT on pg_hba_file_rules and EXECUTE on pg_hba_file_rules()',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['hba-rules'],
  statement: ({ server }) => `SELECT ${server.versionNum >= 160000 ? 'file_name' : 'NULL::text AS file_name'}, line_number, type, database, user_name, address, netmask, auth_method, options, error, count(*) OVER () AS total
FROM pg_hba_file_rules
ORDER BY ${server.versionNum >= 160000 ? 'rule_number NULLS FIRST, ' : ''}line_number
LIMIT 1000`,
  judge(rows) {
    const judged = rows.map((row) => ({ row, ...judgeRule(row) }));
    const bad = judged.filter((rule) => rule.state !== 'ok').sort((a, b) => (a.state === b.state ? 0 : a.state === 'critical' ? -1 : 1));
    const shown = evidence(
      [...bad, ...judged.filter((rule) => rule.state === 'ok')],
      { line: ({ row }) => numberOf(row.line_number), rule: ({ row }) => lineOf(row), why: (rule) => rule.why || null, file: ({ row }) => text(row.file_name) || null },
      totalOf(rows),
    );
    const worst = bad[0];
    if (worst === undefined) {
      return rows.length === 0
        ? { status: 'critical', value: 0, summary: '0 lines in pg_hba.conf: after its next reload the server lets nobody in', evidence: shown }
        : { status: 'ok', value: 0, summary: `0 of ${many(totalOf(rows), 'line')} of pg_hba.conf let anybody in too easily`, meaning: 'Whoever comes from elsewhere needs a password that is not sent in the clear.', evidence: shown };
    }
    const line = text(worst.row.line_number);
    const file = text(worst.row.file_name) || 'pg_hba.conf';
    return {
      status: worstHealth(bad.map((rule) => rule.state)),
      value: bad.length,
      summary: `${many(bad.length, 'line')} of ${file}: line ${line} ${worst.why}`,
      evidence: shown,
      fix:
        text(worst.row.error) !== ''
          ? null
          : {
              where: 'setting',
              do: `# ${file}, line ${line}; then SELECT pg_reload_conf();\n${lineOf(worst.row, 'scram-sha-256')}`,
              undo: `# ${file}, line ${line}; then SELECT pg_reload_conf();\n${lineOf(worst.row)}`,
              note: 'Keep a session open until a new one has logged in: a mistake here locks everybody out. Roles whose password is still stored as md5 cannot log in by scram-sha-256: the check of password hashes names them.',
            },
    };
  },
};
