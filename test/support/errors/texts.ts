/** A guide as the rule book sees it: itself, and each of its fences; and what the packs say. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findWrongs, type Finding } from '#engine/rules/index.ts';
import { projectRoot } from '../../../scripts/house/layers.ts';

export interface LineFinding extends Finding {
  /** Counted from 1. */
  line: number;
}

/** What the book finds in a text in Markdown, with the lines of the document. */
export function findingsIn(markdown: string): LineFinding[] {
  const lineAt = (offset: number): number => markdown.slice(0, offset).split('\n').length;
  const placed = (found: readonly Finding[], base: number): LineFinding[] => found.map((finding) => ({ ...finding, line: lineAt(base + finding.from) }));
  const fences = [...markdown.matchAll(/^[ \t]*```(\S*)[^\n]*\n([\s\S]*?)^[ \t]*```[ \t]*$/gm)].flatMap((fence) => placed(findWrongs(fence[2] ?? '', { language: fence[1] ?? '', kind: 'block' }), fence.index + fence[0].indexOf('\n') + 1));
  return [...placed(findWrongs(markdown, { language: 'markdown', kind: 'document' }), 0), ...fences];
}

const packs = join(projectRoot, 'resources', 'packs');

/** All files of the packs, without comments, by their path below the packs. */
export const packTexts = (): { file: string; text: string }[] =>
  readdirSync(packs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ file: relative(packs, path), text: readFileSync(path, 'utf8') }))
    .map(({ file, text }) => ({ file, text: /\.ya?ml$/.test(file) ? text.replaceAll(/(^|[ \t])#[^\n]*/g, '$1') : text }));

/** Rows of errors.md, as `section-number`, with the cell that names the place. */
export function rowsOf(errors: string): { id: string; where: string }[] {
  const names: Readonly<Record<string, string>> = { 'Worst ten': 'worst', PostgreSQL: 'postgres', 'Shell, services, system': 'shell', 'Monitoring and documents': 'documents' };
  const counts = new Map<string, number>();
  let section = '';
  return errors.split('\n').flatMap((line) => {
    const heading = /^\*\*([^*]+)\*\*/.exec(line)?.[1];
    if (heading !== undefined) section = names[heading] ?? heading;
    if (!line.startsWith('|') || /^\|[-| ]+\|$/.test(line) || /^\| (?:#|Where) /.test(line)) return [];
    const cells = line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim());
    counts.set(section, (counts.get(section) ?? 0) + 1);
    return [{ id: `${section}-${counts.get(section)}`, where: (section === 'worst' ? cells[1] : cells[0]) ?? '' }];
  });
}
