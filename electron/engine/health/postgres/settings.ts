import type { Finding, Look, PostgresCheck, Row } from '../check.ts';
import { many } from '../figures.ts';
import { eyes } from '../eyes.ts';
import { blind, evidence, partly, text, yes } from '../findings.ts';
import { damageHidingSql, isOwn, ownerColumns, ownerSql, ownerWords, type SettingOwner } from '../../backup/damage-hiding.ts';
import { worstHealth, type HealthState } from '#shared/domain/health-state.ts';

interface Rule {
  state: HealthState;
  /** What it must be. */
  safe: 'on' | 'off';
  /** What it means where it is not. */
  why: string;
}

const rules: Record<string, Rule> = {
  fsync: { state: 'critical', safe: 'on', why: 'a crash of the machine can destroy the cluster beyond repair' },
  full_page_writes: { state: 'critical', safe: 'on', why: 'a crash of the machine can leave half-written pages that nobody can repair' },
  autovacuum: { state: 'critical', safe: 'on', why: 'nothing cleans up or freezes rows: tables grow, and in the end the server refuses writes' },
  track_counts: { state: 'critical', safe: 'on', why: 'autovacuum sees nothing to do, and health sees no figures' },
  zero_damaged_pages: { state: 'critical', safe: 'off', why: 'damaged pages are read as empty: their rows are gone without an error, and from every backup too' },
  ignore_checksum_failure: { state: 'critical', safe: 'off', why: 'pages whose checksum does not match are read as if they were whole, into every backup too' },
};

/** Not asked where there are no checksums. */
const notEverywhere = 'ignore_checksum_failure';

const isUnseen = (row: Row): boolean => text(row.setting) === 'unseen';

const ownerOf = (row: Row): SettingOwner => ({ role: text(row.role) || null, database: text(row.database) || null });

const isUnsafe = (row: Row): boolean => {
  const rule = rules[text(row.name)];
  return rule !== undefined && !isUnseen(row) && text(row.setting) !== rule.safe;
};

const opposite = { on: 'off', off: 'on' } as const;

/** What must be off hides damage, and a page that was read meanwhile stays in the server's buffers as it was read. */
const inMemory = (safe: Rule['safe']): string => (safe === 'on' ? '' : ' Then restart the server: pages that were read meanwhile stay in its memory as they were read.');

function judgeSetting(row: Row): { state: HealthState; why: string } {
  const rule = rules[text(row.name)];
  if (rule !== undefined && isUnsafe(row)) return rule;
  if (yes(row.pending_restart)) return { state: 'warn', why: 'was changed, and counts only after a restart: nobody knows what the next start brings' };
  return { state: 'ok', why: '' };
}

/** What makes it safe where its value comes from, and what brings back what was there. */
function makeSafe(row: Row, safe: Rule['safe']): Finding['fix'] {
  const name = text(row.name);
  const unsafe = opposite[safe];
  const source = text(row.source);
  if (source === 'command line') {
    return {
      where: 'setting',
      do: `# In the command that starts the server (its unit file, container or script): remove the option that sets ${name} to ${unsafe} (-c ${name}=${unsafe}${name === 'fsync' ? ', or -F' : ''}), then restart it`,
      undo: '# Put the option back, and restart it',
      note: 'The command line comes before every file, so ALTER SYSTEM changes nothing here. A restart ends every session.',
    };
  }
  if (isOwn(source)) {
    const holder = ownerSql(ownerOf(row));
    return { where: 'sql', do: `ALTER ${holder} RESET ${name};`, undo: `ALTER ${holder} SET ${name} = ${unsafe};`, note: `It is ${unsafe} for sessions of ${ownerWords(ownerOf(row))}. New sessions take it over.${inMemory(safe)}` };
  }
  // By ALTER SYSTEM, or where that is hidden from this role: what brings the value back is to set it again.
  const byFile = text(row.sourcefile) !== '' && !text(row.sourcefile).endsWith('postgresql.auto.conf');
  return {
    where: 'sql',
    do: `ALTER SYSTEM SET ${name} = ${safe};\nSELECT pg_reload_conf();`,
    undo: `ALTER SYSTEM ${byFile ? `RESET ${name}` : `SET ${name} = ${unsafe}`};\nSELECT pg_reload_conf();`,
    note: `Takes effect at once. ${byFile ? `The undo goes back to what ${text(row.sourcefile)} says; turn it ${safe} there too, or the two differ.` : `The undo sets it ${unsafe} again, as it was.`}${inMemory(safe)}`,
  };
}

