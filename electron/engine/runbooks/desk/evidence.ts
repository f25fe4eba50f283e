/** What a step wrote, as evidence: without secrets, and without what the step wants taken out. */
import { createHash } from 'node:crypto';
import type { Step } from '#shared/domain/runbook/definition.ts';
import { compilePattern, type ValueOf } from '#shared/domain/runbook/patterns.ts';
import { redacted } from '#shared/domain/scrub.ts';
import type { OutputFacts } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { Outcome } from '../sent.ts';
import { inTime } from './in-time.ts';
import type { Walks } from './walks.ts';

/** Both outputs, one after the other. */
export function wholeOutput({ stdout, stderr }: Pick<Outcome, 'stdout' | 'stderr'>): string {
  if (stderr.trim() === '') return stdout;
  return `${stdout}${stdout === '' || stdout.endsWith('\n') ? '' : '\n'}${stdout === '' ? '' : 'Standard error:\n'}${stderr}`;
}

/** @param of values that the patterns name */
function without(text: string, patterns: readonly string[], of: ValueOf): string {
  if (patterns.length === 0) return text;
  return inTime(() => takenOut(text, patterns, of))?.done ?? redacted;
}

function takenOut(text: string, patterns: readonly string[], of: ValueOf): string {
  return patterns.reduce((rest, source) => {
    const pattern = compilePattern(source, of);
    // Better nothing is kept than what was to be taken out.
    return 'problem' in pattern ? redacted : rest.replace(new RegExp(pattern.pattern.source, pattern.pattern.flags.includes('g') ? pattern.pattern.flags : `${pattern.pattern.flags}g`), redacted);
  }, text);
}

/** What a step wrote, without what it wants taken out: for what is said of it. */
export function withoutParts<Said extends Pick<Outcome, 'stdout' | 'stderr' | 'rows'>>(said: Said, { redact }: Pick<Step, 'redact'>, of: ValueOf): Said {
  if (redact.length === 0) return said;
  const { stdout, stderr, rows } = said;
  const cell = (value: unknown): unknown => (typeof value === 'string' ? without(value, redact, of) : value);
  return { ...said, stdout: without(stdout, redact, of), stderr: without(stderr, redact, of), rows: rows === null ? null : { ...rows, rows: rows.rows.map((row) => row.map(cell)) } };
}

/** Keeps it, where the step does not forbid it. Null: it wrote nothing. */
export function keepOutput(context: Pick<EngineContext, 'scrubber'>, walks: Pick<Walks, 'keepEvidence' | 'open'>, walkthroughId: string, step: Pick<Step, 'evidence' | 'redact' | 'title'>, outcome: Pick<Outcome, 'stdout' | 'stderr' | 'bytes' | 'truncated'>): OutputFacts | null {
  const { values } = walks.open(walkthroughId).walkthrough;
  const text = without(context.scrubber.scrub(wholeOutput(outcome)), step.redact, (name) => values[name] ?? null);
  if (text === '') return null;
  const facts = { sha256: createHash('sha256').update(text).digest('hex'), bytes: outcome.bytes, truncated: outcome.truncated };
  if (step.evidence === 'none') return { ...facts, evidenceId: null };
  return { ...facts, evidenceId: walks.keepEvidence(walkthroughId, { name: `${step.title}: output`, media: 'text/plain', data: Buffer.from(text) }) };
}
