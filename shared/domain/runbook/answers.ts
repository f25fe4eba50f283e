/** Whether what a person typed fits what was asked. Pure. */
import { PilothouseError } from '../errors.ts';
import type { Step, Value } from './definition.ts';
import type { Walkthrough } from './walkthrough.ts';

/** An answer that does not fit, with what would. */
export function misfit(title: string, message: string): PilothouseError {
  return new PilothouseError('runbook.value-invalid', `"${title}": ${message}`, { hint: 'Nothing was kept of it. Change the answer and give it again.' });
}

/**
 * What is kept of an answer: `true` for a box that was ticked, the trimmed text, the number, the choice, or for a photo
 * the name of the picture that is attached.
 * @throws runbook.value-invalid
 */
export function readAnswer(step: Step, title: string, key: string, value: Value | null, state: Walkthrough): Value {
  switch (step.confirm) {
    case 'text': {
      const text = typeof value === 'string' ? value.trim() : '';
      if (text === '') throw misfit(title, 'It asks for a text.');
      return text;
    }
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw misfit(title, 'It asks for a number.');
      return value;
    case 'choice':
      if (typeof value !== 'string' || !step.choices.includes(value)) throw misfit(title, `It asks for one of these: ${step.choices.join(', ')}.`);
      return value;
    case 'photo': {
      const picture = state.evidence.findLast((piece) => piece.key === key && piece.media.startsWith('image/'));
      if (picture === undefined) throw misfit(title, 'It asks for a picture: attach one to this step first.');
      return picture.name;
    }
    case 'checkbox':
    case null:
      if (value !== null && value !== true) throw misfit(title, 'It asks only whether it was done.');
      return true;
  }
}

/** @param at the instant of now @throws runbook.value-invalid for a time that is none, or that is yet to come */
export function readDoneAt(title: string, doneAt: string | null, at: string): string | null {
  if (doneAt === null) return null;
  const typed = Date.parse(doneAt);
  if (Number.isNaN(typed)) throw misfit(title, `"${doneAt}" is no time.`);
  if (typed > Date.parse(at)) throw misfit(title, 'The time at which it was done is yet to come.');
  return new Date(typed).toISOString();
}

/** @throws runbook.value-invalid for a sequence that nobody can have seen yet */
export function readSeenSeq(title: string, seenSeq: number, state: Walkthrough): number {
  if (seenSeq > state.seq) throw misfit(title, `There is no event ${seenSeq} that could have been seen: the last is ${state.seq}.`);
  return seenSeq;
}
