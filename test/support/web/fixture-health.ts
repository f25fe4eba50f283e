/** Health results with every state, with evidence and a fix, and the runs they came from. */
import type { CheckInfo, HealthResult, HealthRun } from '#shared/contract/health.ts';
import type { HealthState } from '#shared/domain/health-state.ts';
import { copyMadeHere } from '#shared/domain/copies-made-here.ts';
import { openVaultFirst, testItFirst } from '#shared/domain/health-openers.ts';
import { ago, times } from './fixture-systems.ts';

function info(id: string, title: string, unit: CheckInfo['unit'], warn: number | null, critical: number | null, group: CheckInfo['group'] = 'activity'): CheckInfo {
  return { id, title, group, unit, warn, critical, source: 'check_postgres', question: `What does ${id} say about this server?`, meaning: 'Past its limit the server gets slow, and then it stops.', causes: ['Something holds it back'], needs: 'the role pg_monitor', sql: 'SELECT slot_name, active, restart_lsn\n  FROM pg_replication_slots', script: null };
}

export function catalogue(): CheckInfo[] {
  return [
    info('replication-slots', 'Replication slots', 'bytes', 1_073_741_824, 5_368_709_120, 'replication'),
    info('dead-tuples', 'Dead rows', 'percent', 20, 40, 'vacuum'),
    info('sequence-exhaustion', 'Sequences', 'percent', 50, 75, 'storage'),
    info('last-backup', 'Newest proven copy', 'hours', 26, 50, 'backups'),
    info('connections', 'Connections', 'percent', 80, 95),
    info('hba-rules', 'Who may sign in', 'count', null, 1, 'security'),
    { ...info('disk', 'Disk space', 'percent', 80, 95, 'storage'), sql: null, script: '# space\nlimit 10 df -P -k' },
  ];
}

function result(check: string, title: string, target: string, status: HealthState, summary: string, values: readonly number[], more: Partial<HealthResult> = {}): HealthResult {
  return {
    check, title, group: 'activity', target, databaseId: 'db-admin', hostId: null, status, value: values.at(-1) ?? null, unit: 'percent', warn: 50, critical: 80, lowerIsWorse: false, summary,
    meaning: 'It is within what one would expect here.', causes: [], evidence: { columns: ['name', 'value'], rows: [['measured', values.at(-1) ?? null]], truncated: 0 }, fix: null, opener: null, durationMs: 12, since: ago(2 * times.day),
    trend: values.map((value, index) => ({ at: ago((values.length - index) * times.hour), value, status })), ...more,
  };
}

