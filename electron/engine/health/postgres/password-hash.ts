import type { PostgresCheck } from '../check.ts';
import { many } from '../figures.ts';
import { against, blind, evidence, text, unknown } from '../findings.ts';
import { identifier } from '../sql-text.ts';

const setting = "current_setting('password_encryption') AS password_encryption";

export const passwordHash: PostgresCheck = {
  about: {
    id: 'password-hash',
    title: 'Passwords stored as md5',
    group: 'security',
    unit: 'count',
    warn: 1,
    critical: null,
    source: 'own: any; md5 is deprecated since Postgres 18',
    question: 'Which roles have a password that is stored as an md5 hash?',
    meaning: 'Whoever gets hold of an md5 hash, from a dump of the roles for one, can log in with it as it is. SCRAM does not have that weakness.',
    causes: ['The password was set before Postgres 14, and not typed again since', 'password_encryption is still md5'],
    needs: 'superuser, or SELECT on pg_authid',
  },
  scope: 'cluster',
  notOnStandby: null,
  fixWrites: true,
  eyes: [],
  // Only the kind of hash leaves the server, never the hash.
  statement: ({ sees }) =>
    sees('password-hashes')
      ? `SELECT rolname, CASE WHEN rolpassword IS NULL THEN 'none' WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram-sha-256' WHEN rolpassword ~ '^md5[0-9a-f]{32}$' THEN 'md5' ELSE 'other' END AS stored,
       ${setting}
FROM pg_authid
WHERE rolcanlogin
ORDER BY rolname`
      : `SELECT ${setting}`,
  judge(rows, look) {
    const encryption = text(rows[0]?.password_encryption);
    // Before 14, "on" stands for md5.
    const newOnesToo = encryption === 'md5' || encryption === 'on';
    const encryptionFix = "ALTER SYSTEM SET password_encryption = 'scram-sha-256';\nSELECT pg_reload_conf();";
    if (!look.sees('password-hashes')) {
      const closed = blind(['password-hashes'], look);
      if (!newOnesToo) return closed;
      return {
        ...closed,
        status: 'warn',
        summary: 'New passwords are stored as md5 (password_encryption); how those of today are stored could not be seen',
        meaning: 'Whoever gets hold of an md5 hash can log in with it as it is.',
        fix: { where: 'sql', do: encryptionFix, undo: 'ALTER SYSTEM RESET password_encryption;\nSELECT pg_reload_conf();', note: 'Passwords that are set from then on are stored as SCRAM; those of today stay until they are typed again.' },
      };
    }
    if (rows.length === 0) return unknown('pg_authid did not even show the role that asked');
    const weak = rows.filter((row) => text(row.stored) === 'md5');
    const value = weak.length;
    const byCount = against(value, look);
    const status = byCount === 'ok' && newOnesToo ? 'warn' : byCount;
    const shown = evidence([...weak, ...rows.filter((row) => text(row.stored) !== 'md5')], { role: (row) => text(row.rolname), 'stored as': (row) => text(row.stored) });
    if (status === 'ok') return { status, value, summary: `0 of ${many(rows.length, 'role')} with md5 passwords`, meaning: 'Every password is stored as SCRAM, or there is none.', evidence: shown };
    const names = weak.slice(0, 3).map((row) => text(row.rolname)).join(', ');
    return {
      status,
      value,
      summary: value === 0 ? '0 roles with md5 passwords so far, but password_encryption stores new ones so' : `${many(value, 'role')} with md5 passwords: ${names}${value > 3 ? ' and more' : ''}`,
      evidence: shown,
      fix: {
        where: 'sql',
        do: [newOnesToo ? encryptionFix : '', ...weak.slice(0, 20).map((row) => `\\password ${identifier(text(row.rolname))}`)].filter((line) => line !== '').join('\n'),
        undo: newOnesToo ? 'ALTER SYSTEM RESET password_encryption;\nSELECT pg_reload_conf();' : null,
        note: 'In psql: \\password asks for the password and sends only its new hash; the same password may be typed again. Clients older than libpq 10 cannot log in with SCRAM. A changed password cannot be changed back without knowing the old one.',
      },
    };
  },
};
