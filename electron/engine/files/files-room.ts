/** Files of hosts: sets of them, backing them up, proving, bringing back and deleting copies. */
import { filesOptions, type FileEntry, type filesMethods } from '#shared/contract/files.ts';
import { isPilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createFileBackupRepository } from '../store/file-backup-repository.ts';
import { createFileSetRepository } from '../store/file-set-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { planDeleteFiles, runDeleteFiles, type DeleteFilesDetails } from './delete-files.ts';
import { entryKey, type EntryInManifest } from './manifest.ts';
import { planFiles, type FilesDetails, type FilesInput } from './plan-files.ts';
import { recoverDeleteFiles, recoverFiles, recoverVerifyFiles } from './recover.ts';
import { planRestoreFiles, recoverRestoreFiles, runRestoreFiles, type RestoreFilesDetails, type RestoreFilesInput } from './restore-files.ts';
import { runFiles } from './run-files.ts';
import { scanFiles, sweepFiles } from './scan-files.ts';
import { isAtOrBelow, keyOf } from './tar-names.ts';
import type { FilesReach } from './there.ts';
import { planVerifyFiles, requireFilesManifest, runVerifyFiles, type VerifyFilesInput } from './verify-files.ts';

export interface FilesRoom {
  handlers: Handlers<keyof typeof filesMethods>;
  /** For the start of the engine: sweeps what a crash left and reads the folders again. Never throws. */
  start(): Promise<void>;
}

/** Seconds that no date of JavaScript can be are left out. */
const latestDate = 8_640_000_000_000;

function shown({ path, type, size, mode, mtime, user, group, uid, gid, sha256, target }: EntryInManifest): FileEntry {
  return { path, type, size, mode, modifiedAt: Math.abs(mtime) > latestDate ? null : new Date(mtime * 1000).toISOString(), owner: `${user}:${group} (${uid}:${gid})`, sha256: sha256 ?? null, target: target ?? null };
}

export function createFilesRoom(context: EngineContext, hosts: { sudoPassword(hostId: string): Promise<Secret | null> }): FilesRoom {
  const { ports, runner, store, changes } = context;
  const sets = createFileSetRepository(store);
  const backups = createFileBackupRepository(store);
  const reach: FilesReach = { context, sudoPassword: hosts.sudoPassword };

  const run = runner.register<FilesInput, FilesDetails>({
    kind: 'files.run',
    plan: (input) => planFiles(reach, input),
    run: (details, operation) => runFiles(reach, details, operation),
    recover: (details, operation) => recoverFiles(context, details, operation),
  });
  const verify = runner.register<VerifyFilesInput, VerifyFilesInput>({
    kind: 'files.verify',
    plan: (input) => planVerifyFiles(context, input),
    run: (details, operation) => runVerifyFiles(context, details, operation),
    recover: (details) => recoverVerifyFiles(context, details),
  });
  const remove = runner.register<string, DeleteFilesDetails>({
    kind: 'files.delete',
    plan: (backupId) => planDeleteFiles(context, backupId),
    run: (details, operation) => runDeleteFiles(context, details, operation),
    recover: (details) => recoverDeleteFiles(context, details),
  });
  const restore = runner.register<Awaited<ReturnType<typeof planRestoreFiles>>['draft'], RestoreFilesDetails>({
    kind: 'files.restore',
    plan: async (draft) => draft,
    run: (details, operation) => runRestoreFiles(reach, details, operation),
    recover: (details, operation) => recoverRestoreFiles(reach, details, operation),
  });

  return {
    handlers: {
      'files.list': ({ systemId }) => ({ sets: sets.list(systemId).map((set) => ({ ...set, newest: backups.newestOf(set.id), newestProven: backups.newestProvenOf(set.id) })) }),
      'files.add': (input) => {
        const { systemId } = createHostRepository(store).get(input.hostId);
        const set = sets.save({ id: ports.random.id(), systemId, ...input }, ports.clock.now());
        changes.changed('backups');
        return { set };
      },
      'files.update': ({ setId, name, paths, exclude, access, oneFileSystem }) => {
        const { createdAt: _createdAt, lastRunAt: _lastRunAt, ...before } = sets.get(setId);
        const set = sets.save({ ...before, name: name ?? before.name, paths: paths ?? before.paths, exclude: exclude ?? before.exclude, access: access ?? before.access, oneFileSystem: oneFileSystem ?? before.oneFileSystem }, ports.clock.now());
        changes.changed('backups');
        return { set };
      },
      'files.remove': ({ setId }) => {
        sets.get(setId);
        sets.remove(setId);
        changes.changed('backups');
        return {};
      },
      'files.plan': async ({ setId, options }) => ({ plan: await run.plan({ setId, options: options ?? filesOptions.parse({}) }) }),
      'files.backups': ({ limit, ...filter }) => ({ backups: backups.list({ ...filter, limit }), total: backups.count(filter) }),
      'files.get': async ({ backupId, below, offset, limit }) => {
        const backup = backups.get(backupId);
        const proofs = backups.proofsOf(backupId).reverse();
        try {
          const { manifest } = await requireFilesManifest(context, backup);
          const keys = below === undefined ? [] : [keyOf(Buffer.from(below.replace(/^\/+/, ''), 'utf8'))];
          const entries = below === undefined ? manifest.entries : manifest.entries.filter((entry) => isAtOrBelow(entryKey(entry), keys));
          return { backup, proofs, contents: { entries: entries.slice(offset, offset + limit).map(shown), total: entries.length, leftOut: manifest.leftOut, changed: manifest.changed, tar: manifest.madeBy.tar, hostKey: manifest.host.hostKey } };
        } catch (error) {
          if (!isPilothouseError(error)) throw error;
          return { backup: backups.get(backupId), proofs, contents: null };
        }
      },
      'files.planVerify': async (input) => ({ plan: await verify.plan(input) }),
      'files.planRestore': async (input: RestoreFilesInput) => {
        const { draft, into } = await planRestoreFiles(reach, input);
        return { plan: await restore.plan(draft), into };
      },
      'files.planDelete': async ({ backupId }) => ({ plan: await remove.plan(backupId) }),
      'files.scan': () => scanFiles(context),
    },
    async start() {
      try {
        await sweepFiles(context);
        await scanFiles(context);
      } catch (error) {
        ports.logger.error({ error: toErrorShape(error, '').message }, 'The copies of files could not be read again.');
      }
    },
  };
}
