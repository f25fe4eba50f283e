/** Reads a guide: its items with their drafts, their lines, and what has to be looked at. Keeps nothing, runs nothing. */
import { createHash } from 'node:crypto';
import { flagClasses, guideItemKinds, type FlagClass, type GuideCounts, type GuideFlag, type GuideItemKind, type LineSpan } from '#shared/contract/guides.ts';
import { folded, slug } from '#shared/domain/guide/plain.ts';
import { procedureName } from '#shared/domain/guide/procedure-name.ts';
import { takeOutSecrets, type TakenOut, withoutPlaces } from '#shared/domain/guide/secrets.ts';
import { readBlocks, type Block, type CodeBlock } from './blocks.ts';
import { flagsOf } from './flags.ts';
import { coverAll } from './items/cover.ts';
import { clocksSaid } from './items/clocks-said.ts';
import { tellContradictions } from './items/facts.ts';
import { Collection, type MadeItem } from './items/made.ts';
import { Roles, Tiers } from './items/people.ts';
import { readSection, type Readers } from './items/read-section.ts';
import { Limits, Severities } from './items/severities.ts';
import { guideTitle, sectionsOf, type Section } from './sections.ts';

export interface ReadItem {
  kind: GuideItemKind;
  /** Unique within the guide: "runbook/backup-verification". */
  key: string;
  title: string;
  path: string[];
  lines: LineSpan[];
  text: string;
  flags: GuideFlag[];
  /** Of a runbook: on which line of the guide each step stands. */
  steps: { id: string; line: number }[];
  /** SHA-256 of the headings above it and of its lines, so that a guide that changed shows what is new. */
  sourceHash: string;
}

export interface ReadGuide {
  title: string;
  name: string;
  /** Without secrets. */
  text: string;
  /** Of that text. */
  sha256: string;
  items: ReadItem[];
  problems: { line: number; rule: string; message: string }[];
  taken: TakenOut[];
  source: GuideCounts['source'];
}

export interface GuideInput {
  fileName: string;
  text: string;
  /** IANA, where the guide says none. */
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: number;
}

export const hashOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

function countsOf(blocks: readonly Block[], lines: number): GuideCounts['source'] & { code: CodeBlock[] } {
  const counts = { lines, fences: {} as Record<string, number>, numbered: 0, bullets: 0, boxes: 0, rows: 0, code: [] as CodeBlock[] };
  const walk = (all: readonly Block[]): void => {
    for (const block of all) {
      if (block.kind === 'code') {
        const language = block.language === '' ? 'none' : block.language;
        counts.fences[language] = (counts.fences[language] ?? 0) + 1;
        counts.code.push(block);
      } else if (block.kind === 'table') counts.rows += block.rows.length;
      else if (block.kind === 'quote') walk(block.blocks);
      else if (block.kind === 'list') {
        for (const item of block.items) {
          counts[block.ordered ? 'numbered' : 'bullets'] += 1;
          if (item.checked !== null) counts.boxes += 1;
          walk(item.blocks);
        }
      }
    }
  };
  walk(blocks);
  return counts;
}

/** Lines that only frame what is between them: heads of tables, marks of fences. */
function framesOf(blocks: readonly Block[]): Set<number> {
  const frames = new Set<number>();
  const walk = (all: readonly Block[]): void => {
    for (const block of all) {
      if (block.kind === 'table') for (let line = block.from; line < (block.rows[0]?.line ?? block.from); line += 1) frames.add(line);
      else if (block.kind === 'code' && block.codeFrom > block.from) frames.add(block.from).add(block.to);
      else if (block.kind === 'quote') walk(block.blocks);
      else if (block.kind === 'list') for (const item of block.items) walk(item.blocks);
    }
  };
  walk(blocks);
  return frames;
}

/** Entries of a calendar that name a procedure of the guide are done by the runbook that it became: only where one is called so. */
function joinTitles({ oneTask, items }: Collection): void {
  const open = oneTask.filter(({ isOpen }) => isOpen());
  if (open.length === 0) return;
  const byName = new Map<string, string | null>();
  for (const { kind, key, title } of items) {
    const name = kind === 'runbook' ? procedureName(title) : null;
    if (name !== null) byName.set(name, byName.has(name) ? null : key);
  }
  for (const { title, link } of open) {
    const runbook = byName.get(procedureName(title) ?? '') ?? null;
    if (runbook !== null) link(runbook);
  }
}

