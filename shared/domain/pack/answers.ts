/** Answers to the questions of a pack: held to their kind, and put into the items that they set. Pure. */
import { readValue, duration } from '../runbook/params.ts';
import type { AnswerPlace, AnswerType, PackItem, PackQuestion, QuestionKind } from './definition.ts';
import { isTimeZone } from './time-zone.ts';

/** By the key of the question. */
export type Answers = Readonly<Record<string, string>>;

const paramTypes: Readonly<Partial<Record<QuestionKind, Parameters<typeof readValue>[0]>>> = { url: 'url', email: 'email', duration: 'duration', list: 'list', path: 'path' };

/** What is wrong with an answer, to follow on what it is called, without a full stop; undefined where nothing is. */
export function answerFault({ kind, choices }: Pick<PackQuestion, 'kind' | 'choices'>, answer: string): string | undefined {
  if (answer.trim() === '') return 'is empty';
  if (answer.length > 2000) return 'is longer than 2000 characters';
  switch (kind) {
    case 'choice':
      return choices.some(({ value }) => value === answer) ? undefined : `is none of the choices: ${choices.map(({ value }) => value).join(', ')}`;
    case 'timezone':
      return isTimeZone(answer) ? undefined : 'is no time zone such as "Europe/Berlin" or "UTC"';
    case 'phone':
      if (/\p{L}/u.test(answer)) return 'has letters in it: a telephone number is written in digits, as it is dialled';
      return /^\+?[0-9][0-9 ().-]{2,28}[0-9]$/.test(answer) ? undefined : 'is no telephone number as it is dialled, as in "+1 555 0100"';
    case 'number':
      return Number.isFinite(Number(answer)) ? undefined : 'is no number';
    case 'text':
      return undefined;
    default: {
      const type = paramTypes[kind];
      const read = type === undefined ? null : readValue(type, answer, '');
      return read !== null && 'fault' in read ? `is not good:${read.fault.replace(/\.$/, '')}` : undefined;
    }
  }
}

const listOf = (answer: string): string[] => answer.split(/[,\n]/).map((each) => each.trim()).filter((each) => each !== '');

const readers: Readonly<Record<AnswerType, (answer: string) => { value: unknown } | { fault: string }>> = {
  text: (answer) => ({ value: answer.trim() }),
  number: (answer) => (Number.isFinite(Number(answer)) ? { value: Number(answer) } : { fault: 'is no number, which is what it sets' }),
  numbers: (answer) => (listOf(answer).every((each) => Number.isFinite(Number(each))) ? { value: listOf(answer).map(Number) } : { fault: 'is no list of numbers, which is what it sets' }),
  flag: (answer) => (answer === 'true' || answer === 'false' ? { value: answer === 'true' } : { fault: 'is neither true nor false, which is what it sets' }),
  list: (answer) => ({ value: listOf(answer) }),
  duration: (answer) => {
    const ms = duration(answer.trim());
    return ms === null ? { fault: 'is no duration such as "30m" or "2h", which is what it sets' } : { value: ms };
  },
};

/** What an answer is for the field that it sets. `fault` goes on after what the answer is called. */
export function answerValue({ path, type }: Extract<AnswerPlace, { to: 'item' }>, answer: string): { value?: unknown; fault?: string } {
  if (path.at(-1) === 'tz' && !isTimeZone(answer.trim())) return { fault: 'is no time zone such as "Europe/Berlin" or "UTC", which is what it sets' };
  return readers[type](answer);
}

function withValue(fields: Readonly<Record<string, unknown>>, [name, ...rest]: readonly string[], value: unknown): Record<string, unknown> {
  if (name === undefined) return { ...fields };
  const within = fields[name];
  return { ...fields, [name]: rest.length === 0 ? value : withValue(typeof within === 'object' && within !== null ? (within as Record<string, unknown>) : {}, rest, value) };
}

export interface AnsweredItem extends PackItem {
  /** Questions that have to be answered before it can be adopted. */
  waitsFor: string[];
  /** Questions that were left unanswered though something of it goes by them. */
  unanswered: string[];
}

/** The items of a pack with what was answered put in. Answers that fit nothing are left out: who takes them has asked `answerFault` before. */
export function answeredItems(items: readonly PackItem[], questions: readonly PackQuestion[], answers: Answers): AnsweredItem[] {
  return items.map((item) => {
    let { fields } = item;
    const waitsFor: string[] = [];
    const unanswered: string[] = [];
    for (const question of questions) {
      const places = question.sets.flatMap((place) => (place.to === 'item' && place.kind === item.kind && place.key === item.key ? [place] : []));
      if (places.length === 0) continue;
      const answer = answers[question.key];
      if (answer === undefined) {
        unanswered.push(question.key);
        if (!question.optional) waitsFor.push(question.key);
        continue;
      }
      for (const place of places) {
        const { value } = answerValue(place, answer);
        if (value !== undefined) fields = withValue(fields, place.path, value);
      }
    }
    return { ...item, fields, waitsFor, unanswered };
  });
}

/** What the answers propose for parameters of the pack's runbooks, by name. */
export function answeredParams(questions: readonly PackQuestion[], answers: Answers): Map<string, string> {
  return new Map(
    questions.flatMap(({ key, sets }) => {
      const answer = answers[key];
      return answer === undefined ? [] : sets.flatMap((place) => (place.to === 'param' ? [[place.param, answer] as const] : []));
    }),
  );
}
