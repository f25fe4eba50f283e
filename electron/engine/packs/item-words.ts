/** Whether the fields of an item can be, and why not, in words for people. */
import { itemSchemas, type ItemKind } from '#shared/contract/items.ts';
import { itemFaults } from '#shared/domain/pack/item-faults.ts';
import { fieldWords } from '#shared/domain/pack/field-words.ts';
import { issueWords } from './issue-words.ts';

export interface WhyNot {
  /** The first of them, as a sentence. */
  message: string;
  faults: { /** Its path in the item: "clocks.respond". */ field: string; message: string }[];
}

const words = (path: readonly PropertyKey[]): string => fieldWords(path.map(String).join('.'));
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Null: nothing is wrong. */
export function whyNotItem(kind: ItemKind, fields: Readonly<Record<string, unknown>>): WhyNot | null {
  const parsed = itemSchemas[kind].safeParse(fields);
  const faults = parsed.success
    ? itemFaults(kind, parsed.data).map(({ path, says }) => ({ field: path.join('.'), message: sentence(`this ${kind} ${says}`) }))
    : parsed.error.issues.map((issue) => ({ field: issue.path.map(String).join('.'), message: sentence(issue.path.length === 0 ? `this ${kind} ${issueWords(issue, fields)}` : `${words(issue.path)} ${issueWords(issue, fields)}`) }));
  const [first] = faults;
  return first === undefined ? null : { message: first.message, faults };
}
