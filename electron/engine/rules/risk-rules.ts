/** What destroys or changes something, by what the linter of runbooks takes it for. */
import { detectRisk, type Detected } from './risk.ts';
import { define } from './define.ts';
import type { Looked } from './looked.ts';
import { asName, placeholdersIn } from './placeholders.ts';
import type { Hit } from './types.ts';

/** Pieces of a text that do one thing each. */
function* pieces({ text, commands, statements, language }: Looked): Generator<{ kind: 'sh' | 'sql'; from: number; to: number }> {
  const nexts = [...commands].toSorted((one, other) => one.from - other.from);
  for (const [at, { from, to }] of nexts.entries()) {
    // Where the output goes stands behind the words of a command, on its line.
    const newLine = text.indexOf('\n', to);
    const next = nexts.slice(at + 1, at + 50).find((other) => other.from >= to)?.from ?? text.length;
    yield { kind: 'sh', from, to: Math.max(to, Math.min(newLine === -1 ? text.length : newLine, next)) };
  }
  for (const { from, to, command } of statements) if (command === null || language === 'sql' || from > command.to) yield { kind: 'sql', from, to };
}

/** `<DATE>` stands for a value: its signs are not where a shell reads from or writes to. */
function withNames(text: string): string {
  if (!text.includes('<')) return text;
  const found = placeholdersIn(text).filter((each) => each.text.startsWith('<') && text[each.from - 1] !== '<').toSorted((one, other) => other.from - one.from);
  return found.reduce((all, each) => `${all.slice(0, each.from)}${asName(each.text)}${all.slice(each.to)}`, text);
}

/** Both rules ask, and it is found once. */
const known = new WeakMap<Looked, readonly (Detected & { from: number; to: number })[]>();

function detected(looked: Looked): readonly (Detected & { from: number; to: number })[] {
  const found = known.get(looked) ?? [...pieces(looked)].map(({ kind, from, to }) => ({ ...detectRisk(kind, withNames(looked.text.slice(from, to))), from, to }));
  known.set(looked, found);
  return found;
}

function hitsOf(looked: Looked, wanted: 'destructive' | 'change'): Hit[] {
  const hits = detected(looked).flatMap(({ risk, because, from, to }): Hit[] => {
    if (risk !== wanted) return [];
    const what = because.slice(0, 3).map((each) => `"${each}"`).join(', ');
    const trimmed = from + looked.text.slice(from, to).trimEnd().length;
    return [{ from, to: trimmed, message: wanted === 'destructive' ? `${what} cannot be taken back. Look at what it would remove or end before it runs, and make sure of a way back.` : `${what} changes something on the system.` }];
  });
  // What stands within another one is said once, by the inner one.
  const ordered = hits.toSorted((one, other) => one.from - other.from || other.to - one.to);
  return ordered.filter((hit, at) => {
    const next = ordered[at + 1];
    return next === undefined || next.from >= hit.to;
  });
}

export const riskRules = [
  define({
    id: 'destructive',
    title: 'Something is destroyed',
    explanation: 'Data, processes or settings are gone afterwards. Such a step waits for a person, who sees exactly what it takes.',
    class: 'destructive',
    kinds: ['block'],
    languages: ['sh', 'sql', 'yaml'],
    look: (looked) => hitsOf(looked, 'destructive'),
  }),
  define({
    id: 'changing',
    title: 'Something is changed',
    explanation: 'It does not only look. Such a step says its risk, and something after it proves that it worked.',
    class: 'changing',
    kinds: ['block'],
    languages: ['sh', 'sql', 'yaml'],
    look: (looked) => hitsOf(looked, 'change'),
  }),
];
