/** One plain sentence for each event of a walkthrough. */
import type { WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { plural, span } from '../../documents/times.ts';
import { runWords, sourceWords, stepWords } from './words.ts';

/** What somebody wrote, or a server said, as the end of a sentence: nothing where there is nothing. */
const saying = (text: string): string => (text.trim() === '' ? '.' : `: ${ended(text)}`);
/** With one full stop at its end, if it has no end of its own. */
function ended(text: string): string {
  const plain = text.trim();
  return /[.?!…:]$/u.test(plain) ? plain : `${plain}.`;
}
const attemptWords = (attempt: number): string => (attempt > 1 ? `, attempt ${attempt}` : '');
const sawWords = (seenSeq: number): string => `having seen the log up to entry ${seenSeq}`;
const small = (text: string): string => `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
const modeSentences = {
  live: 'It goes on live: steps are sent again from here on.',
  paper: 'It goes on on paper: nothing is sent from here on, and outcomes are written down.',
  rehearsal: 'It goes on as a rehearsal: nothing is sent from here on.',
} as const;

function metWords({ role, binding }: Extract<WalkthroughEvent, { kind: 'met' }>): string {
  const who = binding.kind === 'ssh' ? ` (host key ${binding.fingerprint ?? 'unknown'})` : binding.kind === 'postgres' ? ` (cluster ${binding.systemIdentifier ?? 'unknown'})` : '';
  return `${binding.kind === 'http' ? binding.url : binding.label}, the target ${role}, was connected to for the first time${who}: from here on it has to be that one.`;
}

/**
 * @param titleOf what a step is called, by the key of its slot or by its id: "Stop", "Stop [backend]", "Undo of Stop"
 * @param runTitleOf what a walkthrough is called; null where it is not there any more
 */
export function timelineText(event: WalkthroughEvent, titleOf: (key: string) => string, runTitleOf: (walkthroughId: string) => string | null = () => null): string {
  const run = (id: string): string => runTitleOf(id) ?? id;
  switch (event.kind) {
    case 'started': {
      const how = { live: 'live', paper: 'on paper', rehearsal: 'as a rehearsal' }[event.mode];
      const from = event.parent === null ? '' : ` It was called by the step ${event.parent.key} of ${run(event.parent.walkthroughId)}.`;
      const before = event.continues === null ? '' : ` It takes the place of ${run(event.continues)}.`;
      return `${event.operator} began "${event.title}", version ${event.version}, ${how}, with ${plural(event.slots.length, 'step')}.${from}${before}`;
    }
    case 'not-applicable':
      return `${titleOf(event.key)} does not apply${saying(event.why)}`;
    case 'awaiting':
      return `${titleOf(event.key)} waits for a person.`;
    case 'dispatched':
      return `${titleOf(event.key)} is being sent${attemptWords(event.attempt)}${event.jobId === null ? '' : `, as the job ${event.jobId} of the host`}. It ${event.risk === 'read' ? 'only reads' : event.risk === 'change' ? 'changes something' : 'destroys something'}.`;
    case 'called':
      return `${titleOf(event.key)} called ${run(event.walkthroughId)}${attemptWords(event.attempt)}.`;
    case 'lost':
      return `What came of ${titleOf(event.key)} is not known${saying(event.why)}`;
    case 'looked':
      return `Looked what came of ${titleOf(event.key)}${saying(event.found)}`;
    case 'ended': {
      const state = event.as === 'succeeded' ? 'is done' : small(stepWords[event.as].word);
      const missed = event.verdicts.filter(({ ok }) => !ok);
      const judged = event.verdicts.length === 0 ? '' : missed.length === 0 ? ` All of ${plural(event.verdicts.length, 'expectation')} met.` : ` Not met: ${ended(missed.map(({ say, seen }) => `${say} (${seen})`).join('; '))}`;
      const took = event.durationMs === null ? '' : ` It took ${span(event.durationMs)}.`;
      const status = event.exitStatus === null ? '' : ` Exit status ${event.exitStatus}.`;
      const done = event.doneAt === null ? '' : ` It was done at ${event.doneAt}.`;
      const summary = event.summary.trim() === '' ? '' : ` ${ended(event.summary)}`;
      return `${titleOf(event.key)}: ${state}${attemptWords(event.attempt)}.${summary}${status}${judged}${took}${done} How it is known: ${small(sourceWords[event.by])}.`;
    }
    case 'reopened':
      return `${titleOf(event.key)} did not happen and can be begun again${saying(event.why)} How it is known: ${small(sourceWords[event.by])}.`;
    case 'decided':
      return `${titleOf(event.key)}: "${event.choice}" was chosen; it goes on with ${event.to === '' ? 'the next step' : titleOf(event.to)}.`;
    case 'approved':
      return `${event.who} ${event.decision} ${titleOf(event.key)} as ${event.role}, ${sawWords(event.seenSeq)}${saying(event.note)}`;
    case 'skipped':
      return `${titleOf(event.key)} was skipped${event.reason.trim() === '' ? '; no reason was given.' : saying(event.reason)}`;
    case 'passed':
      return `${titleOf(event.key)} had failed and was left behind${saying(event.reason)}`;
    case 'timer-armed':
      return `${titleOf(event.key)} waits until ${event.dueAt}.`;
    case 'timer-ended': {
      const as = { due: 'is over', stale: 'was over long before anybody looked, and needs a person', 'cut-short': 'was ended before its time' }[event.as];
      return `The wait of ${titleOf(event.key)} ${as}${saying(event.why)}`;
    }
    case 'paused':
      return `It was paused${saying(event.why)}`;
    case 'resumed':
      return 'It goes on.';
    case 'met':
      return metWords(event);
    case 'mode-changed':
      return modeSentences[event.to];
    case 'rollback-started':
      return `The rollback began, with ${plural(event.slots.length, 'step')}${saying(event.reason)}`;
    case 'commented':
      return `Comment${event.key === null ? '' : ` on ${titleOf(event.key)}`}${saying(event.text)}`;
    case 'evidence':
      return `Evidence was kept${event.key === null ? '' : ` for ${titleOf(event.key)}`}: ${event.name} (${event.media}, ${plural(event.bytes, 'byte')}, SHA-256 ${event.sha256}).`;
    case 'signed':
      return `${event.who} ${event.decision === 'approved' ? 'signed' : 'refused to sign'}${event.key === null ? '' : ` ${titleOf(event.key)}`} as ${event.role}, ${sawWords(event.seenSeq)}${saying(event.note)}`;
    case 'ended-run':
      return `It is over: ${small(runWords[event.state].word)}${saying(event.summary)}`;
  }
}