export function healthResults(systemId: string): HealthResult[] {
  const ok = ['Connectivity', 'Transaction age', 'Connections', 'Long transactions', 'Blocked sessions', 'Lock table', 'Deadlocks', 'WAL archiving', 'Cache hits', 'Invalid indexes', 'Checksums', 'Superusers', 'Settings', 'Version'].map((title) =>
    result(title.toLowerCase().replaceAll(' ', '-'), title, 'neff_paving_admin', 'ok', '12 % used', [11, 12, 12, 13, 12]),
  );
  const skipped = [result('replication-lag', 'Replication lag', 'neff_paving_admin', 'skipped', 'There is no standby', []), result('collation-mismatch', 'Collations', 'neff_site', 'skipped', 'Only from Postgres 15 on', []), result('slow-queries', 'Slow queries', 'neff_site', 'skipped', 'pg_stat_statements is not installed', [])];
  const dead = result('dead-tuples', 'Dead rows', systemId === 'sys-neff' ? 'neff_site' : 'practice_shop', 'warn', '41 % of orders is dead, warn at 20 %', [8, 12, 18, 24, 31, 36, 41], { warn: 20, critical: 40, fix: { do: 'VACUUM (ANALYZE) public.orders;', undo: null, note: 'It only frees space inside the table. There is nothing to take back.', where: 'sql', database: systemId === 'sys-neff' ? 'neff_site' : 'practice_shop' }, causes: ['Autovacuum was switched off for this table', 'A long transaction holds the horizon back'] });
  if (systemId !== 'sys-neff') return [dead, result('sequence-exhaustion', 'Sequences', 'practice_shop', 'warn', '58 % of session_logs.id (int4) is used', [40, 44, 49, 53, 58]), ...ok, ...skipped.slice(0, 2)];
  const GiB = 1024 ** 3;
  return [
    result('replication-slots', 'Replication slots', 'neff_paving_admin', 'critical', '38.2 GiB held back by slot reports_copy', [0.2, 0.2, 0.3, 0.2, 4, 13, 22, 30, 38.2].map((value) => value * GiB), {
      unit: 'bytes', warn: GiB, critical: 5 * GiB, since: ago(3 * times.day),
      meaning: 'The server keeps every WAL file since 17 Nov 13:50 for a reader that has not come back. The disk grows by 12.7 GiB a day and is full in about 19 h; then Postgres stops.',
      causes: ['The reporting subscriber was switched off on 17 Nov and its slot stayed', 'Its network path or password changed'],
      evidence: { columns: ['slot_name', 'plugin', 'active', 'restart_lsn', 'held_back', 'wal_status'], rows: [['reports_copy', 'pgoutput', false, '3A/7C104D28', '38.2 GiB', 'extended']], truncated: 0 },
      fix: { do: "SELECT pg_drop_replication_slot('reports_copy');", undo: "SELECT pg_create_logical_replication_slot(\n  'reports_copy', 'pgoutput');", database: 'neff_paving_admin', note: 'What the subscriber has not read is lost to it. If reporting is still wanted, start it instead: WAL is released as it catches up.', where: 'sql' },
    }),
    dead,
    result('sequence-exhaustion', 'Sequences', 'neff_paving_admin', 'warn', '58 % of session_logs.id (int4) is used', [40, 44, 49, 53, 58]),
    result('last-backup', 'Newest proven copy', 'neff_site', 'warn', '36 h since the newest proven copy, warn at 26 h', [12, 24, 12, 24, 36], { unit: 'hours', warn: 26, critical: 50 }),
    result('hba-rules', 'Who may sign in', 'neff_paving_admin', 'unknown', 'Role pilothouse may not read pg_hba_file_rules', [], { opener: 'GRANT SELECT ON pg_hba_file_rules TO pilothouse;\nGRANT EXECUTE ON FUNCTION pg_hba_file_rules() TO pilothouse;', unit: 'count', value: null }),
    result('wal-directory', 'WAL folder', 'neff_paving_admin', 'unknown', 'The statistics began 3 min ago, a week is needed', [], { opener: 'Wait until the statistics are a week old.', value: null }),
    ...ok,
    result('database-coverage', 'Databases looked into', 'db-1', 'ok', '2 databases looked into; left out: neff_site__new', [0], { evidence: { columns: ['database', 'state', 'why'], rows: [['neff_site__new', copyMadeHere, 'Pilothouse restored it beside neff_site']], truncated: 0 } }),
    ...skipped,
  ];
}

const onHost = (label: string) => ({ databaseId: null, hostId: `host-${label}`, target: label });

