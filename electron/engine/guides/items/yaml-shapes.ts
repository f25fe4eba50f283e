/** Blocks of YAML that say something a system consists of: runbooks, schedules, levels of support, rules of alerts. */
import { LineCounter, isMap, isScalar, isSeq, parseDocument, type Node } from 'yaml';
import { titleOf } from '#shared/domain/guide/plain.ts';
import { durationIn, durationsIn } from '#shared/domain/guide/values.ts';
import { oftenOf } from '#shared/domain/guide/words.ts';
import type { CodeBlock } from '../blocks.ts';
import { contactOf } from '../draft/procedure.ts';
import { shellSteps } from '../draft/shell.ts';
import { looksLikeSql, sqlSteps } from '../draft/sql.ts';
import { step, type DraftContact, type DraftRunbook, type DraftStep } from '../draft/step.ts';
import { writeRunbook } from '../draft/write.ts';
import type { Section } from '../sections.ts';
import { addEntry } from './calendar.ts';
import type { Collection } from './made.ts';
import { addContact, type Tiers } from './people.ts';
import type { Limits } from './severities.ts';

export interface Recognisers {
  collection: Collection;
  tiers: Tiers;
  limits: Limits;
}

/** A node with the lines of the guide on which it stands. */
interface Placed {
  node: Node | null;
  from: number;
  to: number;
}

class Tree {
  private readonly counter: LineCounter;
  private readonly block: CodeBlock;

  constructor(counter: LineCounter, block: CodeBlock) {
    this.counter = counter;
    this.block = block;
  }

  place(node: Node | null | undefined, key?: Node | null): Placed {
    const line = (offset: number): number => this.block.codeFrom + Math.max(0, this.counter.linePos(offset).line - 1);
    const [start, end] = node?.range ?? [0, 0];
    const from = line(key?.range?.[0] ?? start);
    // What ends with a line ends on it, and not on the next.
    return { node: node ?? null, from, to: Math.min(this.block.to, Math.max(from, line(Math.max(start, end - 1)))) };
  }

  entries(node: Node | null): [string, Placed][] {
    return isMap(node) ? node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : '', this.place(pair.value as Node | null, pair.key as Node)]) : [];
  }

  get(node: Node | null, ...names: string[]): Placed | null {
    return this.entries(node).find(([key]) => names.includes(key.toLowerCase().replaceAll('-', '_')))?.[1] ?? null;
  }

  /** Items of a list, or values of a map whose keys are only numbers or names. */
  items(node: Node | null): Placed[] {
    if (isSeq(node)) return node.items.map((item) => this.place(item as Node));
    return this.entries(node).map(([, value]) => value);
  }

  text(node: Node | null | undefined): string {
    const value: unknown = isScalar(node) ? node.value : null;
    return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
  }

  texts(node: Node | null): { text: string; line: number }[] {
    if (isScalar(node)) return [{ text: this.text(node), line: this.place(node).from }];
    if (isMap(node)) return this.entries(node).map(([key, value]) => ({ text: isScalar(value.node) ? `${key}: ${this.text(value.node)}` : `${key}: ${JSON.stringify(value.node?.toJSON())}`, line: value.from }));
    return isSeq(node) ? node.items.map((item) => ({ text: isScalar(item) ? this.text(item) : isMap(item) ? JSON.stringify(item.toJSON()) : '', line: this.place(item as Node).from })) : [];
  }
}

const commandSteps = (text: string, line: number, why: readonly string[]): DraftStep[] => (looksLikeSql(text) ? sqlSteps({ comments: [], code: text, at: 0 }, line, '', why) : shellSteps(text, line, { fallback: '', why, isConsole: false }));

