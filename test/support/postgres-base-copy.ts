import { execFile } from 'node:child_process';
import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { PostgresServer } from './postgres-server.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

const run = promisify(execFile);

/**
 * Copies the data folder of a running server, and makes a standby of the copy: the server's own low-level backup, as
 * pg_basebackup is not among the programs. A quiet server only: files that vanish meanwhile fail the copy.
 */
export async function copyAsStandby(primary: PostgresServer, folder: string, account: UnprivilegedUser | null): Promise<void> {
  const client = new Client({ host: primary.host, port: primary.port, user: primary.user, password: primary.password, database: 'postgres' });
  await client.connect();
  try {
    const newNames = primary.major >= 15;
    await client.query(newNames ? "SELECT pg_backup_start('standby', true)" : "SELECT pg_start_backup('standby', true, false)");
    await run('cp', ['-R', primary.dataFolder, folder], account ? { uid: account.uid, gid: account.gid, cwd: '/' } : { cwd: '/' });
    const { rows } = await client.query<{ labelfile: string }>(newNames ? 'SELECT labelfile FROM pg_backup_stop(false)' : 'SELECT labelfile FROM pg_stop_backup(false, false)');
    await rm(join(folder, 'postmaster.pid'), { force: true });
    for (const [name, content] of [['backup_label', rows[0]?.labelfile ?? ''], ['standby.signal', '']] as const) {
      await writeFile(join(folder, name), content, { mode: 0o600 });
      if (account) await chown(join(folder, name), account.uid, account.gid);
    }
  } finally {
    await client.end();
  }
}
