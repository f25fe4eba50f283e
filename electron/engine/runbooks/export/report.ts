/** A report of a walkthrough, for who was not there: what it was, how it ended, what nobody knows, and then all of it in order. */
import type { TimelineEntry, WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { isOver, type StoredEvent } from '#shared/domain/runbook/walkthrough.ts';
import { code, codeBlock, facts, heading, paragraph, said, type Block, type Words } from '../../documents/blocks.ts';
import { commentWords, evidenceBlock, failureWords, lookBlocks, signatureWords, stepBlocks, stepName } from './report-step.ts';
import { plural, span, timesIn, type Times } from '../../documents/times.ts';
import { hasFailed, isDone, modeWords, runWords, sectionWords } from './words.ts';

/** Text as it is, pictures in base64. */
export interface EvidenceContent {
  id: string;
  name: string;
  media: string;
  content: string;
}

export interface WalkthroughReport {
  view: WalkthroughView;
  timeline: readonly TimelineEntry[];
  /** As they are kept, with their chain: for the report as JSON. */
  events: readonly StoredEvent[];
  evidence: readonly EvidenceContent[];
  /** The runbook as it was walked. */
  definitionText: string;
  appVersion: string;
  exportedAt: string;
  /** Of the zone data base; else that of this computer. */
  timeZone?: string | undefined;
}

/** Of the text as it was when it began. */
export const definitionHash = (events: readonly StoredEvent[]): string => events.map(({ event }) => (event.kind === 'started' ? event.definitionHash : null)).find((hash) => hash !== null) ?? 'not known';

function banners({ run, steps, current, newer }: WalkthroughView): Block[] {
  const byHand = steps.filter(({ by }) => by === 'paper').length;
  const blocks: Block[] = [];
  if (run.mode === 'rehearsal') blocks.push({ kind: 'banner', tone: 'warn', words: ['This was a rehearsal: nothing of it was done to any system, and it counts nowhere.'] });
  if (run.mode === 'paper') blocks.push({ kind: 'banner', tone: 'warn', words: ['This was walked on paper: Pilothouse sent nothing. What is said here was done by hand, and is as people wrote it down.'] });
  if (run.mode === 'live' && byHand > 0) blocks.push({ kind: 'banner', tone: 'warn', words: [`Of this, ${plural(byHand, 'step')} ${byHand === 1 ? 'was' : 'were'} carried out by hand, without Pilothouse, and ${byHand === 1 ? 'is' : 'are'} as people wrote ${byHand === 1 ? 'it' : 'them'} down.`] });
  if (!isOver(run.state)) {
    const next = steps.find(({ key }) => key === current);
    blocks.push({ kind: 'banner', tone: 'running', words: ['It is not over.', ...(next === undefined ? [] : [' Next is ', ...stepName(next), '.'])] });
  }
  if (newer !== null) blocks.push({ kind: 'banner', tone: 'skipped', words: ['The runbook says something else by now, in version ', said(newer.version), newer.changes.length === 0 ? '.' : ': ', ...(newer.changes.length === 0 ? [] : [said(newer.changes.join('; '))])] });
  return blocks;
}

function about({ view, events, appVersion, exportedAt }: WalkthroughReport, times: Times): Block {
  const { run, steps, environment, targets, stateReason } = view;
  const state = runWords[run.state].word;
  // A decision that passes over a step leaves it over, and not done.
  const without = steps.filter((step) => step.state === 'not-applicable').length;
  return facts(
    ['What', [said(run.title), ', version ', said(run.version), ', ', code(run.runbookId)]],
    ['Where', run.systemName === null ? null : [said(run.systemName), environment === null ? '' : ` (${environment})`]],
    ...targets.map(({ label, to, kind, identity }): [string, Words] => ['Target', [said(label), ' is ', said(to), ...(identity !== null ? [', known by ', code(identity)] : kind === 'http' ? [] : [', whose identity was not known'])]]),
    ['Who', [said(run.operator)]],
    ['When', [`${times.exact(run.startedAt)}${run.endedAt === null ? ', not over yet' : ` to ${times.exact(run.endedAt)}`}${run.durationMs === null ? '' : `; it took ${span(run.durationMs)} without pauses`}`]],
    ['How', [modeWords[run.mode]]],
    ['How it ended', isOver(run.state) ? [`${state}. `, said(run.stateText)] : null],
    ['How it stands', isOver(run.state) ? null : [`${state}. `, said(stateReason ?? run.stateText)]],
    ['Steps', [`${run.steps} in all: ${run.done - without} done, ${without === 0 ? '' : `${without} did not apply, `}${run.skipped} skipped, ${run.failed} failed, ${run.unknown} unknown`]],
    ['Text of the runbook', ['SHA-256 ', code(definitionHash(events))]],
    ['Report', [`written by Pilothouse ${appVersion} at ${times.exact(exportedAt)}; times are of ${times.zone}`]],
  );
}

/** Steps of which it was not known for a while, with what the log says of each. */
function settledBlocks(steps: readonly WalkedStep[], timeline: readonly TimelineEntry[], times: Times): Block[] {
  const settled = steps.filter(({ key, state }) => state !== 'unknown' && timeline.some((entry) => entry.kind === 'lost' && entry.key === key));
  if (settled.length === 0) return [];
  return [
    paragraph('Of these it was not known for a while:'),
    ...settled.flatMap((step): Block[] => [
      paragraph(...stepName(step)),
      { kind: 'list', items: timeline.filter(({ key, kind }) => key === step.key && ['lost', 'looked', 'reopened', 'ended'].includes(kind)).map(({ at, text }) => [`${times.exact(at)}: `, said(text)]) },
    ]),
  ];
}

function unknownBlocks({ steps }: WalkthroughView, timeline: readonly TimelineEntry[], times: Times): Block[] {
  const unknown = steps.filter(({ state }) => state === 'unknown');
  return [
    heading(2, 'What nobody knows'),
    ...(unknown.length === 0 ? [paragraph('Nothing: of every step that was begun it is known what came of it.')] : unknown.flatMap((step) => [paragraph(...stepName(step), ...(step.target === null ? [] : [' on ', said(step.target)])), ...lookBlocks(step, times)])),
    ...settledBlocks(steps, timeline, times),
  ];
}

function skippedBlocks({ steps }: WalkthroughView): Block[] {
  const skipped = steps.filter(({ state }) => state === 'skipped');
  const without = steps.filter(({ state }) => state === 'not-applicable');
  return [
    heading(2, 'What was skipped, and why'),
    skipped.length === 0 ? paragraph('Nothing was skipped.') : { kind: 'list', items: skipped.map((step) => [...stepName(step), ': ', ...(step.reason === null || step.reason.trim() === '' ? ['no reason was given'] : [said(step.reason)])]) },
    ...(without.length === 0 ? [] : [paragraph('These did not apply:'), { kind: 'list' as const, items: without.map((step): Words => [...stepName(step), ...(step.outcome === null ? [] : [': ', said(step.outcome)])]) }]),
  ];
}

function failedBlocks({ steps }: WalkthroughView): Block[] {
  const failed = steps.filter(hasFailed);
  return [heading(2, 'What failed'), failed.length === 0 ? paragraph('Nothing failed.') : { kind: 'list', items: failed.map(failureWords) }];
}

/** Where it is not over, or was stopped: what nobody has done. */
function leftBlocks({ steps, run }: WalkthroughView): Block[] {
  const left = steps.filter((step) => !isDone(step) && step.state !== 'unknown');
  return left.length === 0 ? [] : [heading(2, isOver(run.state) ? 'What was not done' : 'What is still to be done'), { kind: 'list', items: left.map(stepName) }];
}

function aboutTheWhole(view: WalkthroughView, kept: (id: string) => EvidenceContent | null, times: Times): Block[] {
  const outputs = new Set(view.steps.map(({ output }) => output?.evidenceId));
  const pieces = view.evidence.filter(({ id, key }) => key === null && !outputs.has(id)).flatMap(({ id }) => kept(id) ?? []);
  const people = [...view.signatures.filter(({ key }) => key === null).map((signature) => signatureWords(signature, times)), ...view.comments.filter(({ key }) => key === null).map((comment) => commentWords(comment, times))];
  return people.length + pieces.length === 0 ? [] : [heading(2, 'About the whole'), ...(people.length === 0 ? [] : [{ kind: 'list' as const, items: people }]), ...pieces.map(evidenceBlock)];
}

const valueWords = ({ label, text, secret, setBy }: WalkthroughView['values'][number]): Words => [said(label), ': ', secret ? 'a secret, which is not shown' : said(text), ...(setBy === null ? [] : [', set by the step ', said(setBy)])];

/** All of it, for reading. */
export function reportBlocks(report: WalkthroughReport): Block[] {
  const { view, timeline, evidence, definitionText } = report;
  const times = timesIn(report.timeZone);
  const contents = new Map(evidence.map((piece) => [piece.id, piece]));
  const kept = (id: string): EvidenceContent | null => contents.get(id) ?? null;
  const { word, tone } = runWords[view.run.state];
  const steps = (['prerequisites', 'steps', 'rollback'] as const).flatMap((section) => {
    const own = view.steps.filter((step) => step.section === section);
    return own.length === 0 ? [] : [heading(2, sectionWords[section]), ...own.flatMap((step) => stepBlocks(step, view, times, kept))];
  });
  return [
    { kind: 'title', words: [said(view.run.title)], tone, state: word },
    ...banners(view),
    about(report, times),
    ...unknownBlocks(view, timeline, times),
    ...skippedBlocks(view),
    ...failedBlocks(view),
    ...leftBlocks(view),
    ...aboutTheWhole(view, kept, times),
    ...(view.values.length === 0 ? [] : [heading(2, 'Values'), { kind: 'list' as const, items: view.values.map(valueWords) }]),
    ...steps,
    heading(2, 'The log'),
    paragraph(`${plural(timeline.length, 'entry', 'entries')}, as they were kept. Each has a hash that covers the one before it; the report as JSON has them whole.`),
    { kind: 'log', rows: timeline.map(({ seq, at, actor, text, hash }) => ({ seq, at, local: times.exact(at), actor, text, hash })) },
    heading(2, 'The runbook as it was walked'),
    codeBlock('Its text', definitionText),
  ];
}
