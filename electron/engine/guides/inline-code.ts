/** Commands and statements that stand in the words of a guide, between backticks. */
import { detectRisk } from '../rules/index.ts';
import type { CodeBlock } from './blocks.ts';
import { looksLikeShell } from './draft/shell.ts';
import { looksLikeSql } from './draft/sql.ts';

export interface InlineCode {
  code: string;
  language: 'sh' | 'sql';
  /** Where it begins on its line, from 1. */
  column: number;
}

/** Characters of a line that are looked at: no sentence is longer. */
const longestLine = 5000;

/** A name by itself is spoken of, not typed. */
function languageOf(code: string): InlineCode['language'] | null {
  if (looksLikeSql(code) || /^\s*(?:SELECT\s+)?(?:pg_catalog\.)?pg_\w+\s*\(/i.test(code)) return 'sql';
  return /\S\s+\S/.test(code) && (looksLikeShell(code) || detectRisk('sh', code).risk === 'destructive') ? 'sh' : null;
}

/** @param text of the guide @param blocks of code in it, whose lines are not sentences @returns what is a command, by its line from 1 */
export function inlineCode(text: string, blocks: readonly CodeBlock[]): Map<number, InlineCode[]> {
  const found = new Map<number, InlineCode[]>();
  if (!text.includes('`')) return found;
  const inBlocks = new Set(blocks.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)));
  for (const [index, line] of text.split('\n').entries()) {
    if (inBlocks.has(index + 1) || !line.includes('`')) continue;
    const here = [...line.slice(0, longestLine).matchAll(/(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)/g)].flatMap(({ 1: mark = '', 2: code = '', index: at }): InlineCode[] => {
      const language = languageOf(code);
      return language === null ? [] : [{ code, language, column: at + mark.length + 1 }];
    });
    if (here.length > 0) found.set(index + 1, here);
  }
  return found;
}
