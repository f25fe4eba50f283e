/** The words and shapes for what the contract names of a walkthrough. */
import type { Mode, Source, StepState, Verdict } from '#shared/domain/runbook/walkthrough.ts';
import type { Risk } from '#shared/domain/runbook/definition.ts';
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { plainText, span } from '../../components/format.ts';
import type { StateWords } from '../../components/run-words.ts';
import type { Tone } from '../../components/words.ts';

const stepWords: Record<StepState, StateWords> = {
  pending: { word: 'Not yet', glyph: 'todo', tone: 'skipped' },
  eligible: { word: 'Next', glyph: 'waiting', tone: 'running' },
  'awaiting-input': { word: 'Waits for you', glyph: 'waiting', tone: 'running' },
  waiting: { word: 'Waits', glyph: 'waiting', tone: 'running' },
  dispatched: { word: 'Running', glyph: 'running', tone: 'running' },
  unknown: { word: 'Unknown', glyph: 'unknown', tone: 'unknown' },
  succeeded: { word: 'Done', glyph: 'ok', tone: 'ok' },
  failed: { word: 'Failed', glyph: 'critical', tone: 'critical' },
  'timed-out': { word: 'Took too long', glyph: 'critical', tone: 'critical' },
  cancelled: { word: 'Cancelled', glyph: 'stopped', tone: 'skipped' },
  skipped: { word: 'Skipped', glyph: 'skipped', tone: 'skipped' },
  'not-applicable': { word: 'Does not apply', glyph: 'skipped', tone: 'skipped' },
  undone: { word: 'Undone', glyph: 'ok', tone: 'ok' },
  'undo-failed': { word: 'Not undone', glyph: 'critical', tone: 'critical' },
};

/** A failed step that somebody left behind has not become a good one. */
export function stateOf({ state, passed }: Pick<WalkedStep, 'state' | 'passed'>): StateWords {
  return passed ? { word: `${stepWords[state].word}, left behind`, glyph: 'warn', tone: 'warn' } : stepWords[state];
}

export const modeWords: Record<Mode, string> = { live: 'Live', paper: 'On paper', rehearsal: 'Rehearsal' };

export const riskWords: Record<Risk, { badge: string; says: string; tone: Tone }> = {
  read: { badge: 'Reads', says: 'It only reads', tone: 'skipped' },
  change: { badge: 'Changes', says: 'It changes something there', tone: 'skipped' },
  destructive: { badge: 'Destructive', says: 'What it takes away is gone', tone: 'critical' },
};

const sourceWords: Record<Source, string> = {
  live: 'seen by Pilothouse',
  job: 'as the host\'s own job tells',
  probe: 'found by its probe',
  person: 'as somebody said',
  paper: 'done by hand and recorded',
  operation: 'as its operation tells',
  runbook: 'as its runbook ended',
};

export const sourceOf = (source: Source): string => sourceWords[source];

const finished: ReadonlySet<StepState> = new Set(['succeeded', 'failed', 'timed-out', 'cancelled', 'skipped', 'not-applicable', 'undone', 'undo-failed']);
const bad: ReadonlySet<StepState> = new Set(['failed', 'timed-out', 'cancelled', 'undo-failed']);

/** Whether something came of it, good or bad. */
export const hasEnded = ({ state }: Pick<WalkedStep, 'state'>): boolean => finished.has(state);
export const wentWrong = ({ state }: Pick<WalkedStep, 'state'>): boolean => bad.has(state);

/** Kinds whose text is sent to a target, or would be. */
export const isSentKind = ({ kind }: Pick<WalkedStep, 'kind'>): boolean => kind === 'sh' || kind === 'sql' || kind === 'http' || kind === 'transfer' || kind === 'procedure';

/** "SQL", "Command": what the text of a step is called over its block. */
export function textTitle({ kind }: Pick<WalkedStep, 'kind'>): string {
  switch (kind) {
    case 'sql': return 'SQL';
    case 'http': return 'Request';
    case 'transfer': return 'Transfer';
    case 'procedure': return 'Procedure';
    case 'runbook': return 'Runbook';
    default: return 'Command';
  }
}

/** "1 of 2 expectations seen", "All 3 expectations seen". */
export function verdictCount(verdicts: readonly Verdict[]): string {
  const seen = verdicts.filter(({ ok }) => ok).length;
  if (verdicts.length === 1) return seen === 1 ? 'What was expected was seen' : 'What was expected was not seen';
  return seen === verdicts.length ? `All ${seen} expectations seen` : `${seen} of ${verdicts.length} expectations seen`;
}

/** What came of a step in one line, where its state stands beside it: "84 %, 1.2 s"; empty where there is nothing to say. */
export function outcomeLine(step: Pick<WalkedStep, 'outcome' | 'durationMs' | 'reason'>): string {
  // Of one that was skipped the outcome says that once more; the reason is what is new.
  const said = step.reason ?? step.outcome;
  return [said === null ? null : plainText(said), step.durationMs === null ? null : span(step.durationMs)].filter((part) => part !== null).join(', ');
}

/** "stop for backend", where a step is walked for several things. */
export const fullTitle = ({ title, item }: Pick<WalkedStep, 'title' | 'item'>): string => plainText(item === null || title.includes(item) ? title : `${title}: ${item}`);

/** The step a view is about; null where there is none of that key. */
export const stepOf = (view: WalkthroughView, key: string | null): WalkedStep | null => view.steps.find((step) => step.key === key) ?? null;
