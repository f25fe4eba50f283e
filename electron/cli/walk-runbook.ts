/** A walkthrough at the terminal: steps are run one after the other, and what a person has to say is asked, or was said on the command line. */
import { randomUUID } from 'node:crypto';
import type { WalkedStep, WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { hasCode, isPilothouseError } from '#shared/domain/errors.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { UsageError } from './failures.ts';
import { ask, canAsk } from './prompt.ts';
import { runPlan } from './run-plan.ts';
import type { Session } from './session.ts';
import { sentence } from './text.ts';

export interface Said {
  /** By step: answers of manual steps, choices of decisions. */
  answers: ReadonlyMap<string, string>;
  /** By step: why it is skipped. */
  skips: ReadonlyMap<string, string>;
}

/** Why it stands where it stands; null: it is over. */
export interface Stopped {
  view: WalkthroughView;
  waitsFor: string | null;
}

const read = (session: Session, walkthroughId: string): Promise<WalkthroughView> => session.call('walkthrough.get', { walkthroughId });

/** @returns the walkthrough that it began; null where it began none */
async function act(session: Session, view: WalkthroughView, done: WalkthroughAct): Promise<string | null> {
  return (await session.call('walkthrough.act', { walkthroughId: view.run.id, expectedSeq: view.run.seq, commandId: randomUUID(), act: done })).childId;
}

/** The answer as the step wants it. @throws UsageError */
function valueOf(step: WalkedStep, text: string): string | number | boolean {
  if (step.confirm === 'number') {
    const value = Number(text.trim());
    if (text.trim() === '' || !Number.isFinite(value)) throw new UsageError(`"${step.title}" wants a number, not "${text}".`);
    return value;
  }
  if (step.confirm === 'text' || step.confirm === 'choice') return text;
  return true;
}

function shown(step: WalkedStep, view: WalkthroughView): string {
  const target = step.target === null ? '' : ` on ${step.target}`;
  return [`${step.number} of ${view.steps.length}: ${step.title}${target}`, ...(step.why === null ? [] : [`  ${step.why}`]), ...(step.language === 'text' && step.text !== '' ? [`  ${step.text.replaceAll('\n', '\n  ')}`] : [])].join('\n');
}

/** What a person says about a step: on the command line, else at the terminal. Null: nobody is here to ask. */
async function sayAbout(session: Session, step: WalkedStep, said: Said): Promise<WalkthroughAct | null> {
  const { key } = step;
  const reason = said.skips.get(step.stepId);
  if (reason !== undefined && step.can.includes('skip')) return { kind: 'skip', key, reason };
  const given = said.answers.get(step.stepId);
  const asked = given === undefined && canAsk(session.io);
  if (step.can.includes('decide')) {
    const labels = step.choices.map(({ label }) => label);
    const choice = given ?? (asked ? await ask(session.io, `${sentence(step.text)} (${labels.join(', ')}) `) : null);
    return choice === null ? null : { kind: 'decide', key, choice: choice.trim() };
  }
  if (step.can.includes('answer')) {
    if (step.kind === 'note') return { kind: 'answer', key, value: null, note: '' };
    const question = step.confirm === 'number' ? 'Figure: ' : step.confirm === 'text' ? 'What was done: ' : step.confirm === 'choice' ? `Which (${step.choices.map(({ label }) => label).join(', ')}): ` : 'Done? [y/N] ';
    const answer = given ?? (asked ? await ask(session.io, question) : null);
    if (answer === null) return null;
    const isBox = step.confirm === null || step.confirm === 'checkbox';
    if (isBox && given === undefined && !/^y(?:es)?$/i.test(answer.trim())) return null;
    return { kind: 'answer', key, value: valueOf(step, answer), note: isBox && given !== undefined && !/^(?:y|yes|true|done)$/i.test(given) ? given : '' };
  }
  if (step.can.includes('start-wait')) return { kind: 'start-wait', key };
  return null;
}

/** On paper and in a rehearsal: whether it worked, by whoever did it. */
async function recordOf(session: Session, step: WalkedStep, said: Said): Promise<WalkthroughAct | null> {
  const given = said.answers.get(step.stepId);
  const answer = given ?? (canAsk(session.io) ? await ask(session.io, `${step.text}\nDid it work? [y/N] `) : null);
  if (answer === null) return null;
  const worked = /^(?:y|yes|true|done|worked)$/i.test(answer.trim());
  return { kind: 'record', key: step.key, worked, exitStatus: null, output: '', expectations: step.expectations.map(() => worked), captured: {}, doneAt: null, note: worked || given === undefined ? '' : given };
}

const waitsFor = (step: WalkedStep): string => {
  if (step.state === 'unknown') return `Nobody knows whether "${step.title}" happened`;
  if (step.can.includes('retry')) return `"${step.title}" did not go as it should: ${step.outcome ?? step.state}`;
  if (step.state === 'waiting') return `"${step.title}" waits${step.timer === null ? '' : ` until ${step.timer.dueAt}`}`;
  return `"${step.title}" waits for a person${howAnswered(step)}`;
};

/** How a script answers it; nothing where no answer does. */
function howAnswered({ stepId, can, choices }: WalkedStep): string {
  // What can be sent is not answered.
  if (can.includes('run') || !can.some((each) => each === 'answer' || each === 'decide' || each === 'record')) return '';
  return `, or for --answer ${stepId}=${choices.length === 0 ? 'TEXT' : `LABEL, one of: ${choices.map(({ label }) => `"${label}"`).join(', ')}`}`;
}

/** Asks what became of a step of which nobody knows. @returns why that cannot be asked now; null where it was asked */
async function lookAt(session: Session, { run }: WalkthroughView, { key }: WalkedStep): Promise<string | null> {
  try {
    const { plan } = await session.call('walkthrough.planStep', { walkthroughId: run.id, key, expectedSeq: run.seq, action: 'look' });
    await runPlan(session, plan);
    return null;
  } catch (error) {
    // It waits for a person then, who is told why.
    if (!isPilothouseError(error) || error.code === 'operation.cancelled') throw error;
    return error.message;
  }
}

/** Goes on until it is over, or needs a person who is not here. A step that failed is not tried again by itself. */
export async function walkOn(session: Session, walkthroughId: string, said: Said): Promise<Stopped> {
  /** Steps, with their attempts, that were looked at: once each. */
  const lookedAt = new Set<string>();
  for (;;) {
    const view = await read(session, walkthroughId);
    if (isOver(view.run.state)) return { view, waitsFor: null };
    if (view.run.state === 'paused') return { view, waitsFor: `It is paused${view.stateReason === null ? '' : `: ${view.stateReason}`}` };
    const step = view.steps.find(({ key }) => key === view.current);
    if (step === undefined) return { view, waitsFor: 'No step is to be done' };
    session.say(shown(step, view));
    const skipped = said.skips.get(step.stepId);
    const look = `${step.key} ${step.attempt}`;
    if (step.can.includes('look') && !lookedAt.has(look)) {
      lookedAt.add(look);
      const why = await lookAt(session, view, step);
      if (why !== null) return { view: await read(session, walkthroughId), waitsFor: `${waitsFor(step)}. ${why}` };
      continue;
    }
    // A runbook that is called is walked as this one is; one that succeeded lately enough, with nothing skipped, will do.
    let childId = step.state === 'waiting' ? step.childId : null;
    if (step.can.includes('call') && !(skipped !== undefined && step.can.includes('skip'))) {
      const usable = step.usable.find(({ state }) => state === 'succeeded');
      const begun = await act(session, view, { kind: 'call', key: step.key, use: usable === undefined ? 'new' : { walkthroughId: usable.id } });
      // Somebody else may have been faster.
      if (usable !== undefined || begun === null) continue;
      childId = begun;
    }
    if (childId !== null) {
      const child = await walkOn(session, childId, said);
      if (child.waitsFor === null) continue;
      return { view: await read(session, walkthroughId), waitsFor: `"${step.title}" waits for the runbook that it calls: ${child.waitsFor}` };
    }
    if (step.can.includes('run') && !(skipped !== undefined && step.can.includes('skip'))) {
      const { plan } = await session.call('walkthrough.planStep', { walkthroughId, key: step.key, expectedSeq: view.run.seq });
      const operation = await runPlan(session, plan);
      if (operation.state === 'succeeded' || operation.state === 'succeeded-with-warnings') continue;
      const after = await read(session, walkthroughId);
      const now = after.steps.find(({ key }) => key === after.current);
      // A failure that the runbook goes on from leads to another step, or to its end.
      if (isOver(after.run.state) || (now !== undefined && now.key !== step.key)) continue;
      return { view: after, waitsFor: now === undefined ? (after.stateReason ?? operation.summary) : waitsFor(now) };
    }
    const done = step.can.includes('record') && !(skipped !== undefined && step.can.includes('skip')) ? await recordOf(session, step, said) : await sayAbout(session, step, said);
    if (done === null) return { view, waitsFor: waitsFor(step) };
    try {
      await act(session, view, done);
    } catch (error) {
      // At a terminal one may say it again; in a script there is nobody to.
      if (!hasCode(error, 'runbook.value-invalid') || !canAsk(session.io) || said.answers.has(step.stepId)) throw error;
      session.say(isPilothouseError(error) ? `${error.message} ${error.hint ?? ''}` : String(error));
    }
  }
}