/** What is said of the rows that show a value. */
function judgeSeen(rows: readonly Row[], look: Look): Finding {
  const judged = rows.map((row) => ({ row, ...judgeSetting(row) }));
  const bad = judged.filter((entry) => entry.state !== 'ok').sort((a, b) => (a.state === b.state ? 0 : a.state === 'critical' ? -1 : 1));
  const from = (row: Row) => (isOwn(text(row.source)) ? ownerWords(ownerOf(row)) : text(row.source));
  const shown = evidence([...bad, ...judged.filter((entry) => entry.state === 'ok')], { setting: ({ row }) => text(row.name), value: ({ row }) => text(row.setting), from: ({ row }) => from(row), why: (entry) => entry.why || null });
  const worst = bad[0];
  const seesAll = look.sees('settings');
  const allRules = Object.keys(rules).every((name) => name === notEverywhere || rows.some((row) => text(row.name) === name));
  if (worst === undefined) {
    if (!seesAll || !allRules) return { ...blind(['settings'], look), evidence: shown };
    return { status: 'ok', value: 0, summary: '0 settings endanger the data, and none waits for a restart', meaning: 'What protects the data is on, and what hides damage is off.', evidence: shown };
  }
  const name = text(worst.row.name);
  const rule = isUnsafe(worst.row) ? rules[name] : undefined;
  const isOff = rule === undefined ? '' : `${name} is ${opposite[rule.safe]}${isOwn(text(worst.row.source)) ? ` for ${from(worst.row)}` : ''}`;
  return {
    status: worstHealth(bad.map((entry) => entry.state)),
    value: bad.length,
    summary: `${many(bad.length, 'setting')}: ${rule === undefined ? `${name} ${worst.why}` : `${isOff}, so ${worst.why}`}`,
    meaning: rule !== undefined ? `While ${isOff}, ${worst.why}.` : `The running server has another value of ${name} than its next start will have.`,
    evidence: shown,
    opener: seesAll ? null : (blind(['settings'], look).opener ?? null),
    fix: rule !== undefined
      ? makeSafe(worst.row, rule.safe)
      : { where: 'shell', do: 'pg_ctl restart -D "$PGDATA" -m fast', undo: null, note: 'Or the service manager\'s own way of restarting it. Ends every session; there is no undo. To give the change up instead, put the old value back into the file, or ALTER SYSTEM RESET it.' },
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
    source: 'own: fsync, full_page_writes, autovacuum or track_counts off, zero_damaged_pages or, with data checksums, ignore_checksum_failure on for anybody are critical; waiting for a restart warns',
    question: 'Is a setting off that protects the data, or on that hides damage, or changed and not yet in force?',
    meaning: 'Some settings trade safety for speed, and the price is paid on the day of the crash.',
    causes: ['A tuning guide for imports was followed and not taken back', 'A damaged table was rescued, and what that took was left in place', 'Somebody changed the file and did not restart'],
    needs: `${eyes.settings.needs}, and ${eyes['role-settings'].needs}`,
  },
  scope: 'cluster',
  notOnStandby: null,
  eyes: [],
  statement: ({ sees }) => `SELECT s.name, s.setting, s.source, s.sourcefile, s.pending_restart,${ownerColumns}
FROM pg_catalog.pg_settings s
WHERE s.name IN (${Object.keys(rules)
    .filter((name) => rules[name]?.safe === 'on')
    .map((name) => `'${name}'`)
    .join(', ')}) OR s.pending_restart
UNION ALL
SELECT p.name, p.setting, p.source, p.sourcefile, false, p.role, p.database
FROM (${damageHidingSql({ of: 'server', roleSettings: sees('role-settings') })}) p
ORDER BY name, role, database`,
  judge(rows, look) {
    const unseen = rows.filter(isUnseen);
    const finding = judgeSeen(rows, look);
    const hidden = [...unseen.map((row) => `the server's own ${text(row.name)}`), ...(look.sees('role-settings') ? [] : ['what is set for roles and databases'])];
    if (hidden.length === 0) return finding;
    const openers = [finding.opener ?? '', ...unseen.map((row) => `ALTER ${ownerSql(ownerOf(row))} RESET ${text(row.name)};`), look.sees('role-settings') ? '' : (blind(['role-settings'], look).opener ?? '')];
    return partly(finding, hidden.join(' and '), openers.filter((opener) => opener !== '').join('\n'));
  },
};
