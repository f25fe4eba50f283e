/** Lists of a guide by what their heading is about: schedules, severities, levels, roles, channels, contacts, limits. */
import { announced, folded, leadOf, plain, titleOf } from '#shared/domain/guide/plain.ts';
import { recurrenceIn } from '#shared/domain/guide/recurrence.ts';
import { durationIn, durationsIn, limitsIn, mailsIn, phonesIn, urlsIn } from '#shared/domain/guide/values.ts';
import { columnWords, oftenOf, topicsOf, type Topic } from '#shared/domain/guide/words.ts';
import type { Block, ListBlock, ListItem } from '../blocks.ts';
import { firstText, textOf } from '../draft/procedure.ts';
import type { Section } from '../sections.ts';
import { addEntry, budgetIn } from './calendar.ts';
import type { Collection } from './made.ts';
import { addChannels, addContacts, type Roles, type Tiers } from './people.ts';
import { severityOf, type ClockName, type Limits, type Severities } from './severities.ts';

export interface ListReaders {
  collection: Collection;
  severities: Severities;
  limits: Limits;
  roles: Roles;
  tiers: Tiers;
}

const wholeText = (item: ListItem): string => item.blocks.map(textOf).join('\n');
const nestedOf = (item: ListItem): { text: string; line: number }[] => item.blocks.slice(item.blocks[0]?.kind === 'list' ? 0 : 1).flatMap((block) => (block.kind === 'list' ? block.items.map((each) => ({ text: wholeText(each), line: each.from })) : [{ text: textOf(block), line: block.from }])).filter(({ text }) => text !== '');
const finds = (text: string, words: readonly string[]): boolean => words.some((word) => folded(text).includes(word));

/** Lines as tasks: what is nested stands behind the line that it hangs below. */
const tasksOf = (list: ListBlock): string[] => list.items.flatMap((item) => {
  const head = plain(firstText(item)).replaceAll('\n', ' ');
  const nested = nestedOf(item);
  return nested.length === 0 ? [head] : nested.map(({ text }) => `${titleOf(head)}: ${text.replaceAll('\n', ' ')}`);
});

function addWindow({ collection }: ListReaders, section: Section, list: ListBlock): boolean {
  const facts = list.items.map((item) => ({ item, said: leadOf(firstText(item)) }));
  const of = (words: readonly string[]): { item: ListItem; rest: string } | null => {
    const found = facts.find(({ said }) => said !== null && finds(said.lead, words));
    return found?.said === null || found === undefined ? null : { item: found.item, rest: plain(found.said.rest) };
  };
  const frequency = of(columnWords.frequency);
  const time = of(['time', 'zeit', 'heure', 'hora', 'orario', 'tijd', 'godzin', 'window', 'start']);
  if (frequency === null || time === null) return false;
  const often = oftenOf(frequency.rest);
  if (often === null) return false;
  const recurrence = recurrenceIn(time.rest, often);
  if (recurrence === null) return false;
  const notice = of(['notif', 'notice', 'announce', 'ankundigung', 'vorlauf', 'preavis', 'aviso', 'preavviso', 'aankondiging']);
  const duration = of(columnWords.duration);
  return addEntry(collection, section, { title: section.title, when: time.rest, recurrence, line: time.item.from, lines: [{ from: list.from, to: list.to }], tasks: [section.title], durationMs: duration === null ? null : durationIn(duration.rest), noticeMs: notice === null ? null : durationIn(notice.rest), text: list.items.map(wholeText).join('\n') }) !== null;
}

/** "Critical (P1)" with what is of it nested, or "Critical issues: 4 hours". */
function addSeverities({ severities }: ListReaders, section: Section, list: ListBlock): boolean {
  const found = list.items.map((item) => {
    const text = plain(firstText(item)).replaceAll('\n', ' ');
    const said = leadOf(firstText(item));
    const nested = nestedOf(item);
    return { item, title: said?.lead ?? titleOf(text), rest: plain(said?.rest ?? ''), severity: severityOf(said?.lead ?? text), nested };
  });
  if (found.length < 2 || found.some(({ severity }) => severity === null)) return false;
  if (!found.some(({ rest, nested }) => durationIn(rest) !== null || nested.some(({ text }) => durationsIn(text).length > 0))) return false;
  for (const { item, title, rest, nested } of found) {
    const clocks: Partial<Record<ClockName, { ms: number; line: number }>> = {};
    const examples: string[] = [];
    const own = durationIn(rest);
    if (own !== null) clocks.respond = { ms: own, line: item.from };
    else if (rest !== '') examples.push(rest);
    for (const { text, line } of nested) {
      const said = leadOf(text);
      const ms = said === null ? null : durationIn(said.rest);
      const clock = said === null ? undefined : (['acknowledge', 'respond', 'update', 'escalate', 'resolve'] as const).find((name) => finds(said.lead, columnWords[name]));
      if (ms !== null && clock !== undefined) clocks[clock] = { ms, line };
      else examples.push(text.replaceAll('\n', ' '));
    }
    severities.add(section, { title, examples, clocks, lines: [item], ...(own === null ? {} : { note: `${title}: ${rest}` }) });
  }
  return true;
}

