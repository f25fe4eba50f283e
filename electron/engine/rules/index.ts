/** The rule book: what is wrong with commands, statements, configurations and documents wherever they come from. */
import { book, shownRules } from './book.ts';
import type { BookRule } from './define.ts';
import { lookAt } from './looked.ts';
import type { Asked, Finding, Language, Rule, TextKind } from './types.ts';

export { createRuleRoom } from './rule-room.ts';
export { lostStatus } from './script-rules.ts';
export { endlessIn } from './endless.ts';
export { asName, placeholderMessage, placeholdersIn } from './placeholders.ts';
export { unknownIn } from './readers.ts';
export { detectRisk, type Detected } from './risk.ts';
export type { Asked, Edit, Finding, Language, Rule, TextKind } from './types.ts';

/** Every rule, in the order of the book. */
export const rules = (): readonly Rule[] => shownRules;

/**
 * What is wrong with a text, in the order in which it stands there. Takes time in proportion to the text.
 * @param text of a fence without its fence, of an item, or of a whole document
 */
export function findWrongs(text: string, { language, postgresMajor, kind = 'block' }: Asked): Finding[] {
  const looked = lookAt(text, language, kind, postgresMajor ?? null);
  return rulesFor(looked.language, kind)
    .filter((rule) => holds(rule.majors, looked.major))
    .flatMap((rule) => [...rule.look(looked)].map(({ from, to, message, fix, edit }): Finding => ({ rule: rule.id, from, to, message, fix: fix ?? null, edit: edit === undefined ? null : { title: edit.title, text: edit.text, from: edit.from ?? from, to: edit.to ?? to } })))
    .toSorted((one, other) => one.from - other.from || one.to - other.to);
}

const picked = new Map<string, readonly BookRule[]>();

function rulesFor(language: Language, kind: TextKind): readonly BookRule[] {
  const key = `${language} ${kind}`;
  const known = picked.get(key) ?? book.filter((rule) => rule.languages.includes(language) && rule.kinds.includes(kind));
  picked.set(key, known);
  return known;
}

/** A server that nobody named may be any. */
const holds = (majors: { from?: number; to?: number } | null, major: number | null): boolean => majors === null || major === null || (major >= (majors.from ?? 0) && major <= (majors.to ?? Infinity));
