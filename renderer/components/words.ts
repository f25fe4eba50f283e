/** The words for what the contract names. */
import type { Operation, ProcedureKind } from '#shared/contract/operations.ts';
import type { Environment } from '#shared/domain/environment.ts';
import type { HealthState } from '#shared/domain/health-state.ts';
import type { OperationState } from '#shared/domain/operation-state.ts';
import type { GlyphKind } from './glyph-kind.ts';

export const environmentWords: Record<Environment, { long: string; short: string }> = {
  production: { long: 'Production', short: 'Prod' },
  staging: { long: 'Staging', short: 'Stg' },
  development: { long: 'Development', short: 'Dev' },
  practice: { long: 'Practice', short: 'Prac' },
};

export const healthWords: Record<HealthState, string> = { critical: 'Critical', unknown: 'Unknown', warn: 'Warn', ok: 'Ok', skipped: 'Skipped' };

export const operationWords: Record<OperationState, { word: string; glyph: GlyphKind; tone: Tone }> = {
  queued: { word: 'Queued', glyph: 'todo', tone: 'skipped' },
  running: { word: 'Running', glyph: 'running', tone: 'running' },
  waiting: { word: 'Waits for you', glyph: 'waiting', tone: 'running' },
  cancelling: { word: 'Cancelling', glyph: 'running', tone: 'running' },
  succeeded: { word: 'Done', glyph: 'ok', tone: 'ok' },
  'succeeded-with-warnings': { word: 'Done, with warnings', glyph: 'warn', tone: 'warn' },
  failed: { word: 'Failed', glyph: 'failed', tone: 'critical' },
  cancelled: { word: 'Cancelled', glyph: 'stopped', tone: 'skipped' },
  interrupted: { word: 'Interrupted', glyph: 'unknown', tone: 'unknown' },
};

/** The colours that mean a state. */
export type Tone = HealthState | 'running';

export const kindWords: Record<ProcedureKind, string> = {
  'health.check': 'Health check',
  'backup.run': 'Backup',
  'backup.continue': 'Backup continued',
  'backup.abandon': 'Backup given up',
  'backup.verify': 'Proof of a backup',
  'backup.delete': 'Deletion of a backup',
  'restore.beside': 'Restore',
  'restore.swap': 'Swap',
  'restore.undo': 'Undo of a swap',
  'restore.drop': 'Drop of a copy',
  'files.run': 'Backup of files',
  'files.verify': 'Proof of files',
  'files.restore': 'Files brought back',
  'files.delete': 'Deletion of files',
  'runbook.step': 'Step of a runbook',
  'runbook.look': 'Look at an unknown step',
  'practice.up': 'Practice system started',
  'practice.down': 'Practice system stopped',
  'practice.reset': 'Practice system reset',
  'practice.remove': 'Practice system removed',
  'store.compact': 'Old events removed',
};

/** What cancelling is called on its button. */
export const cancelWords: Record<ProcedureKind, string> = {
  'health.check': 'Cancel checks',
  'backup.run': 'Cancel backup',
  'backup.continue': 'Give it up',
  'backup.abandon': 'Cancel removal',
  'backup.verify': 'Cancel proof',
  'backup.delete': 'Cancel deletion',
  'restore.beside': 'Cancel restore',
  'restore.swap': 'Cancel swap',
  'restore.undo': 'Cancel undo',
  'restore.drop': 'Cancel drop',
  'files.run': 'Cancel backup',
  'files.verify': 'Cancel proof',
  'files.restore': 'Cancel bringing back',
  'files.delete': 'Cancel deletion',
  'runbook.step': 'Cancel step',
  'runbook.look': 'Cancel looking',
  'practice.up': 'Cancel start',
  'practice.down': 'Cancel stop',
  'practice.reset': 'Cancel reset',
  'practice.remove': 'Cancel removal',
  'store.compact': 'Cancel removal',
};

/**
 * What comes of cancelling, as far as it is known before. Taking something back can fail, so none of these promises that
 * nothing is left: an operation says how it ended when it has ended.
 */
export const cancelEffects: Record<ProcedureKind, string> = {
  'health.check': 'keeps no result of this run',
  'backup.run': 'removes an unfinished copy; one that is whole stays',
  'backup.continue': 'takes the dump off the host, and what is here of it; a copy that is whole stays',
  'backup.abandon': 'the removal goes on: it was asked for',
  'backup.verify': 'the copy stays, with what was found so far',
  'backup.delete': 'works until the removal begins; then it is done',
  'restore.beside': 'drops the new database; what cannot be is named',
  'restore.swap': 'works until the names are exchanged; then it is done',
  'restore.undo': 'works until the names are exchanged; then it is done',
  'restore.drop': 'works until the drop is sent; then it is done',
  'files.run': 'removes an unfinished copy; one that is whole stays',
  'files.verify': 'the copy stays, with what was found so far',
  'files.restore': 'removes what was begun; what cannot be is named',
  'files.delete': 'works until the removal begins; then it is done',
  'runbook.step': 'ends what was sent, and says how far it came; nothing that it did is taken back',
  'runbook.look': 'the step stays unknown',
  'practice.up': 'takes this start back; what cannot be is named',
  'practice.down': 'what is stopped by then stays stopped',
  'practice.reset': 'puts the old one back, until the new one is ready',
  'practice.remove': 'works until the removal begins; what is stopped by then stays stopped',
  'store.compact': 'what has gone by then stays gone',
};

/** The string that an operation's result carries under a key, or null. */
export function resultId(operation: Operation, key: 'backupId' | 'restoreId' | 'runId' | 'systemId' | 'databaseId' | 'walkthroughId'): string | null {
  const value = operation.result?.[key];
  return typeof value === 'string' ? value : null;
}
