/** What has to be looked at in the items of a guide, each with its line there. */
import type { FlagClass, GuideFlag } from '#shared/contract/guides.ts';
import type { TakenOut } from '#shared/domain/guide/secrets.ts';
import { findWrongs, placeholdersIn, rules, type Finding, type Language, type Rule } from '../rules/index.ts';
import { readRunbook } from '../runbooks/format/index.ts';
import type { CodeBlock } from './blocks.ts';
import { inlineCode, type InlineCode } from './inline-code.ts';
import { useOf } from './draft/code.ts';
import type { MadeItem } from './items/made.ts';

const book = new Map<string, Rule>(rules().map((rule) => [rule.id, rule]));
const classOf = (rule: Rule): FlagClass => (rule.class === 'document' ? 'wrong' : rule.class);

/** What is only looked up is not run: of it only what is wrong is said. */
const ofReference: ReadonlySet<FlagClass> = new Set(['wrong', 'quoting']);

/** What is said of commands in the middle of a sentence. */
const ofInline: ReadonlySet<FlagClass> = new Set(['destructive', 'endless']);

/** What errors of a draft are, for those who look at the guide. */
const ofLint: Readonly<Record<string, FlagClass>> = { placeholder: 'placeholder', endless: 'endless', template: 'quoting', 'sql-template': 'quoting', 'several-statements': 'wrong', 'risk-too-low': 'destructive', 'no-pause': 'destructive' };

interface Found {
  finding: Finding;
  line: number;
  column: number;
}

/** Positions of offsets, each found in the time of a look at the lines that lie before it once. */
function placed(text: string, findings: readonly Finding[], firstLine: number, indent: number): Found[] {
  let line = firstLine;
  let start = 0;
  return findings.map((finding) => {
    for (let next = text.indexOf('\n', start); next !== -1 && next < finding.from; next = text.indexOf('\n', start)) {
      start = next + 1;
      line += 1;
    }
    return { finding, line, column: finding.from - start + 1 + indent };
  });
}

/** A click that writes into the draft: only where the draft says once what is to be replaced. */
function editOf({ edit }: Finding, block: string, draft: string): GuideFlag['edit'] {
  if (edit === null) return null;
  const find = block.slice(edit.from, edit.to);
  if (find.trim() === '' || find.includes('\n') || edit.text.includes('\n')) return null;
  const from = block.lastIndexOf('\n', edit.from) + 1;
  const to = block.indexOf('\n', edit.to);
  const line = block.slice(from, to === -1 ? block.length : to);
  const candidates = [
    { find, replace: edit.text },
    { find: line.trim(), replace: `${line.slice(0, edit.from - from)}${edit.text}${line.slice(edit.to - from)}`.trim() },
  ];
  const good = candidates.find((each) => draft.split(each.find).length === 2);
  return good === undefined ? null : { title: edit.title, ...good };
}

export class Flags {
  private readonly flags: GuideFlag[] = [];
  private readonly places = new Set<string>();

