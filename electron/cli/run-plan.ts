/** Shows a plan, has it confirmed where that is needed, runs it and follows it to its end. */
import { reviveError } from '#shared/contract/client.ts';
import type { MethodArgument } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { createProgressView, type Detail } from './progress.ts';
import { ask, canAsk } from './prompt.ts';
import { answeringQuestions } from './questions.ts';
import type { Session } from './session.ts';
import { plain, sentence } from './text.ts';

/** Whether something stands in the way of a plan: the engine will not run it, whoever confirms it. */
function isBlocked(plan: Plan): boolean {
  return plan.findings.some(({ state }) => state === 'critical');
}

/**
 * The plan in words, as it is shown before it runs. Of one that is blocked only what is in the way: what it would do, and
 * how that would be taken back, is no advice while it cannot be done.
 * @param asked whether an answer is waited for: a question is put only to somebody who can still say no
 */
export function planText(plan: Plan, asked = false): string {
  const blocked = isBlocked(plan);
  const findings = plan.findings.filter((finding) => finding.state === 'critical' || (!blocked && finding.state !== 'ok')).map((finding) => `  ${finding.state === 'critical' ? 'In the way' : 'Mind'}: ${finding.title}${finding.detail === undefined ? '' : `. ${finding.detail}`}${finding.fix === undefined ? '' : ` (${finding.fix})`}`);
  const wayBack = plan.wayBack === null ? (plan.irreversible ? ['  There is no way back.'] : []) : [`  Way back: ${plan.wayBack}`];
  const where = plan.environment === null ? '' : ` [${plan.environment}]`;
  const targets = plan.targets.map((target) => `  On ${target.label}`);
  if (blocked) return sentence([`${plan.title}${where}: this cannot run as it stands`, ...targets, ...findings].join('\n'));
  return sentence([`${asked ? plan.question : plan.title}${where}`, ...targets, ...plan.consequences.map((consequence) => `  ${consequence}`), ...findings, ...wayBack].join('\n'));
}

/** What is live, or gone for good, is different afterwards: this never runs unasked, not in a script either. */
const touchesWhatIsLive: ReadonlySet<Plan['kind']> = new Set(['restore.swap', 'restore.undo', 'restore.drop', 'backup.delete', 'files.delete', 'practice.reset', 'practice.remove', 'store.compact']);

function mayNotRunUnasked(plan: Plan): boolean {
  return plan.irreversible || touchesWhatIsLive.has(plan.kind) || (plan.kind === 'runbook.step' && plan.changes) || (plan.changes && plan.environment === 'production');
}

/** Plans that need a yes from whoever sits at a terminal. */
function wantsYes(plan: Plan): boolean {
  return mayNotRunUnasked(plan) || plan.findings.some((finding) => finding.state === 'warn');
}

/**
 * For a plan that comes at the end of long work: whether it could be confirmed then.
 * @param confirmName the name that it will want typed, if it is known to
 * @throws operation.name-not-confirmed where it would be refused
 */
export function requireConfirmable(session: Session, title: string, confirmName: string | null): void {
  const given = session.options.confirm ?? [];
  if (given.length === 0 && canAsk(session.io)) return;
  if (confirmName !== null && !given.includes(confirmName)) {
    throw new PilothouseError('operation.name-not-confirmed', `"${title}" will want the name ${confirmName} typed, to be sure of the target.`, { hint: `Each name has a --confirm of its own: say --confirm ${confirmName} too. Nothing was changed.` });
  }
  if (confirmName === null && given.length === 0 && session.options.yes !== true) {
    throw new PilothouseError('operation.name-not-confirmed', `"${title}" would not be run: there is nobody here to ask.`, { hint: 'Say --yes if it is to run. Nothing was changed.' });
  }
}

/** Whether somebody at a terminal is asked: for the name, or for a yes. */
function isAsked(session: Session, plan: Plan): boolean {
  if ((session.options.confirm ?? []).length > 0 || !canAsk(session.io)) return false;
  return plan.confirmName !== null || (session.options.yes !== true && wantsYes(plan));
}

async function confirm(session: Session, plan: Plan): Promise<string | undefined> {
  const given = session.options.confirm ?? [];
  const asked = isAsked(session, plan);
  if (plan.confirmName !== null) {
    if (given.includes(plan.confirmName)) return plan.confirmName;
    if (asked) return ask(session.io, `Type ${plain(plan.confirmName)} to go on: `);
    return given[0]; // The engine refuses it and says which name it wants.
  }
  const consented = session.options.yes === true || given.length > 0;
  if (!consented && mayNotRunUnasked(plan) && !canAsk(session.io)) {
    throw new PilothouseError('operation.name-not-confirmed', `"${plan.title}" was not run: there is nobody here to ask.`, { hint: 'Read what it would do above, then say --yes. Nothing was changed.' });
  }
  if (asked) {
    const answer = await ask(session.io, 'Go on? [y/N] ');
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new PilothouseError('operation.cancelled', `"${plan.title}" was not run.`, { hint: 'Nothing was changed.' });
  }
  return undefined;
}