/** `steps:` as a list or by number; each a text, or with a name, commands, and what has to be true then. */
function stepsOf(tree: Tree, node: Node | null): DraftStep[] {
  return tree.items(node).flatMap(({ node: one, from }): DraftStep[] => {
    if (isScalar(one)) return [step(from, tree.text(one), { kind: 'manual', text: tree.text(one) })];
    const name = tree.text(tree.get(one, 'name', 'title', 'step', 'id')?.node);
    const about = tree.text(tree.get(one, 'description', 'why', 'note')?.node);
    const known = new Set(['name', 'title', 'step', 'id', 'description', 'why', 'note', 'commands', 'command', 'run', 'validation', 'validations', 'verify', 'expected', 'checks']);
    const rest = tree.entries(one).filter(([key]) => !known.has(key.toLowerCase())).flatMap(([key, value]) => tree.texts(value.node).map(({ text }) => `${key}: ${text}`));
    const why = [name, about, ...rest].filter((each) => each !== '');
    const commands = tree.texts(tree.get(one, 'commands', 'command', 'run')?.node ?? null);
    const checks = tree.texts(tree.get(one, 'validation', 'validations', 'verify', 'expected', 'checks')?.node ?? null);
    const steps = [...commands.flatMap(({ text, line }, index) => commandSteps(text, line, index === 0 ? why : [])), ...checks.map(({ text, line }, index) => step(line, text, { kind: 'manual', text }, commands.length === 0 && index === 0 ? why : name === '' ? [] : [name]))];
    return steps.length === 0 ? [step(from, name === '' ? 'Step' : name, { kind: 'manual', text: [about, ...rest].filter((each) => each !== '').join('\n') })] : steps;
  });
}

function contactsOf(tree: Tree, node: Node | null): DraftContact[] {
  return tree.texts(node).flatMap(({ text }) => contactOf(text) ?? []);
}

function addRunbook({ collection }: Recognisers, section: Section, title: string, from: number, to: number, draft: DraftRunbook): void {
  collection.runbook(title, section, [{ from, to }], (id, lines) => writeRunbook(draft, { id, title, tags: [...section.path, section.title].slice(-3), source: { file: collection.around.fileName, lines, sha256: collection.around.sha256 } }));
}

function runbookShape(recognisers: Recognisers, section: Section, block: CodeBlock, tree: Tree, node: Node | null): boolean {
  const name = tree.text(tree.get(node, 'name', 'title')?.node) || section.title;
  const empty = (): DraftRunbook => ({ prerequisites: [], steps: [], rollback: null, contacts: [], summary: [] });
  const known = new Set(['name', 'title', 'prerequisites', 'steps', 'rollback', 'contacts', 'emergency_contacts', 'scenarios', 'validation_queries']);
  const about = tree.entries(node).filter(([key]) => !known.has(key.toLowerCase())).flatMap(([key, value]) => tree.texts(value.node).map(({ text }) => `${key}: ${text}`));
  const prerequisites = tree.texts(tree.get(node, 'prerequisites')?.node ?? null).map(({ text, line }) => step(line, text, { kind: 'manual', text }));
  const back = tree.get(node, 'rollback');
  const contacts = [...contactsOf(tree, tree.get(node, 'contacts', 'emergency_contacts')?.node ?? null)];
  const contactsAt = tree.get(node, 'contacts', 'emergency_contacts');
  if (contactsAt !== null) for (const { text, line } of tree.texts(contactsAt.node)) addContact(recognisers.collection, section, { title: contactOf(text)?.role ?? text, about: [name], text, line, lines: [{ from: line, to: line }] });
  const scenarios = tree.entries(tree.get(node, 'scenarios')?.node ?? null);
  const queries = tree.texts(tree.get(node, 'validation_queries')?.node ?? null);
  const checks = queries.flatMap(({ text, line }) => commandSteps(text, line, ['Afterwards, to see whether the data is whole.']));
  const steps = tree.get(node, 'steps');
  for (const [index, [key, scenario]] of scenarios.entries()) {
    const draft = { ...empty(), prerequisites, contacts, summary: [tree.text(tree.get(scenario.node, 'description')?.node), ...about] };
    draft.steps.push(...stepsOf(tree, tree.get(scenario.node, 'steps')?.node ?? scenario.node), ...checks);
    addRunbook(recognisers, section, `${name}: ${titleOf(key.replaceAll('_', ' '))}`, index === 0 ? block.from : scenario.from, scenario.to, draft);
  }
  if (queries.length > 0) addRunbook(recognisers, section, `${name}: validation queries`, queries[0]?.line ?? block.from, queries.at(-1)?.line ?? block.to, { ...empty(), steps: queries.flatMap(({ text, line }) => commandSteps(text, line, [])) });
  if (steps !== null) {
    const draft: DraftRunbook = { ...empty(), prerequisites, contacts, summary: about, steps: stepsOf(tree, steps.node) };
    if (back !== null) {
      const inside = tree.get(back.node, 'steps');
      draft.rollback = { trigger: tree.text(tree.get(back.node, 'trigger', 'when')?.node) || null, steps: stepsOf(tree, inside?.node ?? (isSeq(back.node) ? back.node : null)) };
      if (draft.rollback.steps.length === 0) draft.rollback = null;
    }
    addRunbook(recognisers, section, name, block.from, block.to, draft);
  }
  return steps !== null || scenarios.length > 0;
}

