/** Nothing of a guide is dropped: what no item has taken is put with one, or becomes a note of its own. */
import { titleOf } from '#shared/domain/guide/plain.ts';
import type { Section } from '../sections.ts';
import { joined, type Collection, type MadeItem } from './made.ts';

const isRule = (line: string): boolean => /^\s{0,3}(?:([-*_])(?:\s*\1){2,}|={2,}|-{2,})\s*$/.test(line);

/** Names of groups in YAML, which say nothing without what stands in them. */
const isGroup = (line: string): boolean => /^\s*(?:- )?[\w-]+:\s*$|^\s*- name:\s|^\s*#/.test(line);

/** Numbers of lines: of headings, within blocks of code, and of what only frames others (heads of tables, marks of fences). */
interface Kinds {
  headings: ReadonlySet<number>;
  code: ReadonlySet<number>;
  frames: ReadonlySet<number>;
}

export function coverAll(collection: Collection, root: Section, { headings, code, frames }: Kinds): void {
  const { items, around } = collection;
  const owner: (MadeItem | undefined)[] = [];
  for (const item of items) for (const { from, to } of item.lines) for (let line = from; line <= to; line += 1) owner[line] ??= item;
  const sections = new Map<number, Section>();
  const parents = new Map<Section, Section>();
  const walk = (section: Section): void => {
    if (section.line !== null) sections.set(section.line, section);
    for (const child of section.children) {
      parents.set(child, section);
      walk(child);
    }
  };
  walk(root);
  const isAbove = (section: Section | undefined): boolean => {
    for (let at: Section | undefined = current; at !== undefined; at = parents.get(at)) if (at === section) return true;
    return false;
  };
  let current = root;
  let lead: number[] = [];
  let left: number[] = [];
  let before: MadeItem | undefined;
  const flush = (): void => {
    const [first] = left;
    const last = left.at(-1);
    if (first !== undefined && last !== undefined) {
      const inCode = code.has(last);
      const lines = [{ from: first, to: last }];
      const text = around.lines.slice(first - 1, last).join('\n');
      before = collection.page(inCode ? 'card' : 'note', current.title || titleOf(text), current, lines, text);
      for (let line = first; line <= last; line += 1) owner[line] = before;
    }
    left = [];
  };
  const give = (item: MadeItem): void => {
    for (const line of lead) item.lines.push({ from: line, to: line });
    lead = [];
  };
  /** Headings below which nothing came are something that the guide says as well. */
  const leaveEmpty = (): void => {
    const last = lead.findLastIndex((line) => sections.has(line) && !isAbove(sections.get(line)));
    if (last === -1) return;
    left = lead.splice(0, last + 1);
    flush();
  };
  for (let line = 1; line <= around.lines.length; line += 1) {
    const text = around.lines[line - 1] ?? '';
    const owned = owner[line];
    if (headings.has(line)) {
      flush();
      current = sections.get(line) ?? current;
      leaveEmpty();
    }
    if (owned !== undefined) {
      flush();
      give(owned);
      before = owned;
      continue;
    }
    if (text.trim() === '') continue;
    // The end of a fence stands with what is in it.
    if (frames.has(line) && code.has(line) && left.length === 0 && before !== undefined && owner[line - 1] === before) {
      before.lines.push({ from: line, to: line });
      owner[line] = before;
      continue;
    }
    // A heading stands with what comes first below it, a line or a frame with what comes next.
    if (headings.has(line) || (isRule(text) && !code.has(line)) || (left.length === 0 && (frames.has(line) || (code.has(line) && isGroup(text))))) lead.push(line);
    else {
      if (left.length > 0 && code.has(line) !== code.has(left.at(-1) ?? 0)) flush();
      left.push(line);
      if (lead.length > 0 && left.length === 1) left.unshift(...lead.splice(0));
    }
  }
  flush();
  if (lead.length > 0) {
    // A heading below which nothing comes is something that the guide says.
    if (before === undefined || lead.some((line) => headings.has(line))) {
      left = lead;
      lead = [];
      flush();
    } else give(before);
  }
  for (const item of items) item.lines = joined(item.lines);
}
