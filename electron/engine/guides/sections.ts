/** A guide by its headings: each section with what stands in it, and those below it. */
import { titleOf } from '#shared/domain/guide/plain.ts';
import type { Block } from './blocks.ts';

export interface Section {
  title: string;
  /** As it was written. */
  heading: string;
  /** 0: the guide as a whole, before its first heading. */
  level: number;
  /** Of the heading; null where there is none. */
  line: number | null;
  /** The titles above it, without the guide's own. */
  path: string[];
  blocks: Block[];
  children: Section[];
}

/** @param name of the guide, for what stands before its first heading */
export function sectionsOf(blocks: readonly Block[], name: string): Section {
  const root: Section = { title: name, heading: name, level: 0, line: null, path: [], blocks: [], children: [] };
  const open: Section[] = [root];
  for (const block of blocks) {
    if (block.kind !== 'heading') {
      (open.at(-1) ?? root).blocks.push(block);
      continue;
    }
    while (open.length > 1 && (open.at(-1)?.level ?? 0) >= block.level) open.pop();
    const above = open.at(-1) ?? root;
    const section: Section = { title: titleOf(block.text), heading: block.text, level: block.level, line: block.from, path: above.level === 0 ? [] : [...above.path, above.title], blocks: [], children: [] };
    above.children.push(section);
    open.push(section);
  }
  return root;
}

/** What a guide calls itself: its first heading of the highest level, else its name. */
export function guideTitle(root: Section): string {
  const [first] = root.children;
  return first === undefined || (root.children.length > 1 && first.level > 1) ? root.title : first.title;
}
