/** What each command prints with --json: one document, whose fields scripts may rely on. */
import { z } from 'zod';
import { appMethods, vaultStatus } from '#shared/contract/app.ts';
import { backup, backupDetail, backupMethods, backupPlan, proofCheck } from '#shared/contract/backups.ts';
import { calendarEntry, calendarMethods, calendarOccurrence, icsEvent, occurrenceName } from '#shared/contract/calendar.ts';
import { environment, errorShape, fix, healthState, id, instant, operationState, proofLevel } from '#shared/contract/common.ts';
import { hostFindings } from '#shared/contract/detection.ts';
import { filesMethods, fileSet } from '#shared/contract/files.ts';
import { checkInfo, healthResult, healthUnit } from '#shared/contract/health.ts';
import { decidedHostKey, host, hostTest } from '#shared/contract/hosts.ts';
import { importMethods } from '#shared/contract/imports.ts';
import { incidentMethods, incidentView } from '#shared/contract/incidents.ts';
import { operation, operationEvent, plan } from '#shared/contract/operations.ts';
import { packMethods, packProblem } from '#shared/contract/packs.ts';
import { practiceMethods } from '#shared/contract/practice.ts';
import { restore, restoreOutcome } from '#shared/contract/restores.ts';
import { problem, runbookMethods, runState, stepState } from '#shared/contract/runbooks.ts';
import { connectionTest, database, system, systemCard } from '#shared/contract/systems.ts';
import { verdict, walkthroughMethods } from '#shared/contract/walkthroughs.ts';

/** What could still be done stands beside the error: `backup` where one was made, `restore` where a copy stands. */
export const errorDocument = z.object({ error: errorShape.omit({ retryable: true }).extend({ hint: z.string().nullable(), correlationId: z.string().nullable() }) });

export const healthDocument = z.object({
  system: z.string(),
  startedAt: instant,
  durationMs: z.number(),
  status: healthState,
  /** Worst first: critical, unknown, warn, ok, skipped. */
  results: z.array(
    z.object({
      check: z.string(),
      target: z.string(),
      status: healthState,
      value: z.number().nullable(),
      unit: healthUnit,
      warn: z.number().nullable(),
      critical: z.number().nullable(),
      summary: z.string(),
      evidence: healthResult.shape.evidence,
      fix: fix.nullable(),
    }),
  ),
});
export const explanationDocument = z.object({ check: checkInfo, results: healthDocument.shape.results });

export const backupDocument = z.object({
  backup: z.object({
    id,
    path: z.string(),
    system: z.string(),
    database: z.string(),
    sizeBytes: z.number(),
    proof: proofLevel.nullable(),
    tables: z.number().int(),
    rows: z.number().int(),
    durationMs: z.number(),
  }),
});
export const verifyDocument = z.object({ backup: id, proof: proofLevel.nullable(), checks: z.array(proofCheck) });
export const backupListDocument = backupMethods['backup.list'].output;
export const backupDetailDocument = backupDetail;
export const backupPinDocument = z.object({ backup });
export const backupDeleteDocument = z.object({ deleted: id, operation: id });
export const backupScanDocument = backupMethods['backup.scan'].output;
export const backupPlansDocument = z.object({ plans: z.array(backupPlan) });

export const filesListDocument = filesMethods['files.list'].output;
export const filesAddedDocument = z.object({ set: fileSet });
export const filesBackupDocument = z.object({
  backup: z.object({
    id,
    path: z.string(),
    system: z.string(),
    set: z.string(),
    host: z.string(),
    sizeBytes: z.number(),
    contentBytes: z.number(),
    files: z.number().int(),
    leftOut: z.number().int(),
    changed: z.number().int(),
    proof: proofLevel.nullable(),
    durationMs: z.number(),
  }),
});
export const filesBackupsDocument = filesMethods['files.backups'].output;
export const filesDetailDocument = filesMethods['files.get'].output;
export const filesVerifyDocument = verifyDocument;
/** `into`: where the files are now. */
export const filesRestoredDocument = z.object({ restored: z.object({ backup: id, into: z.array(z.string()), operation: id }) });

export const restoreDocument = z.object({
  restore: z.object({
    database: z.string(),
    outcome: restoreOutcome.nullable(),
    tables: z.number().int(),
    rows: z.number().int(),
    equal: z.boolean().nullable(),
    differences: z.array(z.string()),
    durationMs: z.number().nullable(),
    /** How a swap is taken back, and until when; null where nothing was swapped. */
    undo: z.object({ command: z.string(), until: instant.nullable() }).nullable(),
    /** For the commands that go on with it. */
    id: id,
  }),
});
export const restorePlanDocument = z.object({ plan: plan.omit({ token: true }), into: z.string() });
export const restoreListDocument = z.object({ restores: z.array(restore) });

export const historyDocument = z.object({ events: z.array(z.object({ at: instant, operation: id, target: z.string(), kind: z.string(), text: z.string() })) });
export const exportDocument = z.object({ export: z.object({ fileName: z.string(), mediaType: z.string(), events: z.number().int(), nextCursor: z.string().nullable(), path: z.string().nullable(), content: z.string().nullable() }) });