async function answerPrompt(session: Session, operationId: string, event: { promptId: string; question: string; choices: string[] }): Promise<void> {
  if (!canAsk(session.io)) {
    session.say(`It waits for an answer, and there is nobody to ask here: ${sentence(event.question)} It is cancelled.`);
    await session.call('operation.cancel', { operationId });
    return;
  }
  const choice = await ask(session.io, `${sentence(event.question)} (${event.choices.map(plain).join(', ')}) `);
  await session.call('operation.answer', { operationId, promptId: event.promptId, choice });
}

/** Follows an operation until it is finished, or until `signal` aborts. @returns how it stands then */
export async function followOperation(session: Session, operationId: string, options: { detail: Detail; answers: boolean; signal?: AbortSignal }): Promise<Operation> {
  const view = createProgressView(session.io, options.detail);
  try {
    for await (const { events } of session.follow('operation.follow', { operationId }, options.signal === undefined ? {} : { signal: options.signal })) {
      for (const event of events) {
        view.show(event);
        if (event.kind === 'prompt' && options.answers) {
          view.end();
          await answerPrompt(session, operationId, event);
        }
      }
    }
  } finally {
    view.end();
  }
  return (await session.call('operation.get', { operationId })).operation;
}

/** The error of an operation that did not succeed. */
export function failureOf(operation: Operation): PilothouseError | null {
  if (operation.state === 'succeeded' || operation.state === 'succeeded-with-warnings') return null;
  const details = { operationId: operation.id };
  if (operation.error !== null) return reviveError({ ...operation.error, details: { ...operation.error.details, ...details } });
  if (operation.state === 'cancelled') return new PilothouseError('operation.cancelled', `${operation.title}: ${operation.summary ?? 'cancelled.'}`, { details });
  return new PilothouseError('operation.interrupted', `${operation.title} is ${operation.state}: ${operation.summary ?? 'it did not come to its end.'}`, { hint: operation.advice ?? 'Look at its log (operation show), then plan it again.', details });
}

/**
 * Starts an operation and follows it to its end. Ctrl-C cancels it, also before its id has come back, and waits until it
 * is cleaned up; a second one ends at once.
 * @returns the finished operation, whether or not it succeeded
 */
export async function runToEnd(session: Session, request: MethodArgument<'operation.run'>, detail: Detail = 'warnings'): Promise<Operation> {
  let begun: string | null = null;
  let unwanted = false;
  const cancel = (operationId: string): void => {
    session.call('operation.cancel', { operationId }).catch((error: unknown) => {
      // It may just have finished, which its result says.
      if (!hasCode(error, 'operation.not-running')) session.say(`It could not be cancelled: ${plain(error instanceof Error ? error.message : String(error))}`);
    });
  };
  const restore = session.onInterrupt(() => {
    session.say('Cancelling and cleaning up. Ctrl-C again ends at once; the next start then cleans up.');
    unwanted = true;
    if (begun !== null) cancel(begun);
  });
  try {
    const { operationId } = await session.call('operation.run', request);
    begun = operationId;
    if (unwanted) cancel(operationId);
    const operation = await answeringQuestions(session, () => followOperation(session, operationId, { detail, answers: true }));
    if (!isFinished(operation.state)) throw new PilothouseError('contract.disconnected', `"${operation.title}" is still ${operation.state}, but it is not followed any more.`, { hint: `See how it goes on: operation follow ${operationId}`, details: { operationId } });
    if (operation.summary !== null) session.say(sentence(operation.summary));
    return operation;
  } finally {
    restore();
  }
}

/** Shows a plan, has it confirmed and runs it to its end, as runToEnd does. */
export async function runPlan(session: Session, plan: Plan, detail?: Detail): Promise<Operation> {
  session.say(planText(plan, isAsked(session, plan)));
  const confirmName = isBlocked(plan) ? undefined : await confirm(session, plan);
  return runToEnd(session, { planId: plan.id, token: plan.token, ...(confirmName === undefined ? {} : { confirmName }) }, detail);
}

/** As runPlan, for those who need it to succeed. @throws the operation's own failure */
export async function runPlanToSuccess(session: Session, plan: Plan, detail?: Detail): Promise<Operation> {
  const operation = await runPlan(session, plan, detail);
  const failure = failureOf(operation);
  if (failure !== null) throw failure;
  return operation;
}
