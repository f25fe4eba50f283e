/** What servers ask while they are signed in to, put to whoever sits at one of the ways in. Nothing of it is stored. */
import type { HostQuestion } from '#shared/contract/hosts.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { ChangeBus } from '../operations/change-bus.ts';
import type { Clock, Notifier, Random } from '../ports.ts';
import { serverText } from './server-text.ts';
import type { SshQuestion, SshUnanswered } from './types.ts';

/** Milliseconds. sshd gives a sign-in two minutes (LoginGraceTime): who is asked is told before it hangs up. */
export const answerWithinMs = 110_000;

/** Characters and prompts that are shown. More is no question for a person. */
const longest = { title: 200, instructions: 2000, prompt: 500 };
const mostPrompts = 20;

/** Which machine asks, and on the way to which host. */
export interface Asker {
  hostId: string | null;
  host: string;
  hop: string;
}

export interface QuestionDesk {
  /** Those that are open, the oldest first. */
  open(): HostQuestion[];
  /**
   * Puts a question, and waits for its answers.
   * @throws the signal's reason: the server does not wait any more
   */
  ask(asker: Asker, question: SshQuestion, signal: AbortSignal): Promise<readonly Secret[] | SshUnanswered>;
  /** @param answers one for each prompt; null: nobody wants to. @throws store.not-found, contract.invalid-input */
  answer(questionId: string, answers: readonly Secret[] | null): void;
}

interface Entry {
  question: HostQuestion;
  settle(answers: readonly Secret[] | SshUnanswered): void;
}

export function createQuestionDesk({ clock, random, notifier, changes, scrubber, withinMs = answerWithinMs }: { clock: Clock; random: Pick<Random, 'id'>; notifier: Notifier; changes: Pick<ChangeBus, 'changed'>; scrubber: Scrubber; withinMs?: number }): QuestionDesk {
  const entries = new Map<string, Entry>();
  return {
    open: () => [...entries.values()].map(({ question }) => question),
    ask(asker, { title, instructions, prompts }, signal) {
      if (prompts.length > mostPrompts) return Promise.resolve('declined');
      const id = random.id();
      const askedAt = clock.now();
      // A server may repeat what it was told.
      const shown = scrubber.scrub({ title: serverText(title, longest.title).trim(), instructions: serverText(instructions, longest.instructions).trim(), prompts: prompts.map((prompt) => ({ text: serverText(prompt.text, longest.prompt).trim(), shown: prompt.shown })) });
      const question: HostQuestion = { id, ...asker, ...shown, askedAt: new Date(askedAt).toISOString(), expiresAt: new Date(askedAt + withinMs).toISOString() };
      return new Promise((resolve, reject) => {
        const close = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', withdraw);
          entries.delete(id);
          changes.changed('questions');
        };
        const settle: Entry['settle'] = (answers) => {
          close();
          resolve(answers);
        };
        const withdraw = (): void => {
          close();
          reject(signal.reason as Error);
        };
        if (signal.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const timer = setTimeout(() => settle('expired'), withinMs);
        signal.addEventListener('abort', withdraw, { once: true });
        entries.set(id, { question, settle });
        changes.changed('questions');
        // It is asked wherever one is in the console.
        notifier.notify({ title: `${question.host} asks before it lets you in`, body: [question.prompts.map(({ text }) => text).join(' · ') || question.instructions, 'It does not wait longer than two minutes.'].join(' ').trim(), place: '/' });
      });
    },
    answer(questionId, answers) {
      const entry = entries.get(questionId);
      if (entry === undefined) throw new PilothouseError('store.not-found', 'This question is not open any more: it was answered, or the server did not wait.', { hint: 'Connect again, and the server asks anew.' });
      if (answers === null) {
        entry.settle('declined');
        return;
      }
      const { prompts } = entry.question;
      if (answers.length !== prompts.length) throw new PilothouseError('contract.invalid-input', `${answers.length} answers were given to ${prompts.length} prompts.`, { hint: 'Give one for each prompt, an empty one where there is nothing to say.' });
      // What may be seen as it is typed ("1", "push") is no secret, and redacting it would redact half of every log.
      answers.forEach((answer, index) => prompts[index]?.shown === false && scrubber.register(answer));
      entry.settle(answers);
    },
  };
}
