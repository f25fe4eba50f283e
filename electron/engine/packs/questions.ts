/** Questions of a pack as they are asked, and answers as they are taken. */
import type { z } from 'zod';
import type { packOpen, packQuestion } from '#shared/contract/packs.ts';
import { answerFault, answerValue, type Answers } from '#shared/domain/pack/answers.ts';
import type { Pack, PackQuestion } from '#shared/domain/pack/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { titleOfItem } from './made-items.ts';

export type QuestionForm = z.infer<typeof packQuestion>;
type Open = z.infer<typeof packOpen>;

/** What goes by an answer, each item once. */
function itemsOfQuestion({ items }: Pack, { sets }: PackQuestion): QuestionForm['items'] {
  return items.flatMap((item) => (sets.some((place) => place.to === 'item' && place.kind === item.kind && place.key === item.key) ? [{ kind: item.kind, key: item.key, title: titleOfItem(item) }] : []));
}

/** @param zone of this computer, which is the likeliest for whoever looks after a system */
export function questionForms(pack: Pack, answers: Answers, zone: string): QuestionForm[] {
  return pack.questions.map((question): QuestionForm => {
    const { key, ask, kind, choices, optional } = question;
    const answered = answers[key];
    const detected = kind === 'timezone' && question.default === null ? zone : null;
    const [proposed, from] = answered !== undefined ? ([answered, 'answered'] as const) : question.default !== null ? ([question.default, 'pack'] as const) : detected !== null ? ([detected, 'detected'] as const) : ([null, null] as const);
    return { key, ask, kind, choices: choices.map((choice) => ({ ...choice })), optional, proposed, from, items: itemsOfQuestion(pack, question), params: question.sets.flatMap((place) => (place.to === 'param' ? [place.param] : [])) };
  });
}

/**
 * What was said put over what was answered before; null, or nothing but spaces, takes one back.
 * @throws contract.invalid-input with each answer that does not fit among its details
 */
export function answeredWith({ questions, title }: Pack, before: Answers, said: Readonly<Record<string, string | null>>): Record<string, string> {
  const made: Record<string, string> = { ...before };
  const faults: { question: string; message: string }[] = [];
  for (const [key, answer] of Object.entries(said)) {
    const question = questions.find((each) => each.key === key);
    if (question === undefined) {
      faults.push({ question: key, message: `${title} asks nothing that is called ${key}.` });
      continue;
    }
    if (answer === null || answer.trim() === '') {
      delete made[key];
      continue;
    }
    const fault = answerFault(question, answer) ?? question.sets.flatMap((place) => (place.to === 'item' ? (answerValue(place, answer).fault ?? []) : []))[0];
    if (fault === undefined) made[key] = answer;
    else faults.push({ question: key, message: `The answer "${answer.slice(0, 80)}" to "${question.ask}" ${fault}.` });
  }
  const [first] = faults;
  if (first === undefined) return made;
  const isAsked = questions.some(({ key }) => key === first.question);
  const hint = isAsked ? 'Put the answer right, or leave it open.' : questions.length === 0 ? 'Leave it out.' : `Its questions: ${questions.map(({ key }) => key).join(', ')}.`;
  throw new PilothouseError('contract.invalid-input', first.message, { hint, details: { faults } });
}

/** What is still to be said. @param bound the roles that were given to something */
export function openOf(pack: Pack, answers: Answers, bound: ReadonlySet<string>): Open {
  const roles = [...pack.hosts.map((role) => ({ ...role, kind: 'host' as const })), ...pack.databases.map((role) => ({ ...role, kind: 'database' as const }))];
  return {
    questions: pack.questions.flatMap((question) => (question.optional || answers[question.key] !== undefined ? [] : [{ key: question.key, ask: question.ask, items: itemsOfQuestion(pack, question) }])),
    roles: roles.flatMap(({ name, kind, title, needed }) => (needed && !bound.has(name) ? [{ name, kind, title }] : [])),
  };
}
