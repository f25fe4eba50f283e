/** One step of a report: when it was, how it is known, what was sent, what came of it, and what people said of it. */
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import type { Mode } from '#shared/domain/runbook/walkthrough.ts';
import type { Block, Piece, Words } from '../../documents/blocks.ts';
import { codeBlock, facts, paragraph, said } from '../../documents/blocks.ts';
import type { EvidenceContent } from './report.ts';
import { plural, span, type Times } from '../../documents/times.ts';
import { sourceWords, stepWords } from './words.ts';

export const stepName = ({ number, title }: Pick<WalkedStep, 'number' | 'title'>): Words => [`Step ${number}, `, said(title)];

const answerText = (answer: WalkedStep['answer']): string | null => (answer === null ? null : Array.isArray(answer) ? answer.join(', ') : answer === true ? 'yes' : answer === false ? 'no' : String(answer));

/** What its text is: a command that went out, one that somebody typed, one that would have been sent, or words for a person. */
function textLabel({ kind, by, startedAt, state }: WalkedStep, mode: Mode): string {
  const isSent = kind === 'sh' || kind === 'sql' || kind === 'http' || kind === 'transfer' || kind === 'procedure';
  if (kind === 'note') return 'Note';
  if (kind === 'manual') return 'What was to be done';
  if (kind === 'decide') return 'The question';
  if (!isSent) return 'What it is';
  if (by === 'paper') return mode === 'rehearsal' ? 'What would have been carried out' : 'Carried out by hand';
  if (state === 'skipped' || state === 'not-applicable' || startedAt === null) return 'Not sent';
  return 'Sent';
}

export function expectationBlock({ verdicts, expectations }: Pick<WalkedStep, 'verdicts' | 'expectations'>): Block[] {
  if (verdicts.length > 0) return [{ kind: 'expectations', items: verdicts }];
  return expectations.length === 0 ? [] : [{ kind: 'expectations', items: expectations.map((say) => ({ ok: null, say, seen: null })) }];
}

function timeWords({ startedAt, endedAt, durationMs }: WalkedStep, times: Times): Words | null {
  if (startedAt === null && endedAt === null) return null;
  const took = durationMs === null ? '' : `, took ${span(durationMs)}`;
  if (startedAt === null || endedAt === null) return [`${endedAt === null ? 'begun ' : ''}${times.exact(startedAt ?? endedAt ?? '')}${took}`];
  return startedAt === endedAt ? [`${times.exact(startedAt)}${took}`] : [`${times.exact(startedAt)} to ${times.exact(endedAt)}${took}`];
}

function outputBlocks({ output }: WalkedStep, kept: (id: string) => EvidenceContent | null): Block[] {
  if (output === null || output.bytes === 0) return [];
  const whole = output.evidenceId === null ? null : kept(output.evidenceId);
  const size = `${plural(output.bytes, 'byte')}, SHA-256 ${output.sha256}`;
  if (whole !== null) return [codeBlock(`What it answered (${size}${output.truncated ? ', not kept whole' : ''})`, whole.content)];
  return output.tail === '' ? [paragraph(`What it answered was not kept (${size}).`)] : [codeBlock(`The end of what it answered (${size})`, output.tail)];
}

export function evidenceBlock({ name, media, content }: EvidenceContent): Block {
  return media.startsWith('image/') ? { kind: 'image', name, media, base64: content } : codeBlock(['Evidence, ', said(name)], content);
}

const decisionWords = (decision: 'approved' | 'rejected'): string => (decision === 'approved' ? 'approved it' : 'rejected it');
const noted = (note: string): Piece[] => (note.trim() === '' ? [] : [': ', said(note)]);

export const signatureWords = ({ who, role, decision, seenSeq, note, at }: WalkthroughView['signatures'][number], times: Times): Words => ['Signed: ', said(who), ', as ', said(role), `, ${decisionWords(decision)} at ${times.exact(at)}, having seen the log up to entry ${seenSeq}`, ...noted(note)];
export const commentWords = ({ text, actor, at }: WalkthroughView['comments'][number], times: Times): Words => [`Comment of ${times.exact(at)} by `, said(actor), ': ', said(text)];

