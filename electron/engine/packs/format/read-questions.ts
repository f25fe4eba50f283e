/** What a pack asks, and whether each answer has a place to go to. */
import type { AnswerPlace, PackQuestion } from '#shared/domain/pack/definition.ts';
import { packItemKinds, questionKinds } from '#shared/domain/pack/definition.ts';
import { answerFault, answerValue } from '#shared/domain/pack/answers.ts';
import { didYouMean, nearest, type Fields } from '../../runbooks/format/index.ts';
import { fieldOf } from './plain.ts';
import type { ReadFile } from './read-file.ts';

export interface Ground {
  /** "endpoint/site". */
  items: ReadonlySet<string>;
  /** Of all its runbooks. */
  params: ReadonlySet<string>;
}

function placeOfAnswer({ faults }: ReadFile, sets: Fields, { items, params }: Ground): AnswerPlace | null {
  const refuse = (field: string, rule: string, message: string): null => {
    faults.add(sets.spanOf(field), { rule, message });
    return null;
  };
  const param = sets.text('param');
  if (param !== null) return params.has(param) ? { to: 'param', param } : refuse('param', 'undeclared-param', `No runbook of this pack has a parameter "${param}".${didYouMean(nearest(param, params))}`);
  const item = sets.text('item');
  if (item === null) return null;
  const [kindName = '', key = ''] = item.split('/');
  const kind = packItemKinds.find((each) => each === kindName);
  if (kind === undefined) return refuse('item', 'unknown-kind', `"${kindName}" is no kind of item. Kinds: ${packItemKinds.join(', ')}.${didYouMean(nearest(kindName, packItemKinds))}`);
  if (!items.has(item)) return refuse('item', 'unknown-item', `There is no ${kind} "${key}" in this pack.${didYouMean(nearest(item, items))}`);
  const field = sets.text('field');
  if (field === null) return refuse('item', 'missing', 'It is not said which field of the item is set: write field: url.');
  const found = fieldOf(kind, field);
  if ('unknown' in found) return refuse('field', 'unknown-field', `"${found.unknown}" is no field of a ${kind}. Fields: ${found.among.join(', ')}.${didYouMean(nearest(found.unknown, found.among))}`);
  if ('not' in found) return refuse('field', 'field-of-several', `"${field}" of a ${kind} is more than one value, and cannot be answered. Name a field within it.`);
  return { to: 'item', kind, key, ...found };
}

export function questionsOf(read: ReadFile, ground: Ground): PackQuestion[] {
  const { faults, root } = read;
  return (root?.named('questions') ?? []).flatMap(([key, fields, entry]) => {
    const kind = questionKinds.find((each) => each === fields.text('kind'));
    const ask = fields.text('ask');
    if (kind === undefined || ask === null) return [];
    const choices = fields.groups('choices').flatMap((choice) => {
      const value = choice.text('value');
      return value === null ? [] : [{ value, label: choice.text('label') ?? value, source: choice.text('source'), span: choice.spanOf('value') }];
    });
    if (kind === 'choice' && choices.length < 2) faults.add(entry.key, { rule: 'choices', message: `Question "${key}" has fewer than two choices. Write choices: with a value each, or another kind.` });
    if (kind !== 'choice' && choices.length > 0) faults.add(fields.keyOf('choices'), { rule: 'choices', message: `Question "${key}" is of kind ${kind}, which has no choices. Write kind: choice, or take them out.` });
    const twice = choices.find(({ value }, index) => choices.findIndex((other) => other.value === value) !== index);
    if (twice !== undefined) faults.add(twice.span, { rule: 'choices', message: `"${twice.value}" is a choice of "${key}" already.` });
    const sets = fields.groups('sets').flatMap((each) => placeOfAnswer(read, each, ground) ?? []);
    if (fields.has('sets') && fields.items('sets').length === 0) faults.add(fields.spanOf('sets'), { rule: 'sets', message: `The answer to "${key}" goes nowhere. Say which item or parameter it sets, or take the question out.` });
    const question: PackQuestion = { key, ask, kind, choices: choices.map(({ value, label, source }) => ({ value, label, source })), default: fields.text('default'), optional: fields.flag('optional'), sets };
    const proposed = question.default === null ? [] : [{ value: question.default, span: fields.spanOf('default'), what: 'default' }];
    for (const { value, span, what } of [...proposed, ...choices.map((choice) => ({ ...choice, what: 'choice' }))]) {
      const fault = answerFault(question, value) ?? sets.flatMap((place) => (place.to === 'item' ? (answerValue(place, value).fault ?? []) : []))[0];
      if (fault !== undefined) faults.add(span, { rule: 'answer', message: `The ${what} "${value.slice(0, 80)}" of question "${key}" ${fault}.` });
    }
    return [question];
  });
}
