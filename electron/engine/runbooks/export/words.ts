/** What the states of a walkthrough are called in a document. */
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import type { Mode, RunState, Section, Source, StepState } from '#shared/domain/runbook/walkthrough.ts';
import type { Tone } from '../../documents/blocks.ts';

export const runWords: Record<RunState, { word: string; tone: Tone }> = {
  running: { word: 'In progress', tone: 'running' },
  waiting: { word: 'Waits for a person', tone: 'running' },
  paused: { word: 'Paused', tone: 'skipped' },
  blocked: { word: 'Blocked: a person has to decide', tone: 'critical' },
  unknown: { word: 'Unknown: nobody knows what came of a step', tone: 'unknown' },
  'rolling-back': { word: 'Rolling back', tone: 'warn' },
  succeeded: { word: 'Succeeded', tone: 'ok' },
  'succeeded-with-skips': { word: 'Succeeded, with steps skipped', tone: 'warn' },
  failed: { word: 'Failed', tone: 'critical' },
  'rolled-back': { word: 'Rolled back', tone: 'warn' },
  aborted: { word: 'Stopped before its end', tone: 'critical' },
};

export const stepWords: Record<StepState, { word: string; tone: Tone }> = {
  pending: { word: 'Not begun', tone: 'skipped' },
  eligible: { word: 'To be done', tone: 'running' },
  'awaiting-input': { word: 'Waits for a person', tone: 'running' },
  waiting: { word: 'Waits', tone: 'running' },
  dispatched: { word: 'Sent, not answered yet', tone: 'running' },
  unknown: { word: 'Unknown', tone: 'unknown' },
  succeeded: { word: 'Done', tone: 'ok' },
  failed: { word: 'Failed', tone: 'critical' },
  'timed-out': { word: 'Failed: its time was over', tone: 'critical' },
  cancelled: { word: 'Cancelled', tone: 'critical' },
  skipped: { word: 'Skipped', tone: 'skipped' },
  'not-applicable': { word: 'Did not apply', tone: 'skipped' },
  undone: { word: 'Undone', tone: 'warn' },
  'undo-failed': { word: 'Could not be undone', tone: 'critical' },
};

/** How it is known what came of a step. */
export const sourceWords: Record<Source, string> = {
  live: 'Seen by Pilothouse, which sent it and had its answer',
  job: 'From the exit status that its job on the host kept',
  probe: 'By its probe, which looked afterwards',
  person: 'By the word of a person',
  paper: 'Done by hand, and written down by a person',
  operation: 'From the operation of Pilothouse that did it',
  runbook: 'From the runbook that it called',
};

export const modeWords: Record<Mode, string> = { live: 'Live', paper: 'On paper: commands were carried out by hand', rehearsal: 'Rehearsal: nothing was done' };

export const sectionWords: Record<Section, string> = { prerequisites: 'Before it', steps: 'Steps', rollback: 'Rollback' };

const wentWrong: ReadonlySet<StepState> = new Set(['failed', 'timed-out', 'cancelled', 'undo-failed']);
export const hasFailed = ({ state }: Pick<WalkedStep, 'state'>): boolean => wentWrong.has(state);
const over: ReadonlySet<StepState> = new Set(['succeeded', 'skipped', 'not-applicable', 'undone', ...wentWrong]);
export const isDone = ({ state }: Pick<WalkedStep, 'state'>): boolean => over.has(state);
