/** What a person does in a walkthrough, as events. Pure but for the ports of its context. */
import { PilothouseError } from '../errors.ts';
import { plainEnd } from './advance.ts';
import { misfit, readAnswer, readDoneAt, readSeenSeq } from './answers.ts';
import type { Runbook, Value } from './definition.ts';
import { failedStates } from './flow.ts';
import { possibleAt, possibleOfRun, type RunDeed, type StepDeed } from './possible.ts';
import { deedOf, rollbackSlots, titleOf, type Deed } from './slots.ts';
import { isOver, type Act, type OutputFacts, type StepProgress, type Verdict, type Walkthrough, type WalkthroughEvent } from './walkthrough.ts';

export interface DecideContext {
  runbook: Runbook;
  /** The instant of now, ISO. */
  at: string;
  /** New ids, for comments, timers and called walkthroughs. */
  ids(): string;
  /** What the expectations of a manual step say of an answer. Without expectations: none. */
  judge(deed: Deed, progress: StepProgress, answer: Value): readonly Verdict[];
  /** Values that a step captures, from what was typed for them, else from what it printed. `fault`: what could not be read, in words. */
  capture(deed: Deed, typed: Readonly<Record<string, string>>, output: string): { captured: Readonly<Record<string, Value>> } | { fault: string };
  /** Keeps an output that was pasted, redacted as the step says, together with these events. */
  keepOutput(deed: Deed, key: string, text: string): OutputFacts;
  /** Keeps an attachment together with these events. `data` in base64. */
  keepAttachment(piece: { name: string; media: string; data: string }): { evidenceId: string; sha256: string; bytes: number };
}

type Of<Kind extends Act['kind']> = Extract<Act, { kind: Kind }>;
type StepAct = Extract<Act, { kind: StepDeed; key: string }>;

const deedWords: Record<StepDeed, string> = {
  run: 'run it',
  look: 'find out what came of it',
  answer: 'say that it is done',
  'went-wrong': 'say that it went wrong',
  decide: 'decide',
  approve: 'approve or refuse it',
  skip: 'skip it',
  record: 'record what was done by hand',
  settle: 'say what is known of it',
  retry: 'try it again',
  pass: 'leave the failure behind',
  'start-wait': 'begin to wait',
  'end-wait': 'end the wait',
  call: 'begin the runbook that it calls',
  rollback: 'roll back',
};

function refuse(message: string, can: readonly string[]): PilothouseError {
  return new PilothouseError('runbook.not-now', message, { hint: can.length === 0 ? 'Look at the walkthrough again.' : `What can be done now: ${can.join(', ')}.` });
}

/** Why a slot does not take this act now. */
function refusalOf(state: Walkthrough, runbook: Runbook, key: string, kind: StepDeed): PilothouseError {
  const progress = state.steps[key];
  if (progress === undefined) return refuse(`"${state.title}" has no step ${key}.`, []);
  const title = titleOf(runbook, progress.slot);
  const can = possibleAt(state, runbook, key).map((deed) => deedWords[deed]);
  if (isOver(state.state)) return refuse(`"${state.title}" is over.`, []);
  if (state.state === 'paused') return refuse(`"${state.title}" is paused.`, ['resume it']);
  if (key !== state.current) return refuse(progress.state === 'pending' ? `"${title}" is not reached yet.` : `"${title}" is done already.`, []);
  if (kind === 'skip' || kind === 'pass' || kind === 'end-wait') {
    const deed = deedOf(runbook, progress.slot);
    if (deed?.undo === null && deed.step.skip === 'never') return misfit(title, 'The runbook says that this step is never skipped.');
  }
  if (progress.state === 'dispatched') return refuse(`"${title}" is being run.`, ['wait for it', 'cancel it']);
  if (progress.state === 'unknown') return refuse(`Nobody knows what came of "${title}", so this cannot be done: ${deedWords[kind]}.`, can);
  return refuse(`This cannot be done about "${title}" now: ${deedWords[kind]}.`, can);
}

