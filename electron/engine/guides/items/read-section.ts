/** A section of a guide as items: what it says by its shapes, its tables and its lists; what is left is done, looked up, or read. */
import { announced, boldLine, folded, plain } from '#shared/domain/guide/plain.ts';
import { cronIn, cronRecurrence, recurrenceIn } from '#shared/domain/guide/recurrence.ts';
import { oftenOf, partOf, partWords, topicsOf, weekdaysOf } from '#shared/domain/guide/words.ts';
import type { Block, CodeBlock } from '../blocks.ts';
import { useOf } from '../draft/code.ts';
import { holdsWork, procedureOf } from '../draft/procedure.ts';
import { writeRunbook } from '../draft/write.ts';
import type { Section } from '../sections.ts';
import { addEntry } from './calendar.ts';
import { addList, addTierSection, type ListReaders } from './lists.ts';
import { spansOf, type Collection, type MadeItem } from './made.ts';
import { addTable, type TableReaders } from './tables.ts';
import { addYamlShapes } from './yaml-shapes.ts';

export type Readers = ListReaders & TableReaders;

const isCommands = (block: Block): boolean => block.kind === 'code' && ['shell', 'sql'].includes(useOf(block));
const holdsCommands = (blocks: readonly Block[]): boolean => blocks.some((block) => isCommands(block) || (block.kind === 'list' && block.items.some((item) => holdsCommands(item.blocks))) || (block.kind === 'quote' && holdsCommands(block.blocks)));

/** Whether a heading is nothing but the name of a part: "Prerequisites", "Rollback steps". */
function isPart(title: string): boolean {
  const words = folded(title).match(/[a-z-]+/g) ?? [];
  const [first = ''] = words;
  return words.length > 0 && words.length <= 2 && Object.values(partWords).some((list) => list.some((word) => first.startsWith(word.split(' ')[0] ?? word) && word.length > 3));
}

/** Parts of one procedure that have headings of their own belong together. */
function withParts(section: Section): Section {
  const parts = section.children.filter((child) => child.children.length === 0 && isPart(child.title));
  if (parts.length === 0 || (parts.length < 2 && !holdsWork(section.blocks)) || !parts.some((part) => holdsWork(part.blocks) || part.blocks.some((block) => block.kind === 'list'))) return section;
  const blocks = [...section.blocks];
  for (const part of parts) blocks.push({ kind: 'heading', level: part.level, text: part.heading, from: part.line ?? 1, to: part.line ?? 1 }, ...part.blocks);
  return { ...section, blocks, children: section.children.filter((child) => !parts.includes(child)) };
}

/** Lines in bold that stand above blocks of code, two of them or more, are headings that were not written as such. */
function withBoldHeadings(section: Section): Section {
  const isHeading = (at: number): boolean => {
    const block = section.blocks[at];
    const title = block?.kind === 'paragraph' ? boldLine(block.text) : null;
    return title !== null && partOf(title) === null && section.blocks[at + 1]?.kind === 'code' && isCommands(section.blocks[at + 1] as CodeBlock);
  };
  const starts = section.blocks.flatMap((_block, index) => (isHeading(index) ? [index] : []));
  if (starts.length < 2) return section;
  const children = starts.map((start, index): Section => {
    const block = section.blocks[start];
    const heading = block?.kind === 'paragraph' ? block.text : '';
    return { title: boldLine(heading) ?? heading, heading: plain(heading), level: section.level + 1, line: block?.from ?? null, path: section.level === 0 ? [] : [...section.path, section.title], blocks: section.blocks.slice(start + 1, starts[index + 1] ?? section.blocks.length), children: [] };
  });
  return { ...section, blocks: section.blocks.slice(0, starts[0]), children: [...children, ...section.children] };
}

const explaining = /^(?:what (?:is|are)|why|overview|introduction|was (?:ist|sind)|warum|uberblick|ubersicht|einleitung|einfuhrung)(?![a-z])|(?<![a-z])(?:overview|uberblick)$/;
const isBulleted = (list: Extract<Block, { kind: 'list' }>): boolean => !list.ordered && list.items.every(({ checked, blocks }) => checked === null && blocks.every((block) => block.kind === 'paragraph' || (block.kind === 'list' && isBulleted(block))));

const purposes: readonly [RegExp, string][] = [
  [/incident|post-?mortem|vorfall|storung/, 'incident-report'],
  [/status|update/, 'status-update'],
  [/notice|notif|announce|mitteilung|ankundigung|wartung|maintenance/, 'notice'],
  [/bug|feature|ticket|request|issue|fehler|anfrage/, 'ticket'],
  [/report|bericht|rapport|informe/, 'report'],
];

function addTemplate(collection: Collection, section: Section, block: CodeBlock, label: string): void {
  const words = folded(`${section.title} ${label}`);
  collection.page('template', section.title, section, [block], block.code, { purpose: purposes.find(([pattern]) => pattern.test(words))?.[1] ?? 'other' });
}