/** Every look at one of which nobody knows what came of it. */
export function lookBlocks({ unknown }: WalkedStep, times: Times): Block[] {
  if (unknown === null) return [];
  if (unknown.looks.length === 0) return [paragraph(`Nobody knows since ${times.exact(unknown.since)}, and nobody has looked yet.`)];
  return [paragraph(`Nobody knows since ${times.exact(unknown.since)}. ${plural(unknown.looks.length, 'look')}:`), { kind: 'list', items: unknown.looks.map(({ at, found }) => [`${times.exact(at)}: `, said(found)]) }];
}

/** @param kept the content of a piece of evidence; null where it is not in the report */
export function stepBlocks(step: WalkedStep, view: WalkthroughView, times: Times, kept: (id: string) => EvidenceContent | null): Block[] {
  const { key, why, state, by, target, attempt, exitStatus, doneAt, endedAt, answer, outcome, reason, passed, approvals, childId, text, output } = step;
  const isRehearsed = by === 'paper' && view.run.mode === 'rehearsal';
  const { word, tone } = isRehearsed && state === 'succeeded' ? { word: 'Rehearsed', tone: 'skipped' as const } : stepWords[state];
  // What came of it says the same.
  const isReasonEnough = reason !== null && reason !== '' && (state === 'skipped' || passed);
  const child = view.children.find(({ id }) => id === childId);
  const people: Words[] = [
    ...approvals.map(({ who, role, decision, note, at }): Words => [said(who), ', as ', said(role), `, ${decisionWords(decision)} at ${times.exact(at)}`, ...noted(note)]),
    ...view.signatures.filter((signature) => signature.key === key).map((signature) => signatureWords(signature, times)),
    ...view.comments.filter((comment) => comment.key === key).map((comment) => commentWords(comment, times)),
  ];
  const evidence = view.evidence.filter((piece) => piece.key === key && piece.id !== output?.evidenceId);
  return [
    { kind: 'heading', level: 3, words: stepName(step), state: { word: passed ? `${word}, and left behind` : word, tone } },
    ...(why === null ? [] : [paragraph(said(why))]),
    facts(
      ['When', timeWords(step, times)],
      ['Done by hand', doneAt === null ? null : [`${times.exact(doneAt)}${endedAt === null ? '' : `, written down at ${times.exact(endedAt)}`}`]],
      ['How it is known', by === null ? null : [isRehearsed ? 'Written down in the rehearsal, and not done' : sourceWords[by]]],
      ['Target', target === null ? null : [said(target)]],
      ['Attempt', attempt > 1 ? [String(attempt)] : null],
      ['Exit status', exitStatus === null ? null : [String(exitStatus)]],
      ['Answer', answerText(answer) === null ? null : [said(answerText(answer) ?? '')]],
      ['What came of it', outcome === null || isReasonEnough ? null : [said(outcome)]],
      [state === 'skipped' ? 'Why it was skipped' : passed ? 'Why it was left behind' : 'Why', reason === null || reason === '' ? null : [said(reason)]],
      ['Runbook that it called', child === undefined ? null : [said(child.title), ', ', said(child.stateText)]],
    ),
    ...lookBlocks(step, times),
    ...(text === '' ? [] : [codeBlock(textLabel(step, view.run.mode), text)]),
    ...expectationBlock(step),
    ...outputBlocks(step, kept),
    ...evidence.map((piece) => {
      const content = kept(piece.id);
      return content === null ? paragraph('Evidence ', said(piece.name), ` (${plural(piece.bytes, 'byte')}) is not part of this report.`) : evidenceBlock(content);
    }),
    ...(people.length === 0 ? [] : [{ kind: 'list' as const, items: people }]),
  ];
}

/** What did not go as it should, in a line. */
export function failureWords(step: WalkedStep): Words {
  const missed = step.verdicts.filter(({ ok }) => !ok);
  return [
    ...stepName(step),
    `: ${stepWords[step.state].word}`,
    ...(step.outcome === null || step.passed ? [] : [', ', said(step.outcome)]),
    ...(step.exitStatus === null || step.exitStatus === 0 ? [] : [`, exit status ${step.exitStatus}`]),
    ...missed.flatMap(({ say, seen }): Piece[] => ['; not met: ', said(say), ', found ', said(seen)]),
    ...(step.passed ? ['; it was left behind: ', said(step.reason ?? '')] : []),
  ];
}