/** The slot that an act is about, which takes it now. @throws runbook.not-now, or runbook.value-invalid for a skip that the file rules out */
function allowed(state: Walkthrough, runbook: Runbook, key: string, kind: StepDeed): { progress: StepProgress; deed: Deed; title: string } {
  const progress = state.steps[key];
  const deed = progress === undefined ? null : deedOf(runbook, progress.slot);
  if (progress === undefined || deed === null || !possibleAt(state, runbook, key).includes(kind)) throw refusalOf(state, runbook, key, kind);
  return { progress, deed, title: titleOf(runbook, progress.slot) };
}

function allowedOfRun(state: Walkthrough, runbook: Runbook, kind: RunDeed): void {
  const can = possibleOfRun(state, runbook);
  if (can.includes(kind)) return;
  if (isOver(state.state)) throw refuse(`"${state.title}" is over.`, []);
  if (state.state === 'paused') throw refuse(`"${state.title}" is paused.`, ['resume it']);
  const current = state.current === null ? undefined : state.steps[state.current];
  if (current !== undefined && (kind === 'abort' || kind === 'rollback')) {
    const title = titleOf(runbook, current.slot);
    if (current.state === 'dispatched') throw refuse(`"${title}" is being run.`, ['wait for it', 'cancel it']);
    if (current.state === 'waiting' && current.childId !== null) throw refuse(`The runbook that "${title}" called is under way.`, ['walk it to its end', 'end it']);
  }
  if (kind === 'rollback') throw refuse(state.rollback === null ? `There is nothing to roll back in "${state.title}": no rollback is declared, and nothing that was begun has an undo.` : `"${state.title}" is being rolled back already.`, []);
  throw refuse(`This cannot be done in "${state.title}" now: ${kind}.`, can);
}

/** A timer that still runs is ended before its step is left. */
function disarm(state: Walkthrough, why: string): WalkthroughEvent[] {
  const progress = state.current === null ? undefined : state.steps[state.current];
  return progress?.timer?.state === 'armed' ? [{ kind: 'timer-ended', key: progress.slot.key, timerId: progress.timer.timerId, as: 'cut-short', why }] : [];
}

function answer(state: Walkthrough, act: Of<'answer'>, context: DecideContext): WalkthroughEvent[] {
  const { progress, deed, title } = allowed(state, context.runbook, act.key, 'answer');
  if (deed.action.kind === 'note') return [plainEnd(progress, true, 'person', 'Read.')];
  const value = deed.undo === null ? readAnswer(deed.step, title, act.key, act.value, state) : true;
  const verdicts = deed.expect.length === 0 ? [] : context.judge(deed, progress, value);
  const well = verdicts.every(({ ok }) => ok);
  const found = well && deed.undo === null && deed.step.capture.length > 0 ? context.capture(deed, {}, String(value)) : { captured: {} };
  if ('fault' in found) throw misfit(title, found.fault);
  const said = value === true ? 'Done' : String(value);
  const summary = [said, ...verdicts.filter(({ ok }) => !ok).map(({ say }) => `not so: ${say}`), ...(act.note === '' ? [] : [act.note])].join('; ');
  return [{ ...plainEnd(progress, well, 'person', summary), verdicts, captured: found.captured, answer: value }];
}

/** By hand: what a person saw stands in the place of what would have been measured. */
function record(state: Walkthrough, act: Of<'record'>, context: DecideContext): WalkthroughEvent[] {
  const { progress, deed, title } = allowed(state, context.runbook, act.key, 'record');
  const doneAt = readDoneAt(title, act.doneAt, context.at);
  const seen: Verdict[] = deed.expect.map(({ say }, index) => (act.expectations[index] === true ? { say, ok: true, seen: 'seen by hand' } : { say, ok: false, seen: 'not seen' }));
  // As when it is run: a status other than 0 is no success, unless the file expects one.
  const badStatus = deed.action.kind === 'sh' && act.exitStatus !== null && act.exitStatus !== 0 && !deed.expect.some(({ matcher }) => matcher.kind === 'exit');
  const verdicts = badStatus ? [{ say: 'It exited with 0', ok: false, seen: `exit status ${act.exitStatus}` }, ...seen] : seen;
  const well = act.worked && verdicts.every(({ ok }) => ok);
  const captures = deed.undo === null && deed.step.capture.length > 0;
  const found = captures ? context.capture(deed, act.captured, act.output) : { captured: {} };
  // What did not work need not have printed what is captured.
  if ('fault' in found && well) throw misfit(title, found.fault);
  const notSeen = verdicts.filter(({ ok }) => !ok).map(({ say }) => say);
  const said = well ? 'Done by hand, and it worked' : act.worked ? `Done by hand, but not seen: ${notSeen.join(', ')}` : 'Done by hand, and it did not work';
  return [
    {
      ...plainEnd(progress, well, state.mode === 'live' ? 'person' : 'paper', `${said}.${act.note === '' ? '' : ` ${act.note}`}`),
      verdicts,
      captured: 'fault' in found ? {} : found.captured,
      exitStatus: act.exitStatus,
      output: act.output === '' ? null : context.keepOutput(deed, act.key, act.output),
      doneAt,
    },
  ];
}