  get list(): GuideFlag[] {
    return this.flags.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  add(flag: Omit<GuideFlag, 'id' | 'state' | 'reason'> & Partial<Pick<GuideFlag, 'state'>>): void {
    const id = `${flag.rule}@${flag.line}:${flag.column}`;
    if (this.places.has(id)) return;
    this.places.add(id);
    this.flags.push({ ...flag, id, state: flag.state ?? 'open', reason: null });
  }

  has(line: number, ofClass: FlagClass, to = line): boolean {
    return this.flags.some((flag) => flag.line >= line && flag.line <= to && flag.class === ofClass);
  }
}

export interface FlagGround {
  /** All blocks of code of the guide, in order. */
  code: readonly CodeBlock[];
  taken: readonly TakenOut[];
  /** Without secrets. */
  text: string;
}

/** @returns the flags of each item, in order of their lines */
export function flagsOf(items: readonly MadeItem[], { code, taken, text }: FlagGround): Map<MadeItem, GuideFlag[]> {
  const flags = new Map(items.map((item) => [item, new Flags()]));
  const owners: MadeItem[][] = [];
  for (const item of items) for (const { from, to } of item.lines) for (let line = from; line <= to; line += 1) (owners[line] ??= []).push(item);
  const at = (line: number): readonly MadeItem[] => owners[line] ?? [];
  const inline = inlineCode(text, code);

  for (const block of code) {
    const findings = findWrongs(block.code, { language: languageOf(block), kind: 'block' });
    for (const { finding, line, column } of placed(block.code, findings, block.codeFrom, block.indent)) {
      const rule = book.get(finding.rule);
      if (rule === undefined) continue;
      for (const item of at(line)) {
        const ofClass = classOf(rule);
        if (item.kind !== 'runbook' && !ofReference.has(ofClass)) continue;
        // A placeholder that became a parameter is asked for before the start.
        const isAsked = ofClass === 'placeholder' && !item.text.includes(block.code.slice(finding.from, finding.to));
        flags.get(item)?.add({ state: isAsked ? 'fixed' : 'open', rule: finding.rule, class: ofClass, line, column, message: finding.message, explanation: [rule.explanation, rule.versions === null ? '' : `${rule.versions}.`].filter((each) => each !== '').join(' '), fix: finding.fix, edit: editOf(finding, block.code, item.text) });
      }
    }
  }
  for (const item of items) if (item.kind === 'runbook' || item.kind === 'calendar') addInline(item, flags.get(item), inline);
  for (const item of items) {
    for (const remark of item.remarks) flags.get(item)?.add({ ...remark, column: 1 });
  }
  for (const { finding, line, column } of placed(text, findWrongs(text, { language: 'markdown', kind: 'document' }), 1, 0)) {
    const rule = book.get(finding.rule);
    const [item] = at(line);
    const mine = item === undefined ? undefined : flags.get(item);
    // What was asked about this line already is not asked again.
    if (rule === undefined || mine === undefined || mine.has(line, 'unsure') || mine.has(line, 'contradiction')) continue;
    mine.add({ rule: finding.rule, class: classOf(rule), line, column, message: finding.message, explanation: rule.explanation, fix: finding.fix, edit: null });
  }
  for (const { line, what } of taken) {
    for (const item of at(line)) flags.get(item)?.add({ rule: 'secret', class: 'secret', line, column: 1, message: `There was ${what} on this line. It was taken out, and is kept nowhere.`, explanation: 'A guide is read by many, and what is kept of it here lies on the disk. Whoever could read the guide may know the secret: change it.', fix: item.kind === 'runbook' ? 'Ask for it by a parameter of type secret, and give it by stdin.' : 'Write where it is found, not what it is.', edit: null });
  }
  for (const item of items) if (item.kind === 'runbook') addDraftErrors(item, flags.get(item));
  return new Map(items.map((item) => [item, flags.get(item)?.list ?? []]));
}

/** Commands in the words of a line: what is dangerous of them, as people type what they read. */
function addInline(item: MadeItem, flags: Flags | undefined, inline: ReadonlyMap<number, readonly InlineCode[]>): void {
  for (const { from, to } of item.lines) {
    for (let line = from; line <= to; line += 1) {
      for (const { code, language, column } of inline.get(line) ?? []) {
        for (const finding of findWrongs(code, { language, kind: 'block' })) {
          const rule = book.get(finding.rule);
          if (rule === undefined || !ofInline.has(classOf(rule))) continue;
          flags?.add({ rule: finding.rule, class: classOf(rule), line, column: column + finding.from, message: finding.message, explanation: rule.explanation, fix: finding.fix, edit: null });
        }
      }
    }
  }
}

/** Languages that fences name in ways of their own, as the book knows them. */
function languageOf(block: CodeBlock): Language | (string & {}) {
  if (!['', 'text', 'txt', 'plaintext'].includes(block.language)) return block.language;
  const use = useOf(block);
  if (use === 'shell') return 'sh';
  return use === 'sql' ? 'sql' : /^\s*(?:groups|route|receivers):/m.test(block.code) ? 'yaml' : block.language;
}

/** What keeps the draft from being walked, at the line of the guide that it came from. */
function addDraftErrors(item: MadeItem, flags: Flags | undefined): void {
  // Of what has neither values nor placeholders nothing is wrong that the book has not told; reading each twice takes half of the time.
  const rest = item.text.replaceAll(/\{\{ [a-z][a-z0-9_]* \}\}/g, '');
  const isSuspect = /\{\{|\$\d/.test(rest) || (flags?.has(0, 'placeholder', Number.POSITIVE_INFINITY) !== true && placeholdersIn(rest).length > 0);
  if (!isSuspect) return;
  const { runbook, problems } = readRunbook(item.text);
  const steps = runbook === null ? [] : [...runbook.prerequisites, ...runbook.steps, ...(runbook.rollback?.steps ?? [])].toSorted((a, b) => a.line - b.line);
  for (const { severity, line, rule, message, fix, edit } of problems) {
    if (severity !== 'error') continue;
    const step = steps.findLast((each) => each.line <= line);
    const source = (step === undefined ? undefined : item.stepLines.get(step.id)) ?? item.lines[0]?.from ?? 1;
    const ofClass = ofLint[rule] ?? 'wrong';
    // The book has told it where it stands.
    const next = Math.min(...[...item.stepLines.values()].filter((each) => each > source), Number.POSITIVE_INFINITY);
    if (flags?.has(source, ofClass, next - 1) === true) continue;
    flags?.add({ rule: `draft-${rule}`, class: ofClass, line: source, column: 1, message, explanation: 'The draft cannot be walked as it is.', fix: fix ?? edit?.title ?? null, edit: null });
  }
}
