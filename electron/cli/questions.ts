/** What servers ask while a command connects to them, asked of whoever sits at the terminal. */
import type { HostQuestion } from '#shared/contract/hosts.ts';
import { hasCode } from '#shared/domain/errors.ts';
import { ask, askSecret, canAsk } from './prompt.ts';
import type { Session } from './session.ts';

/** @throws Interrupted; the signal's reason when nobody waits for an answer any more */
async function answerAtTerminal(session: Session, { host, hop, title, instructions, prompts }: HostQuestion, signal: AbortSignal): Promise<string[]> {
  session.say([`${hop} asks, on the way to ${host}:`, ...[title, instructions].filter((text) => text !== '').map((text) => `  ${text.replaceAll('\n', '\n  ')}`)].join('\n'));
  const answers: string[] = [];
  for (const { text, shown } of prompts) answers.push(await (shown ? ask : askSecret)(session.io, `  ${text === '' ? 'Answer:' : text} `, signal));
  return answers;
}

/** Milliseconds. What is done by then has connected to nobody who asks. */
const quickMs = 300;

interface Watch {
  /** How many calls wait for something. */
  calls: number;
  failure: unknown;
  end(): Promise<void>;
}

/** One for each run of the command line: whatever waits, a question is put once. */
const watches = new WeakMap<Session, Watch>();

function startWatch(session: Session): Watch {
  const over = new AbortController();
  const seen = new Set<string>();
  let current: { id: string; gone: AbortController } | null = null;
  let turn: Promise<void> = Promise.resolve();

  const answer = async (questionId: string, answers: string[] | null): Promise<void> => {
    await session.engine.call('host.answer', { questionId, answers }).catch((error: unknown) => {
      // It was answered elsewhere, or the server hung up: what it was asked for says so.
      if (!hasCode(error, 'store.not-found')) throw error;
    });
  };
  const settle = async (question: HostQuestion): Promise<void> => {
    const gone = new AbortController();
    current = { id: question.id, gone };
    try {
      await answer(question.id, await answerAtTerminal(session, question, AbortSignal.any([gone.signal, over.signal])));
    } catch (error) {
      if (gone.signal.aborted || over.signal.aborted) return;
      watch.failure ??= error;
      await answer(question.id, null);
    } finally {
      current = null;
    }
  };
  const look = async (): Promise<void> => {
    const { questions } = await session.engine.call('host.questions', {});
    if (current !== null && !questions.some(({ id }) => id === current?.id)) current.gone.abort(new Error('The question is not open any more.'));
    for (const question of questions) {
      if (seen.has(question.id)) continue;
      seen.add(question.id);
      if (canAsk(session.io)) turn = turn.then(() => settle(question));
      else if (!(await session.attached())) await answer(question.id, null);
    }
  };
  const follow = async (): Promise<void> => {
    const changes = session.engine.follow('changes.follow', {}, { signal: over.signal })[Symbol.asyncIterator]();
    // Listened to before the first look, so that nothing is asked in between.
    let next = changes.next();
    await look();
    for (let change = await next; change.done !== true; change = await next) {
      if (change.value.topics.includes('questions')) await look();
      next = changes.next();
    }
  };

  let following: Promise<void> = Promise.resolve();
  const timer = setTimeout(() => {
    following = follow().catch((error: unknown) => {
      if (!over.signal.aborted) watch.failure ??= error;
    });
  }, quickMs);
  const watch: Watch = {
    calls: 0,
    failure: null,
    async end() {
      clearTimeout(timer);
      over.abort(new Error('Nobody waits for an answer any more.'));
      await following;
      await turn;
    },
  };
  return watch;
}

/**
 * Does something that may connect, and answers what servers ask meanwhile. Where nobody is at a terminal here, a question
 * is left to whoever else has the engine open, and declined at once where nobody has.
 * @throws Interrupted, where a person left a question
 */
export async function answeringQuestions<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const watch = watches.get(session) ?? startWatch(session);
  watches.set(session, watch);
  watch.calls += 1;
  try {
    const done = await work();
    if (watch.failure !== null) throw watch.failure as Error;
    return done;
  } catch (error) {
    throw watch.failure ?? error;
  } finally {
    watch.calls -= 1;
    if (watch.calls === 0) {
      watches.delete(session);
      await watch.end();
    }
  }
}
