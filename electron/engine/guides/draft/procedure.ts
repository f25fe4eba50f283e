/** Blocks of a guide as a runbook: what is checked before, what is done, what is decided, what leads back. */
import { announced, leadOf, plain, titleOf } from '#shared/domain/guide/plain.ts';
import { mailsIn, phonesIn } from '#shared/domain/guide/values.ts';
import { isTask, partOf, type Part } from '#shared/domain/guide/words.ts';
import type { Block, ListBlock, ListItem } from '../blocks.ts';
import { stepsOfCode, useOf } from './code.ts';
import { withTheirBlocks } from './numbered.ts';
import { step, type DraftContact, type DraftRunbook, type DraftStep } from './step.ts';

/** What a block says, as lines of text. */
export function textOf(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
    case 'heading':
      return plain(block.text);
    case 'code':
      return block.code;
    case 'html':
      return plain(block.text.replaceAll(/<!--|-->/g, ' ')).replaceAll(/\n\s*\n+/g, '\n').trim();
    case 'quote':
      return block.blocks.map(textOf).join('\n');
    case 'list':
      return block.items.map((item, index) => `${block.ordered ? `${index + 1}.` : '-'} ${item.blocks.map(textOf).join('\n').replaceAll('\n', '\n  ')}`).join('\n');
    case 'table':
      return [block.header, ...block.rows.map(({ cells }) => cells)].map((cells) => cells.map(plain).join(' | ')).join('\n');
    case 'front-matter':
      return block.text;
    case 'line':
      return '';
    default:
      return block satisfies never;
  }
}

const hasCode = (blocks: readonly Block[]): boolean => blocks.some((block) => (block.kind === 'code' && useOf(block) !== 'template') || (block.kind === 'list' && block.items.some((item) => hasCode(item.blocks))) || (block.kind === 'quote' && hasCode(block.blocks)));

/** The first words of an item: what it says before blocks of its own. */
function headOf(item: ListItem): { title: string; rest: string; below: Block[] } {
  const [first, ...below] = item.blocks;
  if (first?.kind !== 'paragraph') return { title: '', rest: '', below: item.blocks };
  const lead = leadOf(first.text);
  if (lead !== null && /^\s*(?:\*\*|__)/.test(first.text)) return { title: lead.lead, rest: plain(lead.rest), below };
  const text = plain(first.text).replace(/:\s*$/, '');
  const [line = '', ...more] = text.split('\n');
  return { title: line, rest: more.join('\n'), below };
}

const manual = (line: number, title: string, text: string, why: readonly string[] = []): DraftStep => step(line, title, { kind: 'manual', text: text === '' ? title : text }, why);

class Procedure {
  readonly made: DraftRunbook = { prerequisites: [], steps: [], rollback: null, contacts: [], summary: [] };
  private readonly symptoms: string[] = [];
  /** What the guide calls them. */
  private seen = 'What is seen:';
  private part: Part = 'steps';
  /** What was announced last, for what has no title of its own. */
  private label = '';
  private waiting: string[] = [];

  private get target(): DraftStep[] {
    if (this.part === 'prerequisites') return this.made.prerequisites;
    if (this.part !== 'rollback') return this.made.steps;
    this.made.rollback ??= { trigger: null, steps: [] };
    return this.made.rollback.steps;
  }

  private take(): string[] {
    const why = this.waiting;
    this.waiting = [];
    return why;
  }

  enter(part: Part | null, label: string): void {
    this.part = part ?? 'steps';
    this.label = part === null || part === 'steps' || part === 'solutions' || part === 'diagnosis' ? '' : label;
    // The words of the guide stand with what follows them.
    if (part === 'symptoms') this.seen = `${label}:`;
    else this.waiting.push(label);
  }

  read(blocks: readonly Block[]): void {
    for (const block of withTheirBlocks(blocks)) this.block(block);
  }