/** "**CPU**: > 80 %". Lines without a figure stand in a list of figures for people. */
function addLimits({ limits }: ListReaders, section: Section, list: ListBlock): boolean {
  const found = list.items.map((item) => {
    const text = plain(firstText(item)).replaceAll('\n', ' ');
    const said = leadOf(firstText(item));
    const rest = plain(said?.rest ?? text).replaceAll(/https?:\/\/\S+/g, '');
    const explicit = /[<>≤≥]|\b(?:above|over|below|under|more than|less than|at least|target|uptime|uber|unter|mindestens|hochstens|maximal|plus de|moins de)\b/i.test(folded(rest)) || topicsOf(said?.lead ?? '').has('thresholds');
    return { item, text, title: said?.lead ?? titleOf(text), limit: explicit ? limitsIn(rest)[0] : undefined };
  });
  if (!found.some(({ limit }) => limit !== undefined)) return false;
  for (const { item, text, title, limit } of found) {
    const name = /^(?:target|alert threshold|threshold|limit|ziel|goal|objective|measurement)$/i.test(title) ? `${section.title}: ${title}` : title;
    limits.add(section, { title: name, unit: limit?.unit ?? 'figure', lowerIsWorse: limit?.lowerIsWorse ?? false, warn: limit === undefined ? null : { value: limit.value, line: item.from, words: text }, note: wholeText(item) === text ? text : wholeText(item), lines: [item] });
  }
  return true;
}

/** What alerts are, and within which time somebody looks: people go by them. */
function addAlerts({ limits }: ListReaders, section: Section, list: ListBlock): void {
  const within = durationIn(/\(([^)]*)\)/.exec(plain(section.heading))?.[1] ?? '');
  const each = list.items.map((item) => ({ item, text: wholeText(item), ms: durationsIn(leadOf(firstText(item))?.rest ?? '')[0]?.ms ?? null }));
  const timed = each.some(({ ms }) => ms !== null);
  for (const group of timed ? each.map((one) => [one]) : [each]) {
    const [first] = group;
    if (first === undefined) continue;
    const title = timed ? `${section.title}: ${leadOf(firstText(first.item))?.lead ?? titleOf(first.text)}` : section.title;
    const ms = timed ? first.ms : within;
    limits.add(section, { title, unit: 'alert', forMs: null, note: [...(timed ? [] : [plain(section.heading)]), ...group.map(({ text }) => text), ...(ms === null ? [] : [`Within ${Math.round(ms / 60_000)} minutes.`])].join('\n'), lines: timed ? [first.item] : [{ from: list.from, to: list.to }] });
  }
}

const onlyLinks = (list: ListBlock): boolean => list.items.every((item) => /^\s*(?:\*\*|__)?\[[^\]]+\]\([^)]*\)/.test(firstText(item)) && item.blocks.every((block) => block.kind === 'paragraph' || (block.kind === 'list' && onlyLinks(block))));

const hasBoxes = (list: ListBlock): boolean => list.items.some(({ checked }) => checked !== null);

/**
 * Makes items of a list, where its heading and its form say what it is.
 * @param label what was announced right above it
 */
