/** Severities, limits and the like, each once: what is said of the same thing in two places is told where it differs. */
import type { LineSpan } from '#shared/contract/guides.ts';
import { folded, slug } from '#shared/domain/guide/plain.ts';
import { writtenDuration } from '#shared/domain/guide/values.ts';
import type { Section } from '../sections.ts';
import { joined, type Collection, type MadeItem, type Remark } from './made.ts';

const ranks: readonly [RegExp, string, number, 'critical' | 'warn' | 'info'][] = [
  [/\b(?:p1|sev ?-?1|s1|prio(?:ritat)? ?1|critical|crit|kritisch\w*|critique|critic[oa]|kritiek|krytyczn\w*|blocker|urgent|notfall)\b/, 'critical', 1, 'critical'],
  [/\b(?:p2|sev ?-?2|s2|prio(?:ritat)? ?2|high|hoch|hohe?|haute?|eleve|alt[oa]|hoog|wysok\w*|major)\b/, 'high', 2, 'warn'],
  [/\b(?:p3|sev ?-?3|s3|prio(?:ritat)? ?3|medium|moderate|normal|mittel|mittlere?|moyenne?|medi[oa]|gemiddeld|sredni\w*|minor)\b/, 'medium', 3, 'info'],
  [/\b(?:p4|sev ?-?4|s4|prio(?:ritat)? ?4|low|niedrig\w*|gering\w*|basse?|faible|baj[oa]|bass[oa]|baix[oa]|laag|nisk\w*|trivial)\b/, 'low', 4, 'info'],
];

/** Which severity a name means; null: none that is known. */
export function severityOf(text: string): { key: string; rank: number; tone: 'critical' | 'warn' | 'info' } | null {
  const words = folded(text);
  const found = ranks.find(([pattern]) => pattern.test(words));
  return found === undefined ? null : { key: found[1], rank: found[2], tone: found[3] };
}

export type ClockName = 'acknowledge' | 'respond' | 'update' | 'escalate' | 'resolve';
export const clockWords: Readonly<Record<ClockName, string>> = { acknowledge: 'acknowledged', respond: 'answered', update: 'told about', escalate: 'passed on', resolve: 'resolved' };

/** A time within which something is done for a severity, by a sentence. */
export interface SaidClock {
  key: string;
  clock: ClockName;
  ms: number;
  line: number;
}

interface Known {
  item: MadeItem;
  title: string;
  rank: number;
  tone: string;
  examples: string[];
  clocks: Partial<Record<ClockName, { ms: number; line: number }>>;
  notes: string[];
}

const contradiction = (line: number, message: string, edit: Remark['edit']): Remark => ({ rule: 'contradiction', class: 'contradiction', line, message, explanation: 'The guide says two things of the same. Only people know which of them holds.', fix: 'Keep what is written, or write the other figure.', edit });

/** All severities of a guide, by what they mean. */
export class Severities {
  private readonly known = new Map<string, Known>();
  private readonly promises: { tier: MadeItem; responds: ReadonlyMap<string, { ms: number; line: number }> }[] = [];
  private readonly collection: Collection;

  constructor(collection: Collection) {
    this.collection = collection;
  }

  /** @param found what is said of it here; `line` of each clock is where it stands */
  add(section: Section, found: { title: string; examples?: readonly string[]; clocks: Partial<Record<ClockName, { ms: number; line: number }>>; note?: string; lines: readonly LineSpan[]; remarks?: readonly Remark[] }): void {
    const meant = severityOf(found.title);
    const key = meant?.key ?? (slug(found.title, 40) || 'severity');
    let known = this.known.get(key);
    if (known === undefined) {
      const taken = new Set([...this.known.values()].map(({ rank }) => rank));
      let rank = meant?.rank ?? 1;
      while (taken.has(rank) && rank < 9) rank += 1;
      known = { item: this.collection.fields('severity', found.title, section, found.lines, {}, [], this.collection.keyFor('severity', key)), title: found.title, rank, tone: meant?.tone ?? 'info', examples: [], clocks: {}, notes: [] };
      this.known.set(key, known);
    } else known.item.lines = joined([...known.item.lines, ...found.lines]);
    // What is told of it here was missing before.
    if (found.remarks === undefined) known.item.remarks = known.item.remarks.filter(({ rule }) => rule !== 'severity');
    known.item.remarks.push(...(found.remarks ?? []));
    const { examples } = known;
    examples.push(...(found.examples ?? []).filter((each) => !examples.includes(each)));
    if (found.note !== undefined && found.note !== '') known.notes.push(found.note);
    for (const [name, clock] of Object.entries(found.clocks) as [ClockName, { ms: number; line: number }][]) {
      const before = known.clocks[name];
      if (before === undefined) known.clocks[name] = clock;
      else if (before.ms !== clock.ms) {
        known.item.remarks.push(contradiction(clock.line, `"${known.title}" is to be ${clockWords[name]} within ${writtenDuration(before.ms)} by line ${before.line}, and within ${writtenDuration(clock.ms)} by line ${clock.line}. ${writtenDuration(before.ms)} is written.`, { title: `Write ${writtenDuration(clock.ms)}`, find: `${name}: ${writtenDuration(before.ms)}`, replace: `${name}: ${writtenDuration(clock.ms)}` }));
      }
    }
  }

