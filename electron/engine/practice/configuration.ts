/** The server's two configuration files, written anew before each start. */
import { chmodSync, writeFileSync } from 'node:fs';
import type { PracticePlace } from './place.ts';

/** Quotes a value as postgresql.conf wants it. */
const quote = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** The console connects as this superuser: see `roles.ts` for why. */
export const consoleRole = 'pilothouse';
export const databaseName = 'shop';

/** What somebody raised without a restart. Written after each start, so that it waits for the next one for ever. */
export const pendingConnections = 60;
const connections = 40;

/** postgresql.conf, line by line. */
export function settingsOf(place: PracticePlace, port: number, options: { pendingRestart: boolean }): string {
  const settings: Record<string, string | number> = {
    data_directory: quote(place.cluster.data),
    hba_file: quote(place.hostRules),
    listen_addresses: quote('127.0.0.1'),
    port,
    // None at all: a folder for it would have to be found whose path is short enough everywhere.
    unix_socket_directories: quote(''),
    max_connections: options.pendingRestart ? pendingConnections : connections,
    shared_buffers: '64MB',
    password_encryption: quote('scram-sha-256'),
    // Practice may lose its last second in a power cut; it must not lose its files, so fsync stays on.
    synchronous_commit: 'off',
    wal_level: 'replica',
    max_wal_size: '128MB',
    min_wal_size: '64MB',
    // Bounds what the planted slot of a standby that never comes back can keep.
    max_slot_wal_keep_size: '192MB',
    timezone: quote('UTC'),
    log_timezone: quote('UTC'),
    // One file for each hour of the day, each written over a day later: the log cannot grow for ever.
    logging_collector: 'on',
    log_directory: quote(place.serverLogs),
    log_filename: quote('postgres-%H.log'),
    log_rotation_age: '1h',
    log_rotation_size: 0,
    log_truncate_on_rotation: 'on',
    log_checkpoints: 'off',
    log_autovacuum_min_duration: -1,
  };
  return `# Written by Pilothouse at each start of the practice system.\n${Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n')}\n`;
}

const hostRules = `# Written by Pilothouse at each start of the practice system.
host    shop   reporting  127.0.0.1/32  md5
host    all    all        127.0.0.1/32  scram-sha-256
`;

/** Writes both files. `pendingRestart`: with the setting that only a restart would bring in. */
export function writeConfiguration(place: PracticePlace, port: number, options: { pendingRestart: boolean }): void {
  for (const [path, text] of [
    [place.configuration, settingsOf(place, port, options)],
    [place.hostRules, hostRules],
  ] as const) {
    writeFileSync(path, text, { mode: 0o644 });
    // Nothing secret is in them, and the server's account has to read them whatever the mask is.
    chmodSync(path, 0o644);
  }
}