function approve(state: Walkthrough, act: Of<'approve'>, { runbook }: DecideContext): WalkthroughEvent[] {
  const { progress, deed, title } = allowed(state, runbook, act.key, 'approve');
  const by = deed.action.kind === 'approve' ? deed.action.by : [];
  if (!by.includes(act.role)) throw misfit(title, `It is for these to approve: ${by.join(', ')}.`);
  if (progress.approvals.some(({ role }) => role === act.role)) throw refuse(`"${title}" was approved already by ${act.role}.`, by.filter((role) => progress.approvals.every((one) => one.role !== role)).map((role) => `approval by ${role}`));
  return [{ ...act, kind: 'approved', seenSeq: readSeenSeq(title, act.seenSeq, state) }];
}

function skip(state: Walkthrough, act: Of<'skip'>, { runbook }: DecideContext): WalkthroughEvent[] {
  const { deed, title } = allowed(state, runbook, act.key, 'skip');
  const reason = act.reason.trim();
  if (reason === '' && (deed.undo !== null || deed.step.skip !== 'free')) throw misfit(title, 'Skipping it takes a reason.');
  return [{ kind: 'skipped', key: act.key, reason }];
}

function settle(state: Walkthrough, act: Of<'settle'>, { runbook }: DecideContext): WalkthroughEvent[] {
  const { progress, title } = allowed(state, runbook, act.key, 'settle');
  const evidence = needed(title, act.evidence, 'Say how you know.');
  // Nothing was measured, so nothing is said of its expectations.
  if (act.happened) return [plainEnd(progress, true, 'person', evidence)];
  return [{ kind: 'reopened', key: act.key, attempt: progress.attempt + 1, by: 'person', why: evidence }];
}

function retry(state: Walkthrough, act: Of<'retry'>, { runbook }: DecideContext): WalkthroughEvent[] {
  const { progress } = allowed(state, runbook, act.key, 'retry');
  const failed = failedStates.has(progress.state);
  // By the runbook: it is the file that says that doing it twice is as doing it once, and it may have been done.
  return [{ kind: 'reopened', key: act.key, attempt: progress.attempt + 1, by: failed ? 'person' : 'runbook', why: failed ? 'Tried again.' : 'Begun again without knowing what came of it: doing it twice is as doing it once.' }];
}

function endWait(state: Walkthrough, act: Of<'end-wait'>, { runbook }: DecideContext): WalkthroughEvent[] {
  const { progress, title } = allowed(state, runbook, act.key, 'end-wait');
  const reason = needed(title, act.reason, 'Ending the wait takes a reason.');
  // The time is over, only nobody was there: it was waited for.
  if (progress.timer?.state === 'stale') return [plainEnd(progress, true, 'person', `Waited longer than until ${progress.timer.dueAt}: ${reason}`)];
  return [...disarm(state, reason), { kind: 'skipped', key: act.key, reason }];
}

function needed(title: string, text: string, otherwise: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw misfit(title, otherwise);
  return trimmed;
}

