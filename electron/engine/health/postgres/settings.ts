import type { Finding, PostgresCheck, Row } from '../check.ts';
import { many } from '../figures.ts';
import { blind, evidence, text, yes } from '../findings.ts';
import { identifier } from '../sql-text.ts';
import { worstHealth, type HealthState } from '#shared/domain/health-state.ts';

/** Settings that must be on, and what it means where they are not. */
const mustBeOn: Record<string, { state: HealthState; why: string }> = {
  fsync: { state: 'critical', why: 'a crash of the machine can destroy the cluster beyond repair' },
  full_page_writes: { state: 'critical', why: 'a crash of the machine can leave half-written pages that nobody can repair' },
  autovacuum: { state: 'critical', why: 'nothing cleans up or freezes rows: tables grow, and in the end the server refuses writes' },
  track_counts: { state: 'critical', why: 'autovacuum sees nothing to do, and health sees no figures' },
};

function judgeSetting(row: Row): { state: HealthState; why: string } {
  const rule = mustBeOn[text(row.name)];
  if (rule !== undefined && text(row.setting) === 'off') return rule;
  if (yes(row.pending_restart)) return { state: 'warn', why: 'was changed, and counts only after a restart: nobody knows what the next start brings' };
  return { state: 'ok', why: '' };
}

/** What turns it on where its value comes from, and what brings back what was there. */
function switchOn(row: Row, server: { user: string; database: string }): Finding['fix'] {
  const name = text(row.name);
  const source = text(row.source);
  if (source === 'command line') {
    return {
      where: 'setting',
      do: `# In the command that starts the server (its unit file, container or script): remove the option that sets ${name} to off (-c ${name}=off${name === 'fsync' ? ', or -F' : ''}), then restart it`,
      undo: '# Put the option back, and restart it',
      note: 'The command line comes before every file, so ALTER SYSTEM changes nothing here. A restart ends every session.',
    };
  }
  const holder = { database: `DATABASE ${identifier(server.database)}`, user: `ROLE ${identifier(server.user)}`, 'database user': `ROLE ${identifier(server.user)} IN DATABASE ${identifier(server.database)}` }[source];
  if (holder !== undefined) {
    return { where: 'sql', do: `ALTER ${holder} RESET ${name};`, undo: `ALTER ${holder} SET ${name} = off;`, note: `It is off for sessions of this ${source} only, ours among them. New sessions take it over.` };
  }
  // By ALTER SYSTEM, or where that is hidden from this role: what brings the value back is to set it again.
  const byFile = text(row.sourcefile) !== '' && !text(row.sourcefile).endsWith('postgresql.auto.conf');
  return {
    where: 'sql',
    do: `ALTER SYSTEM SET ${name} = on;\nSELECT pg_reload_conf();`,
    undo: `ALTER SYSTEM ${byFile ? `RESET ${name}` : `SET ${name} = off`};\nSELECT pg_reload_conf();`,
    note: `Takes effect at once. ${byFile ? `The undo goes back to what ${text(row.sourcefile)} says; turn it on there too, or the two differ.` : 'The undo sets it off again, as it was.'}`,
  };
}

export const settings: PostgresCheck = {
  about: {
    id: 'settings',
    title: 'Settings that endanger data',
    group: 'configuration',
    unit: 'count',
    warn: null,
    critical: null,
    source: 'own: fsync, full_page_writes, autovacuum or track_counts off are critical; waiting for a restart warns',
    question: 'Is a setting off that protects the data, or changed and not yet in force?',
    meaning: 'Some settings trade safety for speed, and the price is paid on the day of the crash.',
    causes: ['A tuning guide for imports was followed and not taken back', 'Somebody changed the file and did not restart'],
    needs: 'member of pg_monitor',
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  statement: () => `SELECT name, setting, source, sourcefile, pending_restart
FROM pg_settings
WHERE name IN (${Object.keys(mustBeOn)
    .map((name) => `'${name}'`)
    .join(', ')}) OR pending_restart
ORDER BY name`,
  judge(rows, look) {
    const judged = rows.map((row) => ({ row, ...judgeSetting(row) }));
    const bad = judged.filter((entry) => entry.state !== 'ok').sort((a, b) => (a.state === b.state ? 0 : a.state === 'critical' ? -1 : 1));
    const shown = evidence([...bad, ...judged.filter((entry) => entry.state === 'ok')], { setting: ({ row }) => text(row.name), value: ({ row }) => text(row.setting), from: ({ row }) => text(row.source), why: (entry) => entry.why || null });
    const worst = bad[0];
    const seesAll = look.sees('settings');
    const allRules = Object.keys(mustBeOn).every((name) => rows.some((row) => text(row.name) === name));
    if (worst === undefined) {
      if (!seesAll || !allRules) return { ...blind(['settings'], look), evidence: shown };
      return { status: 'ok', value: 0, summary: '0 settings endanger the data, and none waits for a restart', meaning: 'What protects the data is on.', evidence: shown };
    }
    const name = text(worst.row.name);
    const dangerous = mustBeOn[name] !== undefined && text(worst.row.setting) === 'off';
    return {
      status: worstHealth(bad.map((entry) => entry.state)),
      value: bad.length,
      summary: `${many(bad.length, 'setting')}: ${name} ${dangerous ? `is off, so ${worst.why}` : worst.why}`,
      meaning: dangerous ? `While ${name} is off, ${worst.why}.` : `The running server has another value of ${name} than its next start will have.`,
      evidence: shown,
      opener: seesAll ? null : (blind(['settings'], look).opener ?? null),
      fix: dangerous
        ? switchOn(worst.row, look.server)
        : { where: 'shell', do: 'pg_ctl restart -D "$PGDATA" -m fast', undo: null, note: 'Or the service manager\'s own way of restarting it. Ends every session; there is no undo. To give the change up instead, put the old value back into the file, or ALTER SYSTEM RESET it.' },
    };
  },
};
