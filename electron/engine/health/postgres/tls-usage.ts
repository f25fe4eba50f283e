import type { PostgresCheck } from '../check.ts';
import { many } from '../figures.ts';
import { against, amount, evidence, text, totalOf, yes } from '../findings.ts';

/** A name as pg_hba.conf takes it for what it is, and for no keyword. */
const hbaName = (name: string) => `"${name.replaceAll('"', '""')}"`;

export const tlsUsage: PostgresCheck = {
  about: {
    id: 'tls-usage',
    title: 'Remote sessions without TLS',
    group: 'security',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'own: any',
    question: 'Is a client from another machine connected without encryption?',
    meaning: 'Everything it sends and gets can be read and changed on the way.',
    causes: ['The server has ssl off', 'The client does not ask for TLS, and pg_hba.conf does not demand it (host instead of hostssl)'],
    needs: 'member of pg_monitor',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: ['activity'],
  statement: () => `SELECT a.usename, a.application_name, a.client_addr::text AS client_addr, a.backend_type, s.ssl, s.version, count(*) AS sessions, sum(count(*)) FILTER (WHERE NOT s.ssl) OVER () AS plain, current_setting('ssl') AS server_ssl, count(*) OVER () AS total
FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
WHERE a.client_addr IS NOT NULL AND NOT a.client_addr <<= '127.0.0.0/8' AND a.client_addr <> '::1'
GROUP BY a.usename, a.application_name, a.client_addr, a.backend_type, s.ssl, s.version
ORDER BY s.ssl, sessions DESC
LIMIT 200`,
  judge(rows, look) {
    const value = amount(rows[0]?.plain);
    const status = against(value, look);
    const worst = rows.find((row) => !yes(row.ssl));
    const standby = text(worst?.backend_type) === 'walsender';
    const who = `role ${hbaName(text(worst?.usename))} from ${text(worst?.client_addr)}${standby ? ', which receives WAL' : ''}`;
    const shown = evidence(rows, { client: (row) => text(row.client_addr), role: (row) => text(row.usename), application: (row) => text(row.application_name), kind: (row) => text(row.backend_type), TLS: (row) => (yes(row.ssl) ? text(row.version) : 'no'), sessions: (row) => amount(row.sessions) }, totalOf(rows));
    if (status === 'ok') return { status, value, summary: rows.length === 0 ? '0 sessions from other machines at the moment' : '0 remote sessions without TLS', meaning: 'Nothing goes over the network in the clear right now.', evidence: shown };
    return {
      status,
      value,
      summary: `${many(value, 'remote session')} without TLS: ${text(worst?.usename)} from ${text(worst?.client_addr)}`,
      evidence: shown,
      fix: {
        where: 'setting',
        // Which line lets it in, and who else comes in by that one, is not known here: no line is made up.
        do: `# pg_hba.conf (${who}): in the line that lets it in, change host to hostssl; then SELECT pg_reload_conf();`,
        undo: '# pg_hba.conf: in the same line, change hostssl back to host; then SELECT pg_reload_conf();',
        note: `${text(worst?.server_ssl) === 'on' ? '' : 'The server has ssl off: it needs a certificate and ssl = on first. '}${standby ? 'It is a standby or another receiver of WAL: set sslmode=require in its primary_conninfo first, or it is locked out. ' : ''}Everybody whom the line lets in must speak TLS from then on. Sessions that are open stay as they are; keep one until a new one has logged in.`,
      },
    };
  },
};