function aboutStep(state: Walkthrough, act: StepAct, context: DecideContext): WalkthroughEvent[] {
  const { runbook } = context;
  switch (act.kind) {
    case 'answer':
      return answer(state, act, context);
    case 'went-wrong': {
      const { progress, title } = allowed(state, runbook, act.key, 'went-wrong');
      return [plainEnd(progress, false, 'person', needed(title, act.note, 'Say what went wrong.'))];
    }
    case 'decide': {
      const { deed, title } = allowed(state, runbook, act.key, 'decide');
      const choices = deed.action.kind === 'decide' ? deed.action.choices : [];
      const chosen = choices.find(({ label }) => label === act.choice);
      if (chosen === undefined) throw misfit(title, `It asks for one of these: ${choices.map(({ label }) => label).join(', ')}.`);
      return [{ kind: 'decided', key: act.key, choice: chosen.label, to: chosen.to }];
    }
    case 'approve':
      return approve(state, act, context);
    case 'skip':
      return skip(state, act, context);
    case 'record':
      return record(state, act, context);
    case 'settle':
      return settle(state, act, context);
    case 'retry':
      return retry(state, act, context);
    case 'pass': {
      const { title } = allowed(state, runbook, act.key, 'pass');
      return [{ kind: 'passed', key: act.key, reason: needed(title, act.reason, 'Leaving a failure behind takes a reason.') }];
    }
    case 'start-wait': {
      const { deed } = allowed(state, runbook, act.key, 'start-wait');
      const forMs = deed.action.kind === 'wait' ? deed.action.forMs : 0;
      return [{ kind: 'timer-armed', key: act.key, timerId: context.ids(), dueAt: new Date(Date.parse(context.at) + forMs).toISOString() }];
    }
    case 'end-wait':
      return endWait(state, act, context);
    case 'call': {
      const { progress } = allowed(state, runbook, act.key, 'call');
      return [{ kind: 'called', key: act.key, attempt: progress.attempt, walkthroughId: act.use === 'new' ? context.ids() : act.use.walkthroughId }];
    }
  }
}

/** What is taken at any time, also when all is over. */
function aside(state: Walkthrough, act: Of<'comment' | 'attach' | 'sign'>, context: DecideContext): WalkthroughEvent[] {
  if (act.key !== null && !Object.hasOwn(state.steps, act.key)) throw refuse(`"${state.title}" has no step ${act.key}.`, []);
  switch (act.kind) {
    case 'comment':
      return [{ kind: 'commented', key: act.key, commentId: context.ids(), text: needed(state.title, act.text, 'A comment says something.') }];
    case 'attach':
      return [{ kind: 'evidence', key: act.key, name: act.name, media: act.media, ...context.keepAttachment(act) }];
    case 'sign':
      return [{ ...act, kind: 'signed', seenSeq: readSeenSeq(state.title, act.seenSeq, state) }];
  }
}

/**
 * What an act comes to. What follows from it by itself is `advance`.
 * @throws runbook.not-now where it is not possible now, with what is; runbook.value-invalid where what was typed does not fit
 */
export function decide(state: Walkthrough, act: Act, context: DecideContext): WalkthroughEvent[] {
  const { runbook } = context;
  switch (act.kind) {
    case 'comment':
    case 'attach':
    case 'sign':
      return aside(state, act, context);
    case 'pause':
      allowedOfRun(state, runbook, 'pause');
      return [{ kind: 'paused', why: act.why }];
    case 'resume':
      allowedOfRun(state, runbook, 'resume');
      return [{ kind: 'resumed' }];
    case 'go-live':
      allowedOfRun(state, runbook, 'go-live');
      return [{ kind: 'mode-changed', to: 'live' }];
    case 'go-paper':
      allowedOfRun(state, runbook, 'go-paper');
      return [{ kind: 'mode-changed', to: 'paper' }];
    case 'rollback': {
      allowedOfRun(state, runbook, 'rollback');
      const reason = needed(state.title, act.reason, 'Rolling back takes a reason.');
      return [...disarm(state, reason), { kind: 'rollback-started', reason, slots: rollbackSlots(runbook, state) }];
    }
    case 'abort': {
      allowedOfRun(state, runbook, 'abort');
      const reason = needed(state.title, act.reason, 'Ending it takes a reason.');
      return [...disarm(state, reason), { kind: 'ended-run', state: 'aborted', summary: reason }];
    }
    default:
      return aboutStep(state, act, context);
  }
}
