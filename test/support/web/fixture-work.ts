/** Plans, operations with their events, restores with their comparison. */
import type { UnfinishedDump } from '#shared/contract/backups.ts';
import type { Operation, OperationEvent, Plan, ProcedureKind } from '#shared/contract/operations.ts';
import type { ComparedTable, Restore } from '#shared/contract/restores.ts';
import { ago, times } from './fixture-systems.ts';

let plans = 0;

export function plan(kind: ProcedureKind, title: string, question: string, more: Partial<Plan> = {}): Plan {
  plans += 1;
  return {
    id: `plan-${plans}`, kind, title, question, systemId: 'sys-neff', environment: 'production', targets: [{ label: 'neff_site on db-1.neffpaving.example:5432', databaseId: 'db-site', identity: { systemIdentifier: '7391044211876302114', database: 'neff_site' } }],
    steps: [{ id: 'space', title: 'Check space' }, { id: 'snapshot', title: 'Take snapshot', detail: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT pg_export_snapshot();' }, { id: 'dump', title: 'Dump', detail: 'pg_dump --format=directory --jobs=2 --compress=1 --lock-wait-timeout=30s --snapshot=00000004-0003F1A2-1 neff_site' }, { id: 'hash', title: 'Hash, L0' }, { id: 'prove', title: 'Restore and count, L3' }],
    consequences: ['One new copy of about 128 MiB in the backup folder', 'neff_site is only read', 'It is restored into a scratch database on this computer, counted, and dropped again'],
    findings: [{ state: 'ok', title: '212 GiB free where 1.1 GiB is needed' }, { state: 'ok', title: 'pg_dump 17.11 fits the server' }], wayBack: null, confirmName: null, changes: false, irreversible: false, runnable: true, estimatedMs: 42_000,
    createdAt: ago(0), expiresAt: new Date(Date.now() + 10 * times.minute).toISOString(), hash: 'f00d', token: `token-${plans}`, ...more,
  };
}

export function operation(id: string, title: string, more: Partial<Operation> = {}): Operation {
  return {
    id, kind: 'backup.run', title, systemId: 'sys-neff', systemName: 'Neff Paving', environment: 'production', target: 'neff_paving_admin on db-1.neffpaving.example:5432', state: 'succeeded', createdAt: ago(32 * times.minute), startedAt: ago(32 * times.minute), endedAt: ago(30 * times.minute),
    fraction: 1, phase: null, progressText: null, leftMs: null, lastSeq: 10, warnings: 0, summary: '41 tables, 48,188,902 rows, 3.1 GiB, read to the end', error: null, result: { backupId: 'b-admin-new' }, requestedBy: 'console', acknowledged: false, advice: null, ...more,
  };
}

const tables = ['customers', 'appointments', 'invoices', 'invoice_lines', 'job_sites', 'photos_meta', 'messages', 'estimates', 'materials', 'crews', 'crew_shifts', 'vehicles', 'fuel_log', 'permits', 'suppliers', 'tax_rates', 'users', 'user_roles'];

/** Events of a dump that goes on, the given number of log lines long. */
export function dumpEvents(operationId: string, lines: number): OperationEvent[] {
  const start = Date.now() - 64_000;
  const step = 60_000 / (lines + 10);
  const base = (seq: number) => ({ operationId, seq, at: new Date(start + seq * step).toISOString() });
  const events: OperationEvent[] = [
    { ...base(1), kind: 'phase', phase: 'space', title: 'Check space', state: 'started' },
    { ...base(2), kind: 'log', phase: 'space', level: 'info', text: 'writing to this computer: need 4.1 GiB, free 212 GiB' },
    { ...base(3), kind: 'phase', phase: 'space', title: 'Check space', state: 'done' },
    { ...base(4), kind: 'phase', phase: 'snapshot', title: 'Take snapshot', state: 'started' },
    { ...base(5), kind: 'log', phase: 'snapshot', level: 'info', text: 'REPEATABLE READ, snapshot 00000004-0003F1A2-1, LSN 44/1A90C7E8' },
    { ...base(6), kind: 'phase', phase: 'snapshot', title: 'Take snapshot', state: 'done' },
    { ...base(7), kind: 'phase', phase: 'dump', title: 'Dump', state: 'started' },
    { ...base(8), kind: 'log', phase: 'dump', level: 'info', text: 'pg_dump --format=directory --jobs=4 --compress=1 --lock-wait-timeout=30s --snapshot=00000004-0003F1A2-1 neff_paving_admin', command: { text: 'pg_dump --format=directory --jobs=4 --compress=1 --lock-wait-timeout=30s --snapshot=00000004-0003F1A2-1 neff_paving_admin', target: 'this computer', exitStatus: null, durationMs: null, output: 'pg_dump: last built-in OID is 16383\npg_dump: reading extensions\npg_dump: reading user-defined tables' } },
  ];
  for (let index = 0; index < lines; index += 1) {
    const seq = events.length + 1;
    const name = tables[index % tables.length] ?? 'table';
    if (index === 5) events.push({ ...base(seq), kind: 'log', phase: 'dump', level: 'warn', text: 'waiting 1.2 s for a lock on job_sites, held by pid 21877 (ALTER TABLE)' });
    else events.push({ ...base(seq), kind: 'log', phase: 'dump', level: index < tables.length ? 'ok' : 'info', text: index < tables.length ? `${name.padEnd(16)} ${((index * 7919 + 301) * 97).toLocaleString('en-US').padStart(12)} rows` : `\u001b[32m${name}\u001b[0m: ${(index * 1000).toLocaleString('en-US')} rows` });
  }
  const seq = events.length + 1;
  events.push({ ...base(seq), kind: 'progress', phase: 'dump', fraction: 0.63, done: 6_335_076_761, total: 10_093_173_145, unit: 'bytes', leftMs: 38_000, text: '5.9 of 9.4 GiB' });
  return events;
}

export function operations(): Operation[] {
  return [
    operation('op-running', 'Back up neff_paving_admin', { state: 'running', endedAt: null, startedAt: ago(64_000), createdAt: ago(65_000), fraction: 0.63, phase: 'dump', progressText: '5.9 of 9.4 GiB', leftMs: 38_000, summary: null, result: null, warnings: 1, lastSeq: 40 }),
    operation('op-backup', 'Back up neff_site', { createdAt: ago(2 * times.hour) }),
    operation('op-interrupted', 'Back up neff_site', { state: 'interrupted', summary: 'The engine stopped in the middle of the dump', result: null, createdAt: ago(2 * times.hour), advice: 'The half-made copy was removed at the next start. Back up again.' }),
    operation('op-failed', 'Back up neff_paving_admin', {
      state: 'failed', summary: 'The dump ended with status 1', result: null, createdAt: ago(5 * times.hour), warnings: 1,
      error: { code: 'backup.dump-failed', message: 'pg_dump ended with status 1 on neff_paving_admin: canceling statement due to lock timeout.', hint: 'See who holds the lock on job_sites, then back up again.', retryable: true, details: {}, correlationId: 'c0ffee' },
    }),
    operation('op-cancelled', 'Back up neff_site', { state: 'cancelled', summary: 'Cancelled. The backup was made and is kept in /home/person/.local/share/pilothouse/backups/neff_site, without any proof.', result: { backupId: 'b-site' }, createdAt: ago(6 * times.hour) }),
    operation('op-health', 'Health check of Neff Paving', { kind: 'health.check', createdAt: ago(3 * times.minute), startedAt: ago(3 * times.minute), endedAt: ago(3 * times.minute - 4200), summary: '1 critical, 3 warn, 2 unknown', result: { runId: 'run-sys-neff-0' } }),
  ];
}

/** What `op-interrupted` has left on a host. */
export function unfinishedDump(more: Partial<UnfinishedDump> = {}): UnfinishedDump {
  return {
    operationId: 'op-interrupted', continuedBy: null, databaseId: 'db-site', hostId: 'host-web', database: 'neff_site', systemId: 'sys-neff', host: 'db-1', begunAt: ago(130 * times.minute), interruptedAt: ago(2 * times.hour), takenAt: ago(130 * times.minute), bytesHere: 9_437_184, expectedBytes: 134_217_728,
    lastLook: 'The dump of neff_site is finished on db-1, 121 MiB so far. Continue it: it is fetched, proved, and taken off db-1. Or give it up: then both sides are cleaned.', hopeless: null, ...more,
  };
}

/** A restore that failed, and its operation. */
export function failedRestore(): { restore: Restore; operation: Operation } {
  const message = 'Restoring into neff_site__new on db-1.neffpaving.example:5432 stopped: the connection was lost. server closed the connection unexpectedly';
  return {
    restore: restore({ id: 'restore-failed', operationId: 'op-restore', state: 'failed', outcome: 'failed', equal: null, jobs: 4 }),
    operation: operation('op-restore', 'Restore neff_site as neff_site__new', {
      kind: 'restore.beside', target: 'neff_site__new on db-1.neffpaving.example:5432', state: 'failed', result: null, summary: `${message} Left behind: the database neff_site__new on db-1.neffpaving.example:5432 (the server cannot be reached).`,
      error: { code: 'postgres.connection-lost', message, hint: 'Check the line and the server, then restore again.', retryable: true, details: {}, correlationId: 'c0ffee' },
    }),
  };
}

export function compared(): ComparedTable[] {
  const same = (name: string, rows: number): ComparedTable => ({ schema: 'public', name, backup: rows, restored: rows, live: rows, equal: true });
  return [
    { schema: 'public', name: 'quote_requests', backup: 18_442, restored: 18_442, live: 0, equal: true },
    { schema: 'public', name: 'bookings', backup: 12_884, restored: 12_884, live: 12_931, equal: true },
    { schema: 'public', name: 'page_views', backup: 1_610_402, restored: 1_610_402, live: 1_619_712, equal: true },
    { schema: 'public', name: 'sessions', backup: 3127, restored: 3127, live: 3340, equal: true },
    { schema: 'public', name: 'mail_outbox', backup: 8911, restored: 8911, live: 8954, equal: true },
    ...['gallery_images', 'pages', 'price_list', 'redirects', 'Reviews', 'staff', 'blog_posts', 'tags'].map((name, index) => same(name, 96 + index * 73)),
    { ...same('daily_totals', 367), kind: 'materialized-view', backup: 366 },
  ];
}

export function restore(more: Partial<Restore> = {}): Restore {
  return {
    id: 'restore-1', operationId: 'op-backup', backupId: 'b-site', backupTakenAt: ago(36 * times.hour), systemId: 'sys-neff', environment: 'production', databaseId: 'db-site', identity: { systemIdentifier: '7391044211876302114', database: 'neff_site' }, into: 'neff_site__new', setAside: null,
    state: 'beside', outcome: 'clean', tables: 23, rows: 1_904_118, equal: true, differences: [], omissions: [], startedAt: ago(14 * times.minute), endedAt: ago(13 * times.minute), durationMs: 52_000, undoUntil: null, ...more,
  };
}

export function swapPlan(): Plan {
  return plan('restore.swap', 'Swap neff_site', 'Swap neff_site for the restored copy?', {
    changes: true, confirmName: 'neff_site', consequences: ['The site shows the data of 19 Nov 02:30', 'Whatever was written since is set aside with it. Net, by table, it has against the copy: public.page_views +9,310; rows may have been both added and deleted', '6 sessions are ended; about 1 s without a database'],
    wayBack: 'Undo swaps the two names again, about 1 s. The old database is kept for undo until at least 27 Nov 14:32; nothing drops it by itself.',
    findings: [{ state: 'ok', title: 'System identifier', detail: '7391 0442 1187 6302 114' }, { state: 'ok', title: 'Logical slots on neff_site', detail: 'none' }], estimatedMs: 1000,
  });
}
