/** Settings, the vault's door, the local file's upkeep, and what there is to know about this installation. */
import { statfsSync } from 'node:fs';
import packageJson from '../../../package.json' with { type: 'json' };
import type { appMethods } from '#shared/contract/app.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Home } from '../home.ts';
import { sshLibrary, sshNotice } from '../ssh/library.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { copyStore, exportStore, storeBytes } from '../store/upkeep.ts';
import { createCompact } from './compact.ts';
import { createPlaces } from './places.ts';

export const version = packageJson.version;

/** Where others may be able to look into the data folder: what was seen, and what follows from it. */
export function protectionNotices({ root, protection }: Pick<Home, 'root' | 'protection'>): string[] {
  if (protection.isPrivate) return [];
  return [`The data folder ${root} could not be closed to others on this computer: ${protection.why}. They may be able to read the log, backups and the history in it (not the vault's passwords, which are sealed), and Postgres's own programs are given no password here. Keep it inside your profile, on a disk that keeps access lists (NTFS), by --home DIR.`];
}

export function createAppRoom(context: EngineContext, startedAt: number): { handlers: Handlers<keyof typeof appMethods> } {
  const { ports, home, store, settings, systems, vault, postgres, changes } = context;
  const places = createPlaces(settings, systems);
  const backups = createBackupRepository(store);
  const compact = context.runner.register(createCompact(context));

  const tools = async (): Promise<MethodOutput<'app.about'>['tools']> =>
    Promise.all(
      (['pg_dump', 'pg_restore', 'pg_dumpall'] as const).map(async (name) => {
        const [newest] = await postgres.findTools(name);
        return { name, path: newest?.path ?? null, version: newest?.version ?? null, hint: newest === undefined ? 'Install the PostgreSQL client tools: without them there is no backup from this computer.' : null };
      }),
    );

  return {
    handlers: {
      'app.about': async () => {
        const disk = statfsSync(home.root);
        const found = await tools();
        const ssh = sshLibrary();
        const slow = sshNotice(ssh);
        return {
          version,
          home: home.root,
          logs: home.logs,
          host: ports.host,
          pid: process.pid,
          startedAt: new Date(startedAt).toISOString(),
          node: process.versions.node,
          electron: process.versions['electron'] ?? null,
          sqlite: store.prepare<[], { version: string }>('SELECT sqlite_version() AS version').get()?.version ?? '',
          ssh,
          schemaVersion: store.pragma('user_version', { simple: true }) as number,
          databaseBytes: storeBytes(home),
          backupsBytes: backups.totalBytes(),
          freeBytes: disk.bavail * disk.bsize,
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
          tools: found,
          notices: [...protectionNotices(home), ...(ports.notices ?? []), ...(slow === null ? [] : [slow]), ...found.flatMap((tool) => (tool.hint === null ? [] : [`${tool.name} was not found. ${tool.hint}`]))],
        };
      },
      'settings.get': () => ({ settings: settings.read() }),
      'settings.set': (input) => {
        const merged = settings.write(input.settings);
        vault.setAutoLockMinutes(merged.vaultAutoLockMinutes);
        changes.changed('settings');
        return { settings: merged };
      },
      'app.places': () => places.read(),
      'app.rememberPlace': (input) => {
        places.remember(input);
        return {};
      },
      'vault.status': () => vault.status(),
      'vault.create': async ({ passphrase }) => {
        await vault.create(passphrase);
        return vault.status();
      },
      'vault.unlock': async ({ passphrase }) => {
        await vault.unlock(passphrase);
        return vault.status();
      },
      'vault.unlockByKeychain': async () => {
        await vault.unlockByKeychain();
        return vault.status();
      },
      'vault.lock': () => {
        vault.lock();
        return vault.status();
      },
      'vault.changePassphrase': async ({ current, next }) => {
        await vault.changePassphrase(current, next);
        return vault.status();
      },
      'store.backup': () => copyStore(store, home, ports.clock.now()),
      'store.export': () => {
        const [busy] = context.operations.list({ active: true, limit: 1 });
        // The other computer could not tell it from work of its own that a crash interrupted.
        if (busy !== undefined) throw new PilothouseError('operation.busy', `"${busy.title}" is under way, and an export would hold half of it.`, { hint: 'Wait until it is finished, or cancel it; then export again.', retryable: true, details: { operationId: busy.id } });
        return exportStore(store, home, ports.clock.now());
      },
      'store.planCompact': async () => ({ plan: await compact.plan(null) }),
    },
  };
}
