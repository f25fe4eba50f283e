/** What the search marked in the text of a find: matches stand between U+0002 and U+0003. */
import { plainText } from '../../components/format.ts';

export interface Part {
  text: string;
  match: boolean;
}

/** Characters kept before the first match, so that it stands in sight. */
const lead = 40;
/** A repetition shorter than this is chance. */
const shortestRepetition = 24;

function partsOf(text: string): Part[] {
  return text.split('\u0002').flatMap((piece, index): Part[] => {
    if (index === 0) return [{ text: plainText(piece), match: false }];
    const [match = '', rest = ''] = piece.split('\u0003', 2);
    return [{ text: plainText(match), match: true }, { text: plainText(rest), match: false }];
  }).filter((part) => part.text !== '');
}

/** The parts without the characters from `from` up to `to`. */
function without(parts: readonly Part[], { from, to }: { from: number; to: number }): Part[] {
  let at = 0;
  return parts.flatMap((part) => {
    const begin = at;
    at += part.text.length;
    const text = part.text.slice(0, Math.max(0, from - begin)) + part.text.slice(Math.max(0, to - begin));
    return text === '' ? [] : [{ ...part, text }];
  });
}

/** Where a text says again what it began with: a line names its statement, and the statement follows. */
function repetition(text: string): { from: number; to: number } | null {
  const flat = text.replace(/\s/g, ' ').replace(/ …$/, '').trimEnd();
  const from = flat.startsWith('… ') ? 2 : 0;
  const start = flat.slice(from, from + shortestRepetition);
  if (start.length < shortestRepetition) return null;
  const again = flat.indexOf(start, from + shortestRepetition);
  if (again < 0) return null;
  const rest = flat.slice(again, again + again - from).trimEnd();
  return flat.startsWith(rest, from) ? { from: again, to: again + rest.length } : null;
}

/** A snippet to be read: nothing in it twice, its first match near its beginning. */
export function snippetParts(text: string): Part[] {
  const all = partsOf(text);
  const repeated = repetition(all.map((part) => part.text).join(''));
  const parts = repeated === null ? all : without(all, repeated);
  const [before, ...rest] = parts;
  if (before === undefined || before.match || before.text.length <= lead + 20 || rest.length === 0) return parts;
  return [{ ...before, text: `… ${before.text.slice(-lead).trimStart()}` }, ...rest];
}

/** The matches themselves, each once, in lower case. */
export function markedWords(text: string): string[] {
  return [...new Set(partsOf(text).filter((part) => part.match && part.text.trim() !== '').map((part) => part.text.toLowerCase()))];
}
