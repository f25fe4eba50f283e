/** How a walkthrough stands and what a step does, in the words that the library, the bar of the walkthrough and its paper share. */
import type { Risk } from '#shared/domain/runbook/definition.ts';
import type { RunState } from '#shared/domain/runbook/walkthrough.ts';
import { age, span } from './format.ts';
import type { GlyphKind } from './glyph-kind.ts';
import type { Tone } from './words.ts';

export interface StateWords {
  word: string;
  glyph: GlyphKind;
  tone: Tone;
}

export const runWords: Record<RunState, StateWords> = {
  running: { word: 'In progress', glyph: 'running', tone: 'running' },
  waiting: { word: 'Waits for you', glyph: 'waiting', tone: 'running' },
  paused: { word: 'Paused', glyph: 'waiting', tone: 'skipped' },
  blocked: { word: 'A step failed', glyph: 'critical', tone: 'critical' },
  unknown: { word: 'A step is unknown', glyph: 'unknown', tone: 'unknown' },
  'rolling-back': { word: 'Rolling back', glyph: 'running', tone: 'warn' },
  succeeded: { word: 'Done', glyph: 'ok', tone: 'ok' },
  'succeeded-with-skips': { word: 'Done, with steps skipped', glyph: 'skipped', tone: 'skipped' },
  failed: { word: 'Failed', glyph: 'critical', tone: 'critical' },
  'rolled-back': { word: 'Rolled back', glyph: 'stopped', tone: 'warn' },
  aborted: { word: 'Aborted', glyph: 'stopped', tone: 'skipped' },
};

export const riskWords: Record<Risk, string> = { read: 'Reads', change: 'Changes', destructive: 'Destructive' };

/** A span as people plan with it: minutes from one minute on. */
export function minutes(ms: number): string {
  return ms < 60_000 ? span(ms) : age(ms);
}
