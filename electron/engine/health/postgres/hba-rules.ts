import type { PostgresCheck, Row } from '../check.ts';
import { many } from '../figures.ts';
import { evidence, list, numberOf, text, totalOf } from '../findings.ts';
import { worstHealth, type HealthState } from '#shared/domain/health-state.ts';

const wholeMask = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

/** The mask counts with the address: 127.0.0.1/0 is everybody. */
function isLoopback(row: Row): boolean {
  const address = text(row.address);
  const mask = text(row.netmask);
  if (text(row.type) === 'local' || address === 'localhost' || address === 'samehost') return true;
  return address.startsWith('127.') ? mask.startsWith('255.') : address === '::1' && mask === wholeMask;
}

/** How bad one line is, and why. */
function judgeRule(row: Row): { state: HealthState; why: string } {
  if (text(row.error) !== '') return { state: 'critical', why: `cannot be read: ${text(row.error)}` };
  const method = text(row.auth_method);
  // Of some mistakes in a line the view says nothing at all.
  if (method === '') return { state: 'critical', why: 'cannot be read: the log of the server says why' };
  if (method === 'trust' && !isLoopback(row)) return { state: 'critical', why: 'lets anybody in from elsewhere without a password' };
  if (method === 'password') return { state: 'warn', why: 'sends passwords in the clear' };
  if (method === 'md5') return { state: 'warn', why: 'accepts md5 hashes' };
  return { state: 'ok', why: '' };
}

/** Options whose values are no secrets. All others (radiussecrets, ldapbindpasswd, addresses with passwords in them) stay on the server. */
const openOptions = ['clientcert', 'clientname', 'map'];
const isOpen = (option: string) => openOptions.some((name) => option.startsWith(`${name}=`));

/** The statement sends no more of other options than their names; what came all the same is not shown either. */
const shownOption = (option: string) => (isOpen(option) ? option : `${option.replace(/=[\s\S]*$/, '')}=…`);

function lineOf(row: Row, method = text(row.auth_method)): string {
  const mask = text(row.netmask);
  return [text(row.type), list(row.database).join(','), list(row.user_name).join(','), text(row.address), text(row.address).includes('/') ? '' : mask, method, ...list(row.options).map(shownOption)].filter((part) => part !== '').join('  ');
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
  // Secrets stand in the options, and in errors that repeat a word of the line: neither leaves the server.
  statement: ({ server }) => `SELECT ${server.versionNum >= 160000 ? 'file_name' : 'NULL::text AS file_name'}, line_number, type, database, user_name, address, netmask, auth_method,
       (SELECT array_agg(CASE WHEN split_part(o, '=', 1) IN (${openOptions.map((name) => `'${name}'`).join(', ')}) THEN o ELSE split_part(o, '=', 1) END) FROM unnest(options) o) AS options,
       CASE WHEN error LIKE 'invalid authentication method %' THEN error ELSE coalesce(nullif(trim(substring(error FROM '^[ !#-9;-~]*')), ''), CASE WHEN error IS NOT NULL THEN 'the log of the server says why' END) END AS error,
       count(*) OVER () AS total
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
        text(worst.row.auth_method) === ''
          ? null
          : {
              where: 'setting',
              do: `# ${file}, line ${line}; then SELECT pg_reload_conf();\n${lineOf(worst.row, 'scram-sha-256')}`,
              undo: `# ${file}, line ${line}; then SELECT pg_reload_conf();\n${lineOf(worst.row)}`,
              note: `${list(worst.row.options).some((option) => !isOpen(option)) ? 'Where … stands, leave what the line has. ' : ''}Keep a session open until a new one has logged in: a mistake here locks everybody out. Roles whose password is still stored as md5 cannot log in by scram-sha-256: the check of password hashes names them.`,
            },
    };
  },
};