/** Times that stand in code: lines of a crontab, or of an application's own clock. */
function addCrons(readers: Readers, section: Section, block: CodeBlock): void {
  if (/^(?:sh|bash|shell|console|sql)$/.test(block.language) && !/crontab|^\s*[\d*][\d*/,-]*\s+[\d*]/m.test(block.code)) return;
  const lines = block.code.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line.length > 1000) continue;
    const found = /cron|schedul/i.test(line) || /^\s*[\d*]/.test(line) ? cronIn(line) : null;
    const recurrence = found === null ? null : cronRecurrence(found.expression);
    if (found === null || recurrence === null) continue;
    const remark = /(?:\/\/|#)\s*(.+)$/.exec(line)?.[1]?.trim();
    const called = [lines[index + 1] ?? '', lines[index + 2] ?? ''].map((next) => /\b(?:void|def|function|async)\s+(\w+)/.exec(next)?.[1]).find((name) => name !== undefined)?.replaceAll(/([a-z])([A-Z])/g, '$1 $2');
    const command = found.rest.replace(/^[)"'`\s]+/, '').replace(/^(?:\/\/|#).*/, '').trim();
    const title = called ?? (command === '' ? (remark ?? section.title) : command);
    const at = block.codeFrom + index;
    const made = addEntry(readers.collection, section, { title: title.slice(0, 150), when: found.expression, recurrence, line: at, lines: [{ from: at, to: at }], tasks: [command === '' ? title : command], text: [remark ?? '', `${found.expression} in the guide`].filter((each) => each !== '').join('. ') });
    if (made !== null && command !== '') readers.scripts.push({ key: made.key, script: command, line: at });
  }
}

/** A procedure whose heading says when it is done: "Sunday maintenance (2:00 AM)". */
function addEntryFor({ collection }: Readers, section: Section, runbook: MadeItem): void {
  const words = plain(section.heading);
  const often = oftenOf(words) ?? section.path.toReversed().map(oftenOf).find((each) => each !== null) ?? null;
  const recurrence = recurrenceIn(words, often);
  if (recurrence === null || recurrence.rrule === null || (recurrence.time === null && weekdaysOf(words).length === 0)) return;
  const line = section.line ?? runbook.lines[0]?.from ?? 1;
  addEntry(collection, section, { title: section.title.replace(/\s*\([^)]*\)\s*$/, ''), when: words, recurrence, line, lines: [{ from: line, to: line }], tasks: [], runbook: runbook.key });
}

/** What something is, and why, is read: its bullets say what to do as little as its sentences. */
const isExplained = (title: string, blocks: readonly Block[]): boolean => explaining.test(folded(title)) && blocks.every((block) => block.kind === 'paragraph' || (block.kind === 'list' && isBulleted(block)));

function addRest(readers: Readers, section: Section, rest: readonly Block[]): void {
  const { collection } = readers;
  const said = rest.filter((block) => block.kind !== 'line');
  if (said.length === 0) return;
  const lines = [...(section.line === null ? [] : [{ from: section.line, to: section.line }]), ...spansOf(said)];
  if (holdsWork(said) && !isExplained(section.title, said)) {
    const { fileName, sha256 } = collection.around;
    const runbook = collection.runbook(section.title, section, lines, (id, at) => writeRunbook(procedureOf(said), { id, title: section.title, tags: [...section.path, section.title].slice(-3), source: { file: fileName, lines: at, sha256 } }));
    addEntryFor(readers, section, runbook);
    return;
  }
  const isProse = said.every((block) => block.kind === 'paragraph' || block.kind === 'front-matter' || (block.kind === 'html' && !/<(?:table|pre|ul|ol)\b/i.test(block.text)) || block.kind === 'heading');
  collection.page(isProse ? 'note' : 'card', section.title, section, lines, collection.raw(spansOf(said)));
}

export function readSection(readers: Readers, given: Section): void {
  const { collection } = readers;
  const section = withBoldHeadings(withParts(given));
  if (!addTierSection(readers, section, section.blocks.filter(({ kind }) => kind !== 'line'))) {
    const rest: Block[] = [];
    const commands = holdsCommands(section.blocks);
    let label: Extract<Block, { kind: 'paragraph' }> | null = null;
    const keepLabel = (): void => {
      if (label !== null) rest.push(label);
      label = null;
    };
    for (const block of section.blocks) {
      const words = label === null ? '' : (announced(label.text) ?? '');
      const before = collection.items.length;
      let isMade = false;
      if (block.kind === 'code') {
        isMade = addYamlShapes(readers, section, block);
        if (!isMade && useOf(block) === 'template') {
          addTemplate(collection, section, block, words);
          isMade = true;
        }
        if (!isMade) addCrons(readers, section, block);
      } else if (block.kind === 'table') isMade = addTable(readers, section, block, words);
      else if (block.kind === 'list' && !commands && (words === '' || partOf(words) === null || topicsOf(words).size > 0)) isMade = addList(readers, section, block, words);
      if (isMade) {
        // What announced it stands with the first of what was made.
        const first = collection.items[before];
        if (label !== null && first !== undefined) {
          first.lines.unshift({ from: label.from, to: label.to });
          for (const item of collection.items.slice(before)) item.path.push(words);
        } else keepLabel();
        label = null;
        continue;
      }
      keepLabel();
      if (block.kind === 'paragraph' && announced(block.text) !== null) label = block;
      else rest.push(block);
    }
    keepLabel();
    addRest(readers, section, rest);
  }
  for (const child of section.children) readSection(readers, child);
}
