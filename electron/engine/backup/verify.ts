/** Verifies a backup that exists, at any level. */
import { PilothouseError } from '#shared/domain/errors.ts';
import { proofWords, type ProofLevel } from '#shared/domain/proof.ts';
import type { Backup } from '#shared/contract/backups.ts';
import type { DatabaseIdentity } from '#shared/contract/common.ts';
import type { PlanFinding } from '#shared/contract/operations.ts';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, ProcedureOutcome, RunningOperation } from '../operations/procedure.ts';
import { majorOf } from '../restore/archive.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { proofFindings, scratchFactor } from './look-ahead.ts';
import type { Manifest } from './manifest.ts';
import { originFindings } from './origin.ts';
import { onProduction, proofSteps } from './plan-backup.ts';
import { almostDone, prove, sourceOf } from './prove.ts';
import { readManifestFile, type ManifestFile } from './read-manifest.ts';
import { commandLine } from './run-tool.ts';
import { serverFreeBytes } from './space.ts';
import { bytesInWords, timeInWords } from './words.ts';

export interface VerifyInput {
  backupId: string;
  level: ProofLevel;
  /** The managed database to whose server L3 restores; the one that the backup is of where it is left out. */
  databaseId?: string | undefined;
}

export interface VerifyDetails extends VerifyInput {
  /** The server that L3 restores to; null below it. */
  restoreTo: { databaseId: string; identity: DatabaseIdentity } | null;
}

/** Bytes per second that reading, listing and restoring take, where nothing is known: cautious. */
const assumedBytesPerSecond: Record<ProofLevel, number> = { L0: 500_000_000, L1: 400_000_000, L2: 60_000_000, L3: 15_000_000 };

/**
 * A manifest that is missing or was changed makes the backup damaged in the catalogue, before anybody is told.
 * @throws backup.manifest-invalid, backup.incomplete
 */
export async function requireManifest(context: EngineContext, backup: Backup): Promise<ManifestFile> {
  try {
    return await readManifestFile(backup.path);
  } catch (error) {
    // Told once: who is told of a change looks again, and would be told again.
    if (isPilothouseError(error) && backup.damaged === null) {
      createBackupRepository(context.store).setDamaged(backup.id, error.message);
      context.changes.changed('backups');
    }
    throw error;
  }
}

/** The server of L3: the one the backup came from, or another that a person chose. Critical findings where it cannot be used. */
async function chooseServer(context: EngineContext, backup: Backup, manifest: Manifest, chosen: string | undefined): Promise<{ restoreTo: VerifyDetails['restoreTo']; label: string; findings: PlanFinding[] }> {
  const database = chosen === undefined ? (backup.databaseId === null ? null : context.systems.findDatabase(backup.databaseId)) : context.systems.getDatabase(chosen);
  if (database === null) {
    return {
      restoreTo: null,
      label: backup.database,
      findings: [{ state: 'critical', title: `No database here is ${backup.database} of the cluster that was backed up, so there is no server to restore it to`, fix: 'Name a database on another server to restore beside, add its own again (a scan then finds the backup a home), or verify up to L2.' }],
    };
  }
  const target = context.targetOf(database.id);
  const session = await context.postgres.connect(target, { applicationName: 'pilothouse verify plan' });
  try {
    const { systemIdentifier } = session.server;
    const findings = originFindings(createBackupRepository(context.store).isMadeHere(backup.id), session.server);
    findings.push(...proofFindings(session, Math.round(manifest.databaseBytes * scratchFactor), await serverFreeBytes(context, target, session)));
    const major = Math.floor(manifest.server.versionNum / 10_000);
    if (session.server.major < major) findings.push({ state: 'critical', title: `The server is Postgres ${session.server.major} now, and the backup is of ${major}`, fix: 'Verify up to L2, or point the database at a server that is not older.' });
    if (systemIdentifier === null) findings.push({ state: 'critical', title: `${session.server.user} may not read the identity of this cluster, so nothing is written to it`, fix: 'As a superuser: GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() to this role.' });
    return { restoreTo: { databaseId: database.id, identity: { systemIdentifier: systemIdentifier ?? '', database: session.server.database } }, label: target.label, findings };
  } finally {
    await session.close();
  }
}