/** Entries of a calendar whose table names a script are done by the runbook that is that script. */
function joinScripts({ collection, scripts }: Readers): void {
  const runbooks = scripts.length === 0 ? [] : collection.items.filter(({ kind }) => kind === 'runbook').map((item) => ({ key: item.key, source: collection.raw(item.lines) }));
  for (const { key, script, line } of scripts) {
    const entry = collection.find('calendar', key);
    const name = /([\w.-]+\.(?:sh|py|js|ts|rb|pl|sql))\b/.exec(script)?.[1] ?? null;
    const runbook = name === null ? undefined : runbooks.find((each) => each.source.includes(name));
    if (entry === undefined || name === null) continue;
    if (runbook !== undefined) entry.text = entry.text.replace(/^work:\n(?: {2}.*\n)+/m, `work:\n  runbook: ${runbook.key}\n`);
    else entry.remarks.push({ rule: 'script', class: 'unsure', line, message: `${name} is named here, and the guide shows no such script.`, explanation: 'The entry says what is done in words. Where the script lies on a server, a runbook can run it.', fix: 'Write a runbook for it, or keep it as a task.', edit: null });
  }
}

export function readGuide({ fileName, text: given, timeZone, now }: GuideInput): ReadGuide {
  const { text, taken } = takeOutSecrets(given.replaceAll('\0', ' ').replaceAll(/\r\n?/g, '\n'));
  const { blocks, lines, problems } = readBlocks(text);
  const fallback = fileName.replace(/\.[^.]*$/, '').replaceAll(/[-_]+/g, ' ').trim() || 'Guide';
  const root = sectionsOf(blocks, fallback);
  const { code, ...source } = countsOf(blocks, lines.length);
  const sha256 = hashOf(text);
  const collection = new Collection({ fileName: fileName.slice(0, 200), sha256, lines, timeZone, now });
  const severities = new Severities(collection);
  const readers: Readers = { collection, severities, limits: new Limits(collection), roles: new Roles(collection), tiers: new Tiers(collection, severities), scripts: [] };
  readSection(readers, root);
  for (const clock of clocksSaid(lines)) severities.compare(clock);
  severities.settle();
  readers.limits.settle();
  readers.roles.settle();
  joinScripts(readers);
  joinTitles(collection);

  const headings = new Set<number>();
  const sectionOf: Section[] = [];
  const walk = (section: Section): void => {
    if (section.line !== null) {
      headings.add(section.line);
      sectionOf[section.line] = section;
      // A heading that is underlined has two lines.
      if (!/^\s{0,3}#/.test(lines[section.line - 1] ?? '')) headings.add(section.line + 1);
    }
    for (const child of section.children) walk(child);
  };
  walk(root);
  const codeLines = new Set(code.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, index) => from + index)));
  coverAll(collection, root, { headings, code: codeLines, frames: framesOf(blocks) });

  const owner: MadeItem[] = [];
  for (const item of collection.items) for (const span of item.lines) for (let line = span.from; line <= span.to; line += 1) owner[line] ??= item;
  let current = root;
  const sectionAt = lines.map((_line, index) => (current = sectionOf[index + 1] ?? current));
  tellContradictions(lines, (line) => sectionAt[line - 1] ?? root, (line) => owner[line]);

  const flags = flagsOf(collection.items, { code, taken, text });
  const items = collection.items
    .map((item, index) => ({ item, index, from: item.lines[0]?.from ?? 0 }))
    .toSorted((a, b) => a.from - b.from || a.index - b.index)
    .map(({ item }): ReadItem => ({ kind: item.kind, key: `${item.kind}/${item.key}`, title: item.title, path: item.path, lines: item.lines, text: item.text, flags: flags.get(item) ?? [], steps: [...item.stepLines].map(([id, line]) => ({ id, line })), sourceHash: hashOf(`${item.path.map(folded).join('\n')}\n${withoutPlaces(collection.raw(item.lines)).replaceAll(/(?<![^\S\n])[^\S\n]+$/gm, '')}`) }));
  const title = guideTitle(root);
  for (const { line, what } of taken) problems.push({ line, rule: 'secret', message: `Line ${line} had ${what}. It was taken out before anything was kept.` });
  return { title, name: slug(title, 50) || 'guide', text, sha256, items, problems: problems.toSorted((a, b) => a.line - b.line), taken, source };
}

/** @param items with how many of their flags nobody has looked at */
export function countItems(items: readonly { kind: GuideItemKind; decided: boolean; flags: readonly GuideFlag[] }[], source: GuideCounts['source']): GuideCounts {
  const byKind = Object.fromEntries(guideItemKinds.map((kind) => [kind, items.filter((item) => item.kind === kind).length])) as Record<GuideItemKind, number>;
  const open = items.filter(({ decided }) => !decided).flatMap((item) => item.flags.filter(({ state }) => state === 'open'));
  const flags = Object.fromEntries(flagClasses.map((each) => [each, items.reduce((sum, item) => sum + item.flags.filter((flag) => flag.class === each).length, 0)])) as Record<FlagClass, number>;
  return { byKind, source, items: items.length, undecided: items.filter(({ decided }) => !decided).length, openFlags: open.length, flags };
}