  private write({ item, title, rank, tone, examples, clocks, notes }: Known): void {
    item.text = this.collection.fieldsText(title, item.lines, { rank, tone, examples: examples.map((each) => each.slice(0, 490)).slice(0, 40), clocks: Object.fromEntries(Object.entries(clocks).map(([name, { ms }]) => [name, writtenDuration(ms)])), text: notes.join('\n') });
  }

  /** What a level of support promises for a severity. */
  promise(tier: MadeItem, responds: ReadonlyMap<string, { ms: number; line: number }>): void {
    this.promises.push({ tier, responds });
  }

  /** What a sentence says of a clock, once all lists and tables were read. */
  compare({ key, clock, ms, line }: SaidClock): void {
    const known = this.known.get(key);
    const before = known?.clocks[clock];
    if (known === undefined || before === undefined || before.ms === ms || before.line === line) return;
    known.item.remarks.push(contradiction(before.line, `"${known.title}" is to be ${clockWords[clock]} within ${writtenDuration(before.ms)} by line ${before.line}, and within ${writtenDuration(ms)} by line ${line}. ${writtenDuration(before.ms)} is written.`, { title: `Write ${writtenDuration(ms)}`, find: `${clock}: ${writtenDuration(before.ms)}`, replace: `${clock}: ${writtenDuration(ms)}` }));
  }

  /** Once all of the guide was read: what the only level that promises something says, against what is said of severities. Several levels differ on purpose. */
  settle(): void {
    for (const known of this.known.values()) this.write(known);
    const [only, ...others] = this.promises;
    if (only === undefined || others.length > 0) return;
    const { tier, responds } = only;
    for (const [key, { ms, line }] of responds) {
      const known = this.known.get(key);
      const respond = known?.clocks.respond;
      if (known === undefined || respond === undefined || respond.ms === ms) continue;
      known.item.remarks.push(contradiction(respond.line, `"${known.title}" is to be answered within ${writtenDuration(respond.ms)} by line ${respond.line}, and within ${writtenDuration(ms)} by line ${line} (${tier.title}). ${writtenDuration(respond.ms)} is written.`, { title: `Write ${writtenDuration(ms)}`, find: `respond: ${writtenDuration(respond.ms)}`, replace: `respond: ${writtenDuration(ms)}` }));
    }
  }

  /** A severity that is named and of which nothing is known gets its place, so that what refers to it finds it. */
  need(section: Section, key: string, line: number): void {
    if (this.known.has(key)) return;
    this.add(section, { title: key[0]?.toUpperCase() + key.slice(1), clocks: {}, lines: [{ from: line, to: line }], remarks: [{ rule: 'severity', class: 'unsure', line, message: `The severity "${key}" is named here, and the guide says nothing else of it.`, explanation: '', fix: 'Write what is of this severity, and its clocks.', edit: null }] });
  }
}

const checks: readonly [RegExp, string][] = [
  [/\bcpu\b|\bprocessor\b|\bprozessor\b/, 'cpu'],
  [/\bmemory\b|\bram\b|arbeitsspeicher|\bmemoire\b|\bmemoria\b/, 'memory'],
  [/\bdisk\b|\bfestplatte\b|plattenplatz|speicherplatz|\bdisque\b|\bdisco\b|\bstorage\b|file ?system/, 'disk'],
  [/\bswap\b/, 'swap'],
  [/replication lag|replikationsverzug|replication delay/, 'replication-lag'],
  [/connection|verbindung|connexion|conexion|connession/, 'connections'],
  [/dead tuple/, 'dead-tuples'],
  [/cache hit/, 'cache-hit'],
];