/** @throws backup.not-found, backup.manifest-invalid, backup.incomplete, postgres.* (L3) */
export async function planVerify(context: EngineContext, { backupId, level, databaseId }: VerifyInput): Promise<PlanDraft<VerifyDetails>> {
  const backup = createBackupRepository(context.store).get(backupId);
  const { manifest } = await requireManifest(context, backup);
  // What is written to is what counts: the rules of that system hold.
  const systemId = databaseId === undefined ? backup.systemId : context.systems.getDatabase(databaseId).systemId;
  const system = systemId === null ? null : context.systems.find(systemId);
  const findings: PlanFinding[] = [];
  if (backup.damaged !== null) findings.push({ state: 'warn', title: 'It was found damaged before', detail: backup.damaged });
  let pgRestore = 'pg_restore';
  if (level !== 'L0') {
    try {
      const tool = await context.postgres.requireReader(majorOf(manifest.madeBy.pgDump), { isOneFile: manifest.dump.format === 'custom' }, sourceOf(context, backupId));
      pgRestore = tool.there === undefined ? tool.path : `${tool.there.label}: ${tool.path}`;
      findings.push({ state: 'ok', title: `pg_restore ${tool.version} for an archive of pg_dump ${manifest.madeBy.pgDump}`, detail: tool.path });
    } catch (error) {
      if (!isPilothouseError(error)) throw error;
      findings.push({ state: 'critical', title: error.message, ...(error.hint === undefined ? {} : { fix: error.hint }) });
    }
  }
  const server = level === 'L3' ? await chooseServer(context, backup, manifest, databaseId) : null;
  findings.push(...(server?.findings ?? []));
  const scratch = 'pilothouse_proof_…';
  const identity = server?.restoreTo?.identity ?? null;
  return {
    title: `Verify the backup of ${backup.database}`,
    question: `Verify the backup of ${backup.database} up to ${level} (${proofWords[level].toLowerCase()})?`,
    system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly },
    target: server?.label ?? backup.path,
    targets: [{ label: server?.label ?? backup.path, databaseId: server?.restoreTo?.databaseId ?? null, identity }],
    steps: proofSteps(level, { dump: commandLine(`${backup.path}/${manifest.dump.path}`, []), scratch, pgRestore }),
    consequences: [
      ...(level === 'L3' && system?.environment === 'production' ? [onProduction(scratch, server?.label ?? 'the server')] : []),
      `${bytesInWords(backup.sizeBytes)} are read again from ${backup.path}.`,
      'What is found is remembered: a level that fails is taken away, and with it all above it.',
      ...(level === 'L3' ? [`A database ${scratch} of about ${bytesInWords(Math.round(manifest.databaseBytes * scratchFactor))} is made on ${server?.label ?? 'the server'}, counted and dropped.`] : []),
    ],
    findings,
    wayBack: 'Nothing of the backup is changed. Cancel at any time.',
    changes: level === 'L3',
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: Math.round(500 + (manifest.databaseBytes / assumedBytesPerSecond[level]) * 1000),
    exclusive: [`backup:${backup.id}`],
    details: { backupId, level, restoreTo: server?.restoreTo ?? null },
  };
}

/** The same error, with the backup that it is about and how far that was to be proved: for whoever goes on from there. */
function ofBackup(error: unknown, backupId: string, upTo: ProofLevel): unknown {
  if (!isPilothouseError(error)) return error;
  const { code, message, hint, retryable, details } = error;
  return new PilothouseError(code, message, { hint, retryable, details: { ...details, backupId, upTo }, cause: error });
}

/** @throws backup.proof-failed, backup.manifest-invalid, backup.incomplete, backup.not-found, postgres.*, operation.cancelled */
export async function runVerify(context: EngineContext, details: VerifyDetails, operation: RunningOperation): Promise<ProcedureOutcome> {
  const backups = createBackupRepository(context.store);
  const backup = backups.get(details.backupId);
  const { manifest, sha256 } = await requireManifest(context, backup);
  if (manifest.id !== backup.id) throw new PilothouseError('backup.manifest-invalid', `${backup.path} holds another backup than the catalogue says.`, { hint: 'Scan the backup folder again.', details: { expected: backup.id, found: manifest.id } });
  const { restoreTo, level } = details;
  const target = restoreTo === null ? null : { ...context.targetOf(restoreTo.databaseId), systemIdentifier: restoreTo.identity.systemIdentifier };
  try {
    await prove(context, { backupId: backup.id, folder: backup.path, manifest, manifestSha256: sha256, upTo: level, target, operation, range: [0, almostDone] });
  } catch (error) {
    throw ofBackup(error, backup.id, level);
  }
  const after = backups.get(backup.id);
  return { summary: `Verified the backup of ${backup.database} of ${timeInWords(backup.takenAt)} up to ${level}: ${proofWords[level].toLowerCase()}`, result: { backupId: backup.id, proof: after.proof } };
}