  private block(block: Block): void {
    switch (block.kind) {
      case 'paragraph': {
        const said = announced(block.text);
        const part = said === null ? null : partOf(said);
        if (part !== null && said !== null) this.enter(part, said);
        else if (said !== null) {
          this.label = said;
          this.waiting.push(said);
        } else if (this.part === 'rollback' && /\b(?:if|wenn|falls|si|se|als|jesli)\b/i.test(block.text) && this.target.length === 0 && this.made.rollback !== null) this.made.rollback.trigger = plain(block.text);
        else this.waiting.push(textOf(block));
        return;
      }
      case 'heading':
        this.enter(partOf(block.text), titleOf(block.text));
        return;
      case 'code':
        this.target.push(...stepsOfCode(block, this.label, this.take()));
        this.label = '';
        return;
      case 'list':
        this.list(block);
        return;
      case 'quote':
        if (hasCode(block.blocks)) this.read(block.blocks);
        else this.waiting.push(textOf(block));
        return;
      case 'table':
      case 'html':
      case 'front-matter':
        this.waiting.push(textOf(block));
        return;
      case 'line':
        return;
      default:
        block satisfies never;
    }
  }

  private list(block: ListBlock): void {
    if (this.part === 'symptoms' && !hasCode([block])) {
      if (this.symptoms.length > 0) this.symptoms.push(this.seen);
      this.symptoms.push(...block.items.map((item) => item.blocks.map(textOf).join('\n')));
      this.part = 'steps';
      return;
    }
    if (this.part === 'contacts' && this.contacts(block)) return;
    if (block.ordered && block.items.length > 1 && hasCode([block]) && (this.part === 'solutions' || (this.symptoms.length > 0 && this.part === 'steps'))) {
      this.branches(block);
      return;
    }
    const hasBoxes = block.items.some(({ checked }) => checked !== null);
    const isWork = block.ordered || hasBoxes || hasCode([block]) || ['prerequisites', 'validation', 'rollback', 'solutions', 'diagnosis', 'escalation'].includes(this.part) || mostlyTasks(block);
    if (!isWork) {
      this.waiting.push(textOf(block));
      return;
    }
    for (const item of block.items) this.target.push(...this.stepsOfItem(item, this.take()));
  }

  /** Each line a step; what is nested in it has a box of its own. */
  private stepsOfItem(item: ListItem, why: readonly string[]): DraftStep[] {
    const { title, rest, below } = headOf(item);
    const nested = below.filter((block): block is ListBlock => block.kind === 'list');
    if (hasCode(below)) return this.inner(item.from, title, rest, below, why);
    const [only] = nested;
    if (only !== undefined && rest === '' && nested.length === 1 && below.every((block) => block === only || block.kind === 'paragraph')) {
      const texts = below.filter((block) => block !== only).map(textOf);
      return only.items.map((each, index) => {
        const head = headOf(each);
        const more = [head.rest, ...head.below.map(textOf)].filter((text) => text !== '').join('\n');
        return manual(each.from, `${title === '' ? '' : `${title}: `}${head.title === '' ? 'see below' : head.title}`, more === '' ? head.title : `${head.title}\n${more}`, index === 0 ? [...why, ...texts] : []);
      });
    }
    const text = [rest, ...below.map(textOf)].filter((each) => each !== '').join('\n');
    return [manual(item.from, title === '' ? 'To do' : title, text === '' ? title : text, why)];
  }

  /** What stands within an item, by the same rules. */
  private inner(line: number, title: string, rest: string, below: readonly Block[], why: readonly string[]): DraftStep[] {
    const inside = new Procedure();
    inside.label = title;
    inside.waiting = [...why, ...(rest === '' ? [] : [rest])];
    inside.read(below);
    const { steps, prerequisites, rollback } = inside.finished(false);
    const all = [...prerequisites, ...steps, ...(rollback?.steps ?? [])];
    const [first] = all;
    // The words of the item stand with what they announce.
    if (first !== undefined && title !== '' && first.title !== title && !all.some((each) => each.why.includes(title))) first.why.unshift(title);
    return all.length === 0 ? [manual(line, title, rest)] : all;
  }

  private branches(block: ListBlock): void {
    const branches = block.items.map((item) => {
      const { title, rest, below } = headOf(item);
      const steps = below.length === 0 ? [manual(item.from, title, rest)] : hasCode(below) ? this.inner(item.from, title, rest, below, []) : bulletsOf(item, title, rest, below);
      return { label: (title === '' ? `Solution ${block.items.indexOf(item) + 1}` : title).slice(0, 118), steps };
    });
    const why = [...(this.symptoms.length > 0 ? [this.seen, ...this.symptoms.map((each) => `- ${each}`)] : []), ...this.take()];
    this.symptoms.length = 0;
    this.target.push(step(block.from, 'Which of these is it', { kind: 'decide', ask: 'Which of these is it?', branches }, why));
  }

