/** What a block of code is for: commands and statements are steps, a template is one, the rest is to look up. */
import type { CodeBlock } from '../blocks.ts';
import { chunksOf } from './chunks.ts';
import { looksLikeShell, shellSteps } from './shell.ts';
import { looksLikeSql, sqlSteps } from './sql.ts';
import { step, type DraftStep } from './step.ts';

const shells = new Set(['bash', 'sh', 'shell', 'zsh', 'ksh', 'console', 'shell-session', 'shellsession', 'terminal', 'cmd', 'bat', 'powershell', 'ps1', 'pwsh']);
const consoles = new Set(['console', 'shell-session', 'shellsession', 'terminal']);
const databases = new Set(['sql', 'psql', 'pgsql', 'postgresql', 'postgres', 'plpgsql']);
const scripts = new Set(['javascript', 'js', 'typescript', 'ts', 'node', 'json', 'python', 'java']);
const foreign = new Set(['cmd', 'bat', 'powershell', 'ps1', 'pwsh']);

export type CodeUse = 'shell' | 'sql' | 'template' | 'reference';

export function useOf({ language, code }: Pick<CodeBlock, 'language' | 'code'>): CodeUse {
  if (foreign.has(language)) return 'reference';
  if (shells.has(language)) return code.trim() === '' ? 'reference' : 'shell';
  if (databases.has(language)) return code.trim() === '' ? 'reference' : 'sql';
  if (language === 'markdown' || language === 'md') return 'template';
  if (language === 'http') return 'reference';
  if (language === '' || language === 'text' || language === 'txt' || language === 'plaintext') {
    if (looksLikeSql(code)) return 'sql';
    if (looksLikeShell(code)) return 'shell';
    return 'reference';
  }
  // Commands that somebody put into a block of another language.
  if (scripts.has(language) && chunksOf(code, '//').some((chunk) => isCommands(chunk.code))) return 'shell';
  return 'reference';
}

const isCommands = (code: string): boolean => code !== '' && code.split('\n').every((line) => /^\s*(?:npm|npx|yarn|pnpm|node|curl|docker|kubectl|git|pm2)\s+[\w./@:-]+(?:\s+[\w./@:=-]+)*\s*$/.test(line));

/** The steps of a block of commands or statements. @param fallback a title where it says none */
export function stepsOfCode(block: CodeBlock, fallback: string, why: readonly string[]): DraftStep[] {
  const use = useOf(block);
  if (use === 'sql') {
    const steps: DraftStep[] = [];
    let waiting = [...why];
    const chunks = chunksOf(block.code, '--', false).reduce<ReturnType<typeof chunksOf>>((all, chunk) => {
      // A comment within a statement does not part it.
      const before = all.at(-1);
      if (before !== undefined && before.code !== '' && !/;\s*(?:--.*)?$/.test(before.code) && chunk.code !== '') before.code += `\n${chunk.comments.map((each) => `-- ${each}\n`).join('')}${chunk.code}`;
      else all.push(chunk);
      return all;
    }, []);
    const only = chunks.filter(({ code }) => code !== '').length === 1;
    for (const chunk of chunks) {
      if (chunk.code === '') waiting.push(...chunk.comments);
      else {
        steps.push(...sqlSteps(chunk, block.codeFrom + chunk.at, only ? fallback : '', waiting));
        waiting = [];
      }
    }
    if (steps.length === 0) return [step(block.from, fallback === '' ? 'Read' : fallback, { kind: 'note', text: [...waiting, block.code].join('\n') })];
    steps.at(-1)?.why.push(...waiting);
    return steps;
  }
  if (use === 'shell' && scripts.has(block.language)) {
    return chunksOf(block.code, '//').flatMap((chunk, index) => {
      const line = block.codeFrom + chunk.at;
      const before = index === 0 ? why : [];
      if (isCommands(chunk.code)) return shellSteps(chunk.code, line, { fallback: chunk.comments.at(-1) ?? '', why: [...before, ...chunk.comments.slice(0, -1)], isConsole: false });
      return [step(line, chunk.comments.at(-1) ?? fallback, { kind: 'note', text: chunk.code === '' ? chunk.comments.join('\n') : chunk.code }, before)];
    });
  }
  if (use === 'shell') return shellSteps(block.code, block.codeFrom, { fallback, why, isConsole: consoles.has(block.language) });
  return [step(block.from, fallback === '' ? 'For reference' : fallback, { kind: 'note', text: block.code.trim() === '' ? `An empty block of code (${block.language}).` : block.code }, why)];
}