export const practiceDocument = z.object({ practice: practiceMethods['practice.status'].output });
export const systemListDocument = z.object({ systems: z.array(system) });
export const systemDocument = z.object({ system, card: systemCard });
export const systemAddedDocument = z.object({ system });
export const databaseListDocument = z.object({ databases: z.array(database) });
export const databaseAddedDocument = z.object({ database, test: connectionTest.nullable() });
export const databaseTestDocument = z.object({ test: connectionTest });
/** `accepted`: the system identifier of the other cluster; null where it was the expected one. */
export const databaseAcceptedDocument = z.object({ database, accepted: z.string().nullable(), test: connectionTest });
export const hostListDocument = z.object({ hosts: z.array(host) });
/** `way`: every machine on the way in the order of connecting, the host itself last. */
export const hostDocument = z.object({ host, way: z.array(host), keys: z.array(decidedHostKey) });
export const hostAddedDocument = z.object({ host });
export const hostKeyRevokedDocument = z.object({ host, key: decidedHostKey });
export const hostDetectDocument = z.object({ host, findings: hostFindings });
export const hostSudoDocument = z.object({ host, account: z.string(), withPassword: z.boolean() });
export const hostTestDocument = z.object({ test: hostTest });
export const hostTrustedDocument = z.object({ host, key: decidedHostKey, test: hostTest });
export const hostKeyReplacedDocument = z.object({ host, key: decidedHostKey, replaced: z.array(decidedHostKey), test: hostTest });
/** `fileSets`: the names of those that went with it. */
export const hostRemovedDocument = z.object({ removed: id, fileSets: z.array(z.string()) });
/** `imported`: null where it was shown only. */
export const hostsImportedDocument = z.object({ preview: importMethods['import.previewSsh'].output, imported: importMethods['import.applySsh'].output.nullable() });
export const databasesImportedDocument = z.object({ preview: importMethods['import.previewDatabases'].output, imported: importMethods['import.applyDatabases'].output.nullable() });
export const removedDocument = z.object({ removed: id });

export const operationListDocument = z.object({ operations: z.array(operation) });
export const operationDocument = z.object({ operation });
export const operationDetailDocument = z.object({ operation, plan: plan.omit({ token: true }).nullable(), events: z.array(operationEvent) });
export const cancelDocument = z.object({ operation: id, state: operationState });

export const vaultDocument = z.object({ vault: vaultStatus });
export const storeFileDocument = z.object({ path: z.string(), sizeBytes: z.number() });
export const storeCompactedDocument = z.object({ removedEvents: z.number().int(), sizeBytes: z.number() });
export const storeImportDocument = z.object({ imported: z.string(), previous: z.string().nullable() });
export const aboutDocument = appMethods['app.about'].output;
export const versionDocument = z.object({ version: z.string() });
export const methodListDocument = z.object({ methods: z.array(z.object({ name: z.string(), kind: z.enum(['query', 'command', 'stream']), summary: z.string() })) });
export const streamDocument = z.object({ items: z.array(z.unknown()) });

export const runbookListDocument = runbookMethods['runbook.list'].output;
export const lintDocument = z.object({ problems: z.array(problem.pick({ line: true, column: true, severity: true, rule: true, message: true, fix: true })) });
const importedItem = z.object({ key: z.string(), title: z.string(), /** Of the guide. */ lines: z.string(), text: z.string() });
export const runbookImportDocument = z.object({
  runbooks: z.array(z.object({ id: z.string(), title: z.string(), file: z.string(), steps: z.number().int(), manual: z.number().int(), commands: z.number().int(), /** Steps that have to be looked at. */ blocked: z.number().int() })),
  calendar: z.array(importedItem),
  thresholds: z.array(importedItem),
  contacts: z.array(importedItem),
  /** Whatever else the guide says: severities, people, texts, cards and notes. */
  rest: z.array(importedItem.extend({ kind: z.string() })),
  problems: z.array(z.object({ line: z.number().int(), rule: z.string(), message: z.string(), item: z.string().nullable() })),
});
export const walkedDocument = z.object({ run: z.object({ id, state: runState, steps: z.array(z.object({ id: z.string(), state: stepState, verdicts: z.array(verdict) })) }) });
export const walkedListDocument = walkthroughMethods['walkthrough.list'].output;
export const runbookExportDocument = z.object({ export: walkthroughMethods['walkthrough.export'].output.omit({ content: true }).extend({ path: z.string().nullable(), content: z.string().nullable() }) });
export const incidentOpenedDocument = incidentMethods['incident.open'].output;
export const incidentListDocument = incidentMethods['incident.list'].output;
export const incidentDocument = incidentView.pick({ incident: true, clocks: true, timeline: true });

export const calendarDueDocument = z.object({ due: z.array(calendarOccurrence), problems: calendarMethods['calendar.list'].output.shape.problems });
export const calendarListDocument = calendarMethods['calendar.list'].output.pick({ occurrences: true, clockChanges: true });
export const calendarEntryDocument = z.object({ entry: calendarEntry, /** Oldest first. */ last: z.array(calendarOccurrence), next: z.array(calendarOccurrence) });
export const calendarMarkedDocument = occurrenceName.extend({ state: z.enum(['done', 'skipped']) });
export const calendarImportDocument = z.object({ /** Keys of the entries. */ imported: z.array(z.string()), events: z.array(icsEvent) });

export const packListDocument = packMethods['pack.list'].output;
export const packDocument = packMethods['pack.get'].output;
export const packLintDocument = z.object({ problems: z.array(packProblem) });
export const packAdoptedDocument = packMethods['pack.adopt'].output.extend({ system: z.object({ id, name: z.string(), environment }) });
export const packUpdateDocument = z.object({ preview: packMethods['pack.preview'].output, updated: packMethods['pack.update'].output.nullable() });
