/** Backups: plans, runs, proofs, the catalogue. */
import { backupOptions, type BackupOptions, type backupMethods } from '#shared/contract/backups.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createBackupPlanRepository } from '../store/backup-plan-repository.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { planDelete, runDelete, type DeleteDetails } from './delete.ts';
import { planAbandon, planContinue, readUnfinished, runAbandon, runContinue, type AbandonDetails, type ContinueDetails } from './detached/continue.ts';
import { hasUnwanted, sweepUnwanted } from './detached/give-up.ts';
import { readContents, readList } from './look-up.ts';
import { planBackup, type BackupDetails, type BackupInput } from './plan-backup.ts';
import { rememberPin } from './proof-memory.ts';
import { readManifestFile } from './read-manifest.ts';
import { recoverAbandon, recoverBackup, recoverContinue, recoverDelete, recoverVerify } from './recover.ts';
import { runBackup } from './run-backup.ts';
import { scan, scanAtStart, scannedAt } from './scan.ts';
import { planVerify, runVerify, type VerifyDetails, type VerifyInput } from './verify.ts';

export interface BackupRoom {
  handlers: Handlers<keyof typeof backupMethods>;
  /** For the start of the engine: sweeps what a crash left and reads the folders again. Never throws. */
  start(): Promise<void>;
  /** Takes dumps that nobody wants any more off their hosts. Never throws. */
  sweep(): Promise<void>;
  /** Whether there is one that another sweep may take off. */
  unsettled(): boolean;
}

/** A custom dump is one file, written by one worker. */
function settled(options: BackupOptions): BackupOptions {
  return options.format === 'custom' ? { ...options, jobs: 1 } : options;
}

export function createBackupRoom(context: EngineContext): BackupRoom {
  const { ports, runner, store, systems, changes } = context;
  const backups = createBackupRepository(store);
  const plans = createBackupPlanRepository(store, ports.random);

  const backup = runner.register<BackupInput, BackupDetails>({
    kind: 'backup.run',
    plan: (input) => planBackup(context, input),
    run: (details, operation) => runBackup(context, details, operation),
    recover: (details, operation) => recoverBackup(context, details, operation),
  });
  const goOn = runner.register<{ operationId: string }, ContinueDetails>({
    kind: 'backup.continue',
    plan: (input) => planContinue(context, input),
    run: (details, operation) => runContinue(context, details, operation),
    recover: (details, operation) => recoverContinue(context, details, operation),
  });
  const abandon = runner.register<{ operationId: string }, AbandonDetails>({
    kind: 'backup.abandon',
    plan: (input) => planAbandon(context, input),
    run: (details, operation) => runAbandon(context, details, operation),
    recover: (details, operation) => recoverAbandon(context, details, operation),
  });
  const verify = runner.register<VerifyInput, VerifyDetails>({
    kind: 'backup.verify',
    plan: (input) => planVerify(context, input),
    run: (details, operation) => runVerify(context, details, operation),
    recover: (details, operation) => recoverVerify(context, details, operation),
  });
  const remove = runner.register<string, DeleteDetails>({
    kind: 'backup.delete',
    plan: (backupId) => planDelete(context, backupId),
    run: (details, operation) => runDelete(context, details, operation),
    recover: (details, operation) => recoverDelete(context, details, operation),
  });

  return {
    async start() {
      try {
        await scanAtStart(context);
      } catch (error) {
        ports.logger.error({ error: String(error) }, 'The backup folder could not be read at the start.');
      }
    },
    async sweep() {
      await sweepUnwanted(context);
    },
    unsettled: () => hasUnwanted(context),
    handlers: {
      'backup.unfinished': async () => ({ dumps: await readUnfinished(context) }),
      'backup.planContinue': async (input) => ({ plan: await goOn.plan(input) }),
      'backup.planAbandon': async (input) => ({ plan: await abandon.plan(input) }),
      'backup.listPlans': ({ systemId }) => ({ plans: plans.list(systemId) }),
      'backup.savePlan': ({ id, name, databaseId, options }) => {
        const { systemId } = systems.getDatabase(databaseId);
        const plan = plans.save({ id, name, systemId, databaseId, options: settled(options), at: ports.clock.now() });
        changes.changed('backups');
        return { plan };
      },
      'backup.removePlan': ({ id }) => {
        plans.get(id);
        plans.remove(id);
        changes.changed('backups');
        return {};
      },
      'backup.plan': async ({ databaseId, options, backupPlanId }) => {
        const saved = backupPlanId === undefined ? null : plans.get(backupPlanId);
        const chosen = options ?? saved?.options ?? backupOptions.parse({});
        return { plan: await backup.plan({ databaseId, options: settled(chosen), backupPlanId: saved?.id ?? null }) };
      },
      'backup.list': (asked) => ({ ...readList(backups, asked), scannedAt: scannedAt(context) }),
      'backup.newest': ({ systemId }) => ({ databases: systems.get(systemId).databases.map(({ id }) => ({ databaseId: id, newest: backups.newestOf(id), newestProven: backups.newestProvenOf(id) })) }),
      'backup.get': async ({ backupId }) => {
        const contents = await readContents(context, backups.get(backupId));
        return { backup: backups.get(backupId), contents, proofs: backups.proofsOf(backupId) };
      },
      'backup.planVerify': async (input) => ({ plan: await verify.plan(input) }),
      'backup.planDelete': async ({ backupId }) => ({ plan: await remove.plan(backupId) }),
      'backup.pin': async ({ backupId, pinned }) => {
        const found = backups.get(backupId);
        const manifestSha256 = found.damaged === null ? (await readManifestFile(found.path)).sha256 : null;
        await rememberPin(context, { id: backupId, folder: found.path, manifestSha256 }, pinned);
        return { backup: backups.get(backupId) };
      },
      'backup.scan': () => scan(context),
    },
  };
}