export function addList(readers: ListReaders, section: Section, list: ListBlock, label: string): boolean {
  const { collection, tiers, roles } = readers;
  const topics = topicsOf(`${section.title} ${label}`);
  const around: ReadonlySet<Topic> = topicsOf([...section.path.slice(-2), section.title, label].join(' '));
  const text = list.items.map(wholeText).join('\n');
  if (onlyLinks(list)) {
    const isContents = topics.has('contents') || list.items.every((item) => /\]\(#/.test(firstText(item)));
    collection.page(isContents ? 'note' : 'card', label === '' ? section.title : label, section, [list], collection.raw([list]));
    return true;
  }
  if (addWindow(readers, section, list)) return true;
  const often = oftenOf(label) ?? oftenOf(section.title);
  const isTier = topicsOf(section.path.at(-1) ?? '').has('tiers');
  if ((topics.has('severity') || around.has('severity') || /response|reaktion/i.test(label)) && !isTier && addSeverities(readers, section, list)) return true;
  if (often !== null && !hasBoxes(list) && !finds(section.title, ['check up', 'backup check', 'alert']) && !topics.has('alerts')) {
    const made = addEntry(collection, section, { title: label !== '' && oftenOf(label) !== null ? `${section.title}: ${label}` : section.level > 2 && !topicsOf(section.title).has('schedule') && section.title.split(' ').length < 2 ? `${section.path.at(-1) ?? ''}: ${section.title}`.replace(/^: /, '') : section.title, when: label === '' ? section.heading : label, often, line: list.from, lines: [list], tasks: tasksOf(list), durationMs: budgetIn(section.heading) ?? budgetIn(label) });
    if (made !== null) return true;
  }
  if (addSchedules(readers, section, list, around)) return true;
  if (topics.has('tiers') && !list.items.every((item) => nestedOf(item).length === 0) && !tiers.isFull) {
    for (const item of list.items) tiers.addItem(section, item);
    return true;
  }
  if ((topics.has('contacts') || around.has('contacts')) && !list.ordered && addContacts(collection, section, list)) return true;
  if (topics.has('alerts') && !list.ordered && !(topics.has('channels') && (mailsIn(text).length > 0 || urlsIn(text).length > 0))) {
    if (!addLimits(readers, section, list)) addAlerts(readers, section, list);
    return true;
  }
  if (topics.has('channels') && list.items.every((item) => leadOf(firstText(item)) !== null)) {
    addChannels(collection, section, list);
    return true;
  }
  if (topics.has('roles') && list.items.every((item) => leadOf(firstText(item)) !== null || nestedOf(item).length > 0)) {
    roles.addList(section, list);
    return true;
  }
  if (!list.ordered && !hasBoxes(list) && addLimits(readers, section, list)) return true;
  if (/review channel|^channels?$/i.test(section.title) || (mailsIn(text).length + phonesIn(text).length > 0 && /alert/i.test(section.path.at(-1) ?? ''))) {
    addChannels(collection, section, list);
    return true;
  }
  return false;
}

/** Lines that each say when: "- Every Sunday 02:00 UTC: vacuum", "0 3 * * * /opt/backup.sh". */
function addSchedules({ collection }: ListReaders, section: Section, list: ListBlock, around: ReadonlySet<Topic>): boolean {
  const found = list.items.map((item) => {
    const text = plain(firstText(item)).replaceAll('\n', ' ');
    const said = leadOf(firstText(item));
    const inLead = said === null ? null : recurrenceIn(said.lead);
    const recurrence = inLead ?? recurrenceIn(text);
    return { item, text, recurrence, title: said === null ? titleOf(text) : inLead === null ? said.lead : titleOf(plain(said.rest)) };
  });
  // Below a heading that speaks of dates half of them are enough, elsewhere each line has to say when.
  const dated = found.filter(({ recurrence }) => recurrence !== null && recurrence.rrule !== null).length;
  if (around.has('schedule') ? dated * 2 < found.length || dated === 0 : dated < found.length || list.ordered || hasBoxes(list)) return false;
  for (const { item, text, recurrence, title } of found) {
    const made = recurrence === null ? null : addEntry(collection, section, { title: title === '' ? text : title, when: text, recurrence, line: item.from, lines: [item], tasks: [wholeText(item)], durationMs: budgetIn(text) });
    if (made === null) collection.page('card', title === '' ? section.title : title, section, [item], collection.raw([item]));
  }
  return true;
}

/** A section that is a level of support by itself, below a heading that says so. */
export function addTierSection({ tiers }: ListReaders, section: Section, blocks: readonly Block[]): boolean {
  const above = section.path.at(-1) ?? '';
  if (tiers.isFull || !topicsOf(above).has('tiers') || section.children.length > 0 || blocks.length === 0) return false;
  if (!blocks.every((block) => block.kind === 'paragraph' || (block.kind === 'list' && !block.ordered && !hasBoxes(block)))) return false;
  let label = '';
  const parts: { label: string; text: string; line: number }[] = [];
  for (const block of blocks) {
    if (block.kind === 'list') {
      for (const item of block.items) parts.push({ label, text: wholeText(item), line: item.from });
      label = '';
      continue;
    }
    const said = block.kind === 'paragraph' ? announced(block.text) : null;
    if (said !== null) label = said;
    else parts.push({ label: section.title, text: textOf(block), line: block.from });
  }
  tiers.add(section, above, { title: section.title, lines: blocks.map(({ from, to }) => ({ from, to })), parts: parts.map((part) => (part.label === section.title ? { ...part, label: '' } : part)) });
  return true;
}