const figure = (value: number, unit: string): string => (unit === 'percent' ? `${value} %` : `${value} ${unit}`);

interface Limit {
  value: number;
  line: number;
  words: string;
}

interface KnownLimit {
  item: MadeItem;
  title: string;
  unit: string;
  lowerIsWorse: boolean;
  warn: Limit | null;
  critical: Limit | null;
  forMs: number | null;
  notes: string[];
}

const wordsIn = (title: string): Set<string> => new Set(folded(title).match(/[a-z]{3,}/g)?.filter((word) => !['the', 'for', 'usage', 'used', 'high', 'nearly'].includes(word)) ?? []);
const same = (one: Set<string>, other: Set<string>): boolean => one.size > 0 && other.size > 0 && ([...one].every((word) => other.has(word)) || [...other].every((word) => one.has(word)));

/** All limits of a guide, by what they are of. */
export class Limits {
  private readonly known: KnownLimit[] = [];
  /** One check goes by one limit: the first that is found. */
  private readonly driven = new Map<string, MadeItem>();
  private readonly collection: Collection;

  constructor(collection: Collection) {
    this.collection = collection;
  }

  /** @param found `merge`: whether it is of the same table or list as one of that name, so that both are one item */
  add(section: Section, found: { title: string; unit: string; lowerIsWorse?: boolean; warn?: Limit | null; critical?: Limit | null; forMs?: number | null; note?: string; lines: readonly LineSpan[]; remarks?: readonly Remark[]; merge?: boolean }): void {
    const title = found.title.replaceAll(/([a-z])([A-Z])/g, '$1 $2');
    const words = wordsIn(title);
    const alike = this.known.filter((each) => each.unit === found.unit && same(wordsIn(each.title), words));
    for (const level of ['warn', 'critical'] as const) {
      const limit = found[level] ?? null;
      const other = alike.find((each) => each[level] !== null && each[level]?.value !== limit?.value && limit !== null && (found.merge !== true || each.title === title));
      const before = other?.[level] ?? null;
      if (limit !== null && other !== undefined && before !== null) other.item.remarks.push(contradiction(limit.line, `${other.title} is ${level === 'warn' ? 'a warning' : 'critical'} from ${figure(before.value, other.unit)} on by line ${before.line}, and from ${figure(limit.value, other.unit)} on by line ${limit.line}. ${figure(before.value, other.unit)} is written.`, { title: `Write ${limit.value}`, find: `${level}: ${before.value}`, replace: `${level}: ${limit.value}` }));
    }
    const merged = found.merge === true ? alike.find((each) => each.title === title) : undefined;
    if (merged !== undefined) {
      merged.warn ??= found.warn ?? null;
      merged.critical ??= found.critical ?? null;
      if (found.note !== undefined && found.note !== '' && !merged.notes.includes(found.note)) merged.notes.push(found.note);
      merged.item.lines = joined([...merged.item.lines, ...found.lines]);
      merged.item.remarks.push(...(found.remarks ?? []));
      return;
    }
    const item = this.collection.fields('threshold', title, section, found.lines, {}, found.remarks);
    const known: KnownLimit = { item, title, unit: found.unit, lowerIsWorse: found.lowerIsWorse ?? false, warn: found.warn ?? null, critical: found.critical ?? null, forMs: found.forMs ?? null, notes: found.note === undefined || found.note === '' ? [] : [found.note] };
    this.known.push(known);
  }

  /** Once all of the guide was read. */
  settle(): void {
    for (const known of this.known) this.write(known);
  }

  private write({ item, title, unit, lowerIsWorse, warn, critical, forMs, notes }: KnownLimit): void {
    const check = unit === 'percent' || unit === 'seconds' ? (checks.find(([pattern]) => pattern.test(folded(title)))?.[1] ?? null) : null;
    const fits = check !== null && lowerIsWorse === (check === 'cache-hit') && (unit === 'percent') === (check !== 'replication-lag') && (this.driven.get(check) ?? item) === item;
    if (fits) this.driven.set(check, item);
    item.text = this.collection.fieldsText(title, item.lines, {
      drives: fits ? { check } : { people: true },
      warn: warn?.value ?? null,
      critical: critical?.value ?? null,
      unit,
      ...(lowerIsWorse ? { lower_is_worse: true } : {}),
      for: forMs === null ? null : writtenDuration(forMs),
      text: notes.join('\n'),
    });
  }
}
