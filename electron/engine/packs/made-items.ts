/** What a pack makes of a system with what was answered: its items, those that wait for an answer, and those that are left out. */
import { itemSchemas, type ItemKind, type ItemOf } from '#shared/contract/items.ts';
import { answeredItems, type AnsweredItem, type Answers } from '#shared/domain/pack/answers.ts';
import type { Pack } from '#shared/domain/pack/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { whyNotItem } from './item-words.ts';

export interface MadeItem {
  kind: ItemKind;
  key: string;
  value: ItemOf<ItemKind>;
  /** In which order the pack names them. */
  place: number;
}

export interface Made {
  items: MadeItem[];
  /** Those that wait, with the questions that they wait for. */
  waiting: AnsweredItem[];
  /** What depends on a question that was left unanswered, as it may be. */
  leftOut: { kind: ItemKind; key: string }[];
}

/** @throws contract.invalid-input where an answer makes an item that cannot be */
export function madeItems({ items, questions, title }: Pack, answers: Answers): Made {
  const made: Made = { items: [], waiting: [], leftOut: [] };
  for (const [place, item] of answeredItems(items, questions, answers).entries()) {
    if (item.waitsFor.length > 0) {
      made.waiting.push(item);
      continue;
    }
    const { kind, key, fields, unanswered } = item;
    const why = whyNotItem(kind, fields);
    if (why === null) made.items.push({ kind, key, value: itemSchemas[kind].parse(fields), place });
    else if (unanswered.length > 0) made.leftOut.push({ kind, key });
    else throw new PilothouseError('contract.invalid-input', `With these answers ${title} would have a ${kind} that cannot be: ${why.message}`, { hint: 'Answer anew what it goes by.', details: { kind, key, faults: why.faults } });
  }
  return made;
}

export const titleOfItem = ({ fields, key }: Pick<AnsweredItem, 'fields' | 'key'>): string => (typeof fields['title'] === 'string' ? fields['title'] : key);
