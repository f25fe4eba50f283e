/** What is made of a guide, before it is kept: items with their lines, and what was noticed on the way. */
import type { GuideItemKind, LineSpan } from '#shared/contract/guides.ts';
import { slug } from '#shared/domain/guide/plain.ts';
import { zoneOfAll } from '#shared/domain/guide/recurrence.ts';
import type { Block } from '../blocks.ts';
import { yamlText, type Fields } from '../draft/yaml-text.ts';
import type { Section } from '../sections.ts';

/** Something that a person has to look at, found while an item was made. */
export interface Remark {
  rule: string;
  class: 'unsure' | 'contradiction' | 'secret';
  line: number;
  message: string;
  explanation: string;
  fix: string | null;
  edit: { title: string; find: string; replace: string } | null;
}

export interface MadeItem {
  kind: GuideItemKind;
  /** Unique within its kind. */
  key: string;
  title: string;
  path: string[];
  lines: LineSpan[];
  text: string;
  remarks: Remark[];
  /** Of a runbook: the line of the guide of each of its steps. */
  stepLines: Map<string, number>;
}

export interface Surroundings {
  fileName: string;
  sha256: string;
  lines: readonly string[];
  /** IANA, where the guide says none. */
  timeZone: string;
  /** Milliseconds since the epoch. */
  now: number;
}

export const unsure = (rule: string, line: number, message: string, more: Partial<Pick<Remark, 'explanation' | 'fix' | 'edit'>> = {}): Remark => ({ rule, class: 'unsure', line, message, explanation: '', fix: null, edit: null, ...more });

/** "3-5, 9", sorted and joined. */
export function linesText(spans: readonly LineSpan[]): string {
  return joined(spans).map(({ from, to }) => (from === to ? String(from) : `${from}-${to}`)).join(', ');
}

export function joined(spans: readonly LineSpan[]): LineSpan[] {
  const result: LineSpan[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to + 1) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}

export const spansOf = (blocks: readonly Pick<Block, 'from' | 'to'>[]): LineSpan[] => blocks.map(({ from, to }) => ({ from, to }));

/** Kinds whose text is the fields of an item of a pack. */
export type FieldKind = Exclude<GuideItemKind, 'runbook' | 'template' | 'card' | 'note'>;

/** An entry of a calendar whose one task may be the name of a procedure. */
export interface OneTask {
  title: string;
  /** Whether it is still a task. */
  isOpen: () => boolean;
  /** Makes the runbook of that key its work. */
  link: (runbook: string) => void;
}

/** Collects items, and gives each a key of its own. */
export class Collection {
  readonly items: MadeItem[] = [];
  readonly around: Surroundings;
  /** What the guide says once for all its times: "cet". */
  readonly zone: string | null;
  /** The entry that asks in which zone the times are meant, where the guide says none. */
  zoneAskedBy: string | null = null;
  /** Entries of a calendar that name one thing to do. */
  readonly oneTask: OneTask[] = [];
  private readonly keys = new Set<string>();
  /** The last number that a name has got. */
  private readonly numbers = new Map<string, number>();

  constructor(around: Surroundings) {
    this.around = around;
    this.zone = zoneOfAll(around.lines);
  }

  keyFor(kind: GuideItemKind, title: string): string {
    const base = slug(title, 50) || kind;
    let number = this.numbers.get(`${kind}/${base}`) ?? 1;
    let key = number === 1 ? base : `${base}-${number}`;
    while (this.keys.has(`${kind}/${key}`)) {
      number += 1;
      key = `${base}-${number}`;
    }
    this.numbers.set(`${kind}/${base}`, number);
    this.keys.add(`${kind}/${key}`);
    return key;
  }

  find(kind: GuideItemKind, key: string): MadeItem | undefined {
    return this.items.find((item) => item.kind === kind && item.key === key);
  }

  private add(kind: GuideItemKind, key: string, title: string, section: Section, lines: readonly LineSpan[], text: string): MadeItem {
    const item: MadeItem = { kind, key, title, path: section.level === 0 ? [] : [...section.path, section.title], lines: joined(lines), text, remarks: [], stepLines: new Map() };
    this.items.push(item);
    return item;
  }

  /** @param fields without their title and source */
  fields(kind: FieldKind, title: string, section: Section, lines: readonly LineSpan[], fields: Fields, remarks: readonly Remark[] = [], key = this.keyFor(kind, title)): MadeItem {
    const item = this.add(kind, key, title, section, lines, '');
    if (Object.keys(fields).length > 0) item.text = this.fieldsText(title, item.lines, fields);
    item.remarks.push(...remarks);
    return item;
  }

  fieldsText(title: string, lines: readonly LineSpan[], fields: Fields): string {
    return yamlText({ title: title.slice(0, 190), ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0))), source: { file: this.around.fileName, lines: linesText(lines) } });
  }

  /** Markdown with front matter. */
  page(kind: 'template' | 'card' | 'note', title: string, section: Section, lines: readonly LineSpan[], body: string, more: Fields = {}): MadeItem {
    const item = this.add(kind, this.keyFor(kind, title), title, section, lines, '');
    item.text = `---\n${yamlText({ title: title.slice(0, 190), ...more, source: { file: this.around.fileName, lines: linesText(item.lines) } })}---\n\n${body.trim()}\n`;
    return item;
  }

  runbook(title: string, section: Section, lines: readonly LineSpan[], write: (key: string, lines: string) => { text: string; lines: Map<string, number> }): MadeItem {
    const key = this.keyFor('runbook', title);
    const item = this.add('runbook', key, title, section, lines, '');
    const written = write(key, linesText(item.lines));
    item.text = written.text;
    item.stepLines = written.lines;
    return item;
  }

  /** The lines of the guide as they stand. */
  raw(spans: readonly LineSpan[]): string {
    return joined(spans).map(({ from, to }) => this.around.lines.slice(from - 1, to).join('\n')).join('\n\n');
  }
}