function scheduleShape({ collection }: Recognisers, section: Section, tree: Tree, node: Node | null): boolean {
  let found = false;
  for (const [often, list] of tree.entries(node)) {
    for (const { node: one, from, to } of isSeq(list.node) ? tree.items(list.node) : [list]) {
      const when = tree.text(tree.get(one, 'time', 'when', 'at', 'schedule', 'cron', 'day')?.node);
      const tasks = tree.texts(tree.get(one, 'tasks', 'task', 'actions', 'jobs')?.node ?? (isSeq(one) ? one : null)).map(({ text }) => text);
      const title = tree.text(tree.get(one, 'name', 'title')?.node) || `${titleOf(often.replaceAll('_', ' '))[0]?.toUpperCase() ?? ''}${titleOf(often.replaceAll('_', ' ')).slice(1)} maintenance`;
      const duration = tree.text(tree.get(one, 'duration')?.node);
      const made = addEntry(collection, section, { title, when, often: oftenOf(often.replaceAll('_', ' ')), line: from, lines: [{ from, to }], tasks: tasks.length > 0 ? tasks : isScalar(one) ? [tree.text(one)] : [], durationMs: duration === '' ? null : durationIn(duration), text: when });
      found ||= made !== null;
    }
  }
  return found;
}

function tiersShape({ tiers }: Recognisers, section: Section, tree: Tree, node: Node | null): boolean {
  const entries = tree.entries(node).filter(([, value]) => isMap(value.node));
  for (const [key, { node: one, from, to }] of entries) {
    const name = tree.text(tree.get(one, 'name', 'title')?.node);
    const parts = tree.entries(one).filter(([field]) => field !== 'name' && field !== 'title').flatMap(([field, value]) => tree.texts(value.node).map(({ text, line }) => ({ label: field.replaceAll('_', ' '), text, line })));
    tiers.add(section, section.title, { title: name === '' ? titleOf(key.replaceAll('_', ' ')) : name, lines: [{ from, to }], parts });
  }
  return entries.length > 0;
}