/** As a run leaves it that looked at two hosts, of which one is away. */
export function healthOfHosts(): HealthResult[] {
  const web = onHost('web-1');
  const away = onHost('files-1');
  const notAsked = { ...away, opener: 'Check that it runs, and that the firewall lets port 22 through.', value: null };
  return [
    result('host-connection', 'Connection over SSH', 'files-1', 'critical', 'Nothing answered within 10 s.', [], { ...away, unit: 'ms', warn: 2000, critical: 5000, causes: ['Check that it runs, and that the firewall lets port 22 through.'], evidence: { columns: ['machine', 'failed at', 'code', 'what to do'], rows: [['files-1 (deploy@files-1.internal, reached through bastion)', 'Network', 'ssh.timeout', 'Check that it runs, and that the firewall lets port 22 through.']], truncated: 0 } }),
    result('disk', 'Disk space', 'web-1', 'warn', '90 % of the space of /srv/my data is taken: 878.9 GiB of 976.6 GiB', [71, 78, 84, 90], {
      ...web, warn: 80, critical: 95, meaning: 'When it is full nothing can be written any more.', causes: ['Logs that nobody rotates'],
      evidence: { columns: ['mounted on', 'device', 'type', 'used %', 'used', 'free'], rows: [['/srv/my data', '/dev/vdb1', 'xfs', 90, '878.9 GiB', '97.7 GiB'], ['/', '/dev/vda1', 'ext4', 23, '23.1 GiB', '78.4 GiB']], truncated: 0 },
      fix: { do: "sudo du -xk '/srv/my data' 2>/dev/null | sort -rn | head -n 30", undo: null, harmless: true, note: 'Shows which folders hold most.', where: 'shell' },
    }),
    result('journal-errors', 'Errors in the journal', 'web-1', 'unknown', 'deploy may not read the journal', [], { ...web, unit: 'count', value: null, opener: 'sudo usermod -aG systemd-journal deploy\n# Takes effect at the next sign-in.' }),
    ...['Processors', 'Memory', 'Clock'].map((title) => result(title.toLowerCase(), title, 'files-1', 'unknown', 'Not asked: the host could not be reached', [], notAsked)),
    ...['Processors', 'Memory', 'Clock'].map((title) => result(title.toLowerCase(), title, 'web-1', 'ok', '12 % used', [11, 12], web)),
    result('swap', 'Swap', 'web-1', 'skipped', 'The host has no swap space', [], web),
  ];
}

/** As a run leaves it that could sign in to none of twenty hosts for want of passwords, and met one fault on five others. */
export function healthOfFleet(): HealthResult[] {
  const fleet = ['web-1', ...Array.from({ length: 19 }, (_each, index) => `db-${index + 1}`)].map((label) => ({ databaseId: null, hostId: label === 'web-1' ? 'host-web' : `host-${label}`, target: label }));
  return [
    ...['app-1', 'app-2', 'app-3', 'app-4', 'app-5'].map((label) => result('host-connection', 'Connection over SSH', label, 'critical', 'gate (ops@gate.internal): nothing answers at 10.0.0.1 port 22: the connection was refused.', [], { ...onHost(label), unit: 'ms', evidence: { columns: ['machine', 'failed at', 'code', 'what to do'], rows: [['gate (ops@gate.internal)', 'Network', 'ssh.refused', 'Check the port, and that sshd runs there.']], truncated: 0 } })),
    ...fleet.flatMap((host) => ['Connection over SSH', 'Memory', 'Clock'].map((title) => result(title.toLowerCase().replaceAll(' ', '-'), title, host.target, 'unknown', 'Not asked: its password is missing', [], { ...host, value: null, opener: testItFirst }))),
  ];
}

/** As a run leaves it that found no backup. */
export function healthWithoutBackup(): HealthResult[] {
  const fix = { where: 'console' as const, do: 'Back up neff_site on db-1:5432 and prove it (L3)', undo: null, note: 'A backup reads only; proving it restores it into a scratch database, counts, and drops that again.', harmless: true as const, act: { kind: 'back-up' as const } };
  return [result('last-backup', 'Newest proven backup', 'neff_site', 'critical', 'No backup of this database is known to Pilothouse', [], { fix, unit: 'hours', value: null })];
}

/** As a run behind a locked vault leaves it. */
export function healthBehindVault(): HealthResult[] {
  const behind = { opener: openVaultFirst, value: null };
  return ['Connectivity', 'Settings', 'Version'].map((title) => result(title.toLowerCase(), title, 'neff_site', 'unknown', 'Not asked: The vault is locked.', [], behind));
}

export function healthRuns(systemId: string): HealthRun[] {
  return [0, 1, 2].map((index) => ({
    id: `run-${systemId}-${index}`, systemId, operationId: 'op-health', startedAt: ago(3 * times.minute + index * times.hour), durationMs: 4200, status: systemId === 'sys-neff' ? ('critical' as const) : ('warn' as const),
    counts: systemId === 'sys-neff' ? { critical: 1, unknown: 2, warn: 3, ok: 14, skipped: 3 } : { critical: 0, unknown: 0, warn: 2, ok: 14, skipped: 2 },
  }));
}