  private contacts(block: ListBlock): boolean {
    const found = block.items.map((item) => contactOf(textOf({ kind: 'list', ordered: false, start: null, items: [item], from: item.from, to: item.to }).slice(2)));
    if (found.every((each) => each === null)) return false;
    for (const [index, each] of found.entries()) {
      if (each === null) this.waiting.push(block.items[index]?.blocks.map(textOf).join('\n') ?? '');
      else this.made.contacts.push(each);
    }
    return true;
  }

  /** @param isWhole whether what is left over has to find a place */
  finished(isWhole = true): DraftRunbook {
    const rest = this.take().filter((text) => text.trim() !== '');
    if (this.symptoms.length === 0 && this.part === 'symptoms') rest.push(this.seen);
    if (this.symptoms.length > 0) {
      const first = this.made.steps[0];
      const seen = [this.seen, ...this.symptoms.map((each) => `- ${each}`)];
      if (first === undefined) rest.unshift(...seen);
      else first.why.unshift(...seen);
      this.symptoms.length = 0;
    }
    if (rest.length > 0) {
      const last = this.made.steps.at(-1);
      if (!isWhole && last !== undefined) last.why.push(...rest);
      else this.made.steps.push(step(last?.line ?? 1, this.label === '' ? 'Read' : this.label, { kind: 'note', text: rest.join('\n') }));
    }
    return this.made;
  }
}

function bulletsOf(item: ListItem, title: string, rest: string, below: readonly Block[]): DraftStep[] {
  const [list] = below.filter((block): block is ListBlock => block.kind === 'list');
  if (list === undefined || below.length > 1 || rest !== '') return [manual(item.from, title, [rest, ...below.map(textOf)].filter((text) => text !== '').join('\n'))];
  return list.items.map((each, index) => manual(each.from, textOf(each.blocks[0] ?? { kind: 'line', from: each.from, to: each.to }), each.blocks.map(textOf).join('\n'), index === 0 ? [title] : []));
}

/** "primary: a@b.example", with a number or an address; null where there is neither. */
export function contactOf(text: string): DraftContact | null {
  const line = plain(text);
  const [email = null] = mailsIn(line);
  const phone = phonesIn(line).find(({ number }) => number !== null)?.number ?? null;
  if (email === null && phone === null) return null;
  const role = (leadOf(line)?.lead ?? '').trim();
  return { role: role === '' ? (email ?? 'contact') : role, email, phone };
}

/** What an item says first, as it was written. */
export function firstText(item: ListItem): string {
  const [first] = item.blocks;
  return first?.kind === 'paragraph' ? first.text : first === undefined || first.kind === 'list' ? '' : textOf(first);
}

/** Whether most lines of a list say what to do. */
export function mostlyTasks(block: ListBlock): boolean {
  const tasks = block.items.filter((item) => {
    const [first] = item.blocks;
    return first?.kind === 'paragraph' && isTask(plain(first.text)) && !/^\s*(?:\*\*|__)/.test(first.text);
  });
  return block.items.length > 1 && tasks.length * 3 >= block.items.length * 2;
}

/** Whether blocks hold something that is done: commands, statements, numbered lines, boxes, or a list of tasks. */
export function holdsWork(blocks: readonly Block[]): boolean {
  return blocks.some((block) => {
    if (block.kind === 'code') return useOf(block) === 'shell' || useOf(block) === 'sql';
    if (block.kind === 'quote') return holdsWork(block.blocks);
    if (block.kind !== 'list') return false;
    return block.ordered || block.items.some(({ checked }) => checked !== null) || mostlyTasks(block) || block.items.some((item) => item.blocks.some((each) => each.kind === 'code' && holdsWork([each])));
  });
}

export function procedureOf(blocks: readonly Block[]): DraftRunbook {
  const procedure = new Procedure();
  procedure.read(blocks);
  return procedure.finished();
}