function alertShape({ limits }: Recognisers, section: Section, tree: Tree, groups: Node | null): boolean {
  let found = false;
  for (const group of tree.items(groups)) {
    for (const { node: rule, from, to } of tree.items(tree.get(group.node, 'rules')?.node ?? null)) {
      const name = tree.text(tree.get(rule, 'alert')?.node);
      if (name === '') continue;
      found = true;
      const expression = tree.text(tree.get(rule, 'expr')?.node);
      const last = /(>=?|<=?|==)\s*(\d+(?:\.\d+)?)\s*$/.exec(expression.trim());
      const severity = tree.text(tree.get(tree.get(rule, 'labels')?.node ?? null, 'severity', 'level', 'priority')?.node);
      const notes = [expression, ...tree.texts(tree.get(rule, 'annotations')?.node ?? null).map(({ text }) => text)];
      const isRatio = /\/|ratio|percent/i.test(expression) && Number(last?.[2] ?? 0) <= 1 && last?.[1] !== '==';
      const value = last === null ? null : { value: isRatio ? Math.round(Number(last[2]) * 10_000) / 100 : Number(last[2]), line: from, words: expression };
      const isCritical = /crit|page|p1|high/i.test(severity);
      limits.add(section, { title: titleOf(name), unit: isRatio ? 'percent' : 'count', lowerIsWorse: last?.[1]?.startsWith('<') ?? false, ...(isCritical ? { critical: value } : { warn: value }), forMs: durationsIn(tree.text(tree.get(rule, 'for')?.node))[0]?.ms ?? null, note: notes.join('\n'), lines: [{ from, to }] });
    }
  }
  return found;
}

function receiverShape({ collection }: Recognisers, section: Section, tree: Tree, node: Node | null): boolean {
  const route = tree.get(node, 'route');
  const receivers = tree.get(node, 'receivers');
  if (route === null || receivers === null) return false;
  const routed = new Map<string, string>();
  const walk = (at: Node | null): void => {
    const receiver = tree.text(tree.get(at, 'receiver')?.node);
    const matched = tree.get(at, 'match', 'matchers', 'match_re');
    if (receiver !== '') routed.set(receiver, matched === null ? 'What nothing else takes' : tree.texts(matched.node).map(({ text }) => text).join(', '));
    for (const inner of tree.items(tree.get(at, 'routes')?.node ?? null)) walk(inner.node);
  };
  walk(route.node);
  for (const { node: receiver, from, to } of tree.items(receivers.node)) {
    const name = tree.text(tree.get(receiver, 'name')?.node);
    const facts = tree.entries(receiver).filter(([key]) => key.endsWith('_configs')).flatMap(([key, list]) => tree.items(list.node).map((each) => `${key.replace('_configs', '')} ${tree.text(tree.get(each.node, 'to', 'channel')?.node)}`.trim()));
    collection.fields('channel', name === '' ? 'Receiver' : name, section, [{ from, to }], { address: facts.join(', ').slice(0, 490), used_for: [routed.get(name) ?? ''].filter((each) => each !== '') });
  }
  return true;
}

/** @returns whether the block is a shape that is known. Its items may not cover all of it. */
export function addYamlShapes(recognisers: Recognisers, section: Section, block: CodeBlock): boolean {
  if (!['yaml', 'yml', ''].includes(block.language) || block.code.length > 400_000) return false;
  if (!/^\s*(?:[\w-]*runbook[\w-]*|[\w-]*schedule[\w-]*|[\w-]*tiers|[\w-]*levels|groups|route|steps)\s*:/m.test(block.code)) return false;
  const counter = new LineCounter();
  const document = parseDocument(block.code, { lineCounter: counter, strict: false, uniqueKeys: false, logLevel: 'silent' });
  if (document.errors.length > 0 || !isMap(document.contents)) return false;
  const tree = new Tree(counter, block);
  const root = document.contents as Node;
  let found = false;
  for (const [key, { node }] of tree.entries(root)) {
    const name = key.toLowerCase();
    if (name.includes('runbook') && isMap(node)) found = runbookShape(recognisers, section, block, tree, node) || found;
    else if (name.includes('schedule')) found = scheduleShape(recognisers, section, tree, node) || found;
    else if (/(?:tiers|support_levels|levels)$/.test(name)) found = tiersShape(recognisers, section, tree, node) || found;
    else if (name === 'groups') found = alertShape(recognisers, section, tree, node) || found;
  }
  if (!found && tree.get(root, 'steps') !== null && tree.get(root, 'name', 'title') !== null) found = runbookShape(recognisers, section, block, tree, root);
  return receiverShape(recognisers, section, tree, root) || found;
}
