/** Settings of Postgres and its pooler that do not take effect, cost more than they bring, or stopped to exist. */
import { define, ofLines } from './define.ts';
import type { Hit, Language } from './types.ts';

const postmaster: ReadonlySet<string> = new Set(['shared_buffers', 'wal_buffers', 'max_connections', 'max_worker_processes', 'max_wal_senders', 'max_replication_slots', 'wal_level', 'archive_mode', 'shared_preload_libraries', 'huge_pages', 'port', 'listen_addresses', 'max_locks_per_transaction', 'max_prepared_transactions', 'superuser_reserved_connections', 'hot_standby', 'max_files_per_process', 'autovacuum_max_workers']);
const anywhere: readonly Language[] = ['sh', 'sql', 'ini', 'text', 'yaml'];

/** Settings that stand in a file or are given by ALTER SYSTEM. */
function givenIn({ settings, statements }: Parameters<Parameters<typeof define>[0]['look']>[0]): { name: string; value: string; from: number; to: number; how: 'file' | 'system' }[] {
  return [
    ...settings.map((setting) => ({ ...setting, how: 'file' as const })),
    ...statements.flatMap(({ plain, raw, from }) => {
      const found = /^alter\s+system\s+set\s+(\w+)\s*(?:=|\bto\b)/.exec(plain);
      return found?.[1] === undefined ? [] : [{ name: found[1], value: raw.slice(found[0].length).trim().replace(/^'(.*)'$/, '$1'), from, to: from + raw.length, how: 'system' as const }];
    }),
  ];
}

export const settingRules = [
  define({
    id: 'needs-restart', title: 'A setting that needs a restart', class: 'wrong', languages: ['sql', 'sh'], kinds: ['block'],
    explanation: 'ALTER SYSTEM writes a file. What belongs to the postmaster counts after a restart, the rest after a reload; until then SHOW gives the old value. Fixed sizes suit one machine.',
    look: (looked) => givenIn(looked).flatMap(({ name, from, to, how }): Hit[] => (how === 'system' && postmaster.has(name) ? [{ from, to, message: `${name} counts only after a restart of the server.`, fix: 'Look at pending_restart in pg_settings, plan the restart, and reload by pg_reload_conf() for the others.' }] : [])),
  }),
  define({
    id: 'needs-reload', title: 'A setting that needs a reload', class: 'wrong', languages: ['sql', 'sh'], kinds: ['block'],
    explanation: 'ALTER SYSTEM writes a file, which nobody reads before a reload.',
    look: (looked) => (/pg_reload_conf|reload/i.test(looked.text) ? [] : givenIn(looked).filter(({ how, name }) => how === 'system' && !postmaster.has(name)).slice(0, 1).map(({ from, to }) => ({ from, to, message: 'Nothing reads the new settings: there is no reload.', fix: 'Write SELECT pg_reload_conf(); behind them.' }))),
  }),
  define({
    id: 'max-connections', title: 'More connections as a cure', class: 'wrong', languages: anywhere,
    explanation: 'Each connection is a process with memory of its own, and the setting needs a restart. Where connections run out, something holds them: sessions idle in a transaction, or an application without a pool.',
    look: (looked) => givenIn(looked).filter(({ name }) => name === 'max_connections').map(({ from, to }) => ({ from, to, message: 'Raising max_connections needs a restart and memory, and does not help against connections that nobody gives back.', fix: 'Find who holds them (idle in transaction), limit the pools, and put a pooler in between.' })),
  }),
  define({
    id: 'pool-mode-transaction', title: 'A pooler per transaction', class: 'wrong', languages: anywhere, kinds: ['block'],
    explanation: 'With pool_mode = transaction a session is another one after each transaction: SET, advisory locks, LISTEN and prepared statements by SQL do not work. It also needs auth_type, auth_file and a port of its own.',
    look: (looked) => givenIn(looked).filter(({ name, value }) => name === 'pool_mode' && /^(?:transaction|statement)/.test(value) && !looked.mentions(/\bauth_(?:type|file)\b/)).map(({ from, to }) => ({ from, to, message: 'Whatever lasts longer than a transaction does not work through this pool, and nothing says who is let in.', fix: 'Set auth_type, auth_file and listen_port, and look that the application uses no SET, advisory locks or LISTEN; for Prisma add pgbouncer=true.' })),
  }),
  define({
    id: 'promote-at-once', title: 'Promoted before anybody looked', class: 'wrong', languages: anywhere,
    explanation: 'Once promoted there is a new timeline, and no other point in time can be chosen. With pause one can look first; a table that was dropped stays locked meanwhile.',
    look: (looked) => givenIn(looked).filter(({ name, value }) => name === 'recovery_target_action' && /promote/.test(value)).map(({ from, to }) => ({ from, to, message: 'The server is promoted before anybody could look whether the point in time is right.', fix: "Recover on another port with recovery_target_action = 'pause', look with a statement_timeout, then pg_wal_replay_resume()." })),
  }),
  define({
    id: 'target-without-zone', title: 'A point in time without a zone', class: 'wrong', languages: anywhere,
    explanation: 'Without a zone the time is read in the zone of the server, which is rarely that of the person.',
    look: (looked) => givenIn(looked).filter(({ name, value }) => name === 'recovery_target_time' && /\d/.test(value) && !/(?:[+-]\d\d(?::?\d\d)?|Z|UTC)'?$/.test(value.trim())).map(({ from, to }) => ({ from, to, message: 'The time has no zone.', fix: "Write it with its zone: '2025-10-08 14:30:00+00'." })),
  }),
  ofLines({
    id: 'recovery-conf', title: 'recovery.conf', class: 'wrong', languages: [...anywhere, 'markdown'], kinds: ['step', 'block', 'document'], versions: 'PostgreSQL 12 and later', majors: { from: 12 }, pattern: /\brecovery\.conf\b/,
    explanation: 'Since PostgreSQL 12 a server that finds this file does not start. Its settings are in postgresql.conf, and an empty file recovery.signal asks for the recovery.',
    message: 'A server of version 12 or later that finds recovery.conf does not start.', fix: 'Write the settings into postgresql.conf or postgresql.auto.conf, and create recovery.signal.',
  }),
];
