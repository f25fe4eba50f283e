/** People of a guide: who is turned to, who does what, by which ways they are told. */
import type { LineSpan } from '#shared/contract/guides.ts';
import { folded, leadOf, plain, slug, titleOf } from '#shared/domain/guide/plain.ts';
import { durationIn, writtenDuration, mailsIn, phonesIn, urlsIn } from '#shared/domain/guide/values.ts';
import { columnWords, partWords } from '#shared/domain/guide/words.ts';
import type { ListBlock, ListItem } from '../blocks.ts';
import { firstText, textOf } from '../draft/procedure.ts';
import type { Section } from '../sections.ts';
import { severityOf, type Severities } from './severities.ts';
import { joined, unsure, type Collection, type MadeItem, type Remark } from './made.ts';

const reservedHost = /(?:^|[@.])example\.(?:com|org|net)$/i;
/** As the shape of an address is checked where an item is kept. */
const isMail = (mail: string): boolean => /^[A-Za-z0-9_'+\-.]*[A-Za-z0-9_+-]@(?:[A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$/.test(mail) && !mail.includes('..');

export interface FoundContact {
  title: string;
  about: string[];
  text: string;
  line: number;
  lines: LineSpan[];
  afterMs?: number | null;
  outside?: boolean;
}

/** @returns null where the text has neither a mail, a number nor an address */
export function addContact(collection: Collection, section: Section, { title, about, text, line, lines, afterMs = null, outside = false }: FoundContact): MadeItem | null {
  const mails = mailsIn(text).filter(isMail);
  const phones = phonesIn(text);
  const urls = urlsIn(text).filter((url) => URL.canParse(url));
  const [email = null] = mails;
  const good = phones.find(({ number }) => number !== null)?.number ?? null;
  if (email === null && phones.length === 0 && urls.length === 0) return null;
  const remarks: Remark[] = [];
  for (const { text: written, number } of phones) {
    if (number !== null) continue;
    const letters = /[A-Z]{3,}$/.exec(written)?.[0] ?? '';
    remarks.push(unsure('phone', line, `"${written}" cannot be dialled: ${/X{3}/.test(written) ? 'it is a placeholder' : `it ends with ${letters.length} letters`}.${good === null ? ' No number is written.' : ` ${good} is written.`}`, { fix: 'Write the number in digits, or leave it out.' }));
  }
  if (email !== null && reservedHost.test(email)) remarks.push(unsure('mail', line, `${email} is an address that nobody can have.`, { fix: 'Write the address that is meant, or leave it out.' }));
  const others = [...mails.slice(1), ...phones.filter(({ number }) => number !== good).map(({ text: written }) => written)];
  return collection.fields('contact', title, section, lines, {
    about: [...about, ...(others.length > 0 ? [`Also: ${others.join(', ')}`] : [])].filter((each) => each !== '').join('. ').slice(0, 490),
    email,
    phone: good,
    url: urls[0] ?? null,
    after: afterMs === null ? null : writtenDuration(afterMs),
    ...(outside ? { outside: true } : {}),
  }, remarks);
}

const attribute = (lead: string): boolean => [...columnWords.email, ...columnWords.phone, ...columnWords.hours, ...columnWords.respond, 'url', 'web', 'chat', 'slack', 'address', 'location', 'availab'].some((word) => folded(lead).includes(word));


/** A list under a heading of contacts: one of each line, or one whose attributes the lines are. False: it is neither. */
export function addContacts(collection: Collection, section: Section, list: ListBlock): boolean {
  const lines = list.items.map((item) => ({ item, text: item.blocks.map(textOf).join('\n'), lead: leadOf(firstText(item)) }));
  const attributes = lines.filter(({ lead }) => lead !== null && attribute(lead.lead));
  const whole = lines.map(({ text }) => text).join('\n');
  if (attributes.length * 2 >= lines.length && (mailsIn(whole).length > 0 || phonesIn(whole).length > 0 || urlsIn(whole).length > 0)) {
    const about = lines.filter(({ lead }) => lead === null || !/mail|phone|tel|url|web/i.test(lead.lead)).map(({ text }) => text);
    return addContact(collection, section, { title: section.title, about, text: whole, line: list.from, lines: [{ from: list.from, to: list.to }] }) !== null;
  }
  const reachable = lines.filter(({ text }) => mailsIn(text).length > 0 || phonesIn(text).length > 0);
  if (reachable.length === 0) return false;
  const outside = /vendor|provider|external|anbieter|dienstleister|fournisseur|proveedor|fornitore/.test(folded(section.title));
  for (const { item, text, lead } of lines) {
    const title = lead?.lead ?? plain(text).split('\n')[0] ?? 'Contact';
    const added = addContact(collection, section, { title, about: [lead === null ? '' : plain(lead.rest).replaceAll(/[\w.+-]+@[\w.-]+/g, '').replaceAll(/[\s/|,;]+$/g, '').replaceAll(/^[\s/|,;]+/g, '')].filter((each) => /[a-z]{3}/i.test(each)), text, line: item.from, lines: [item], outside });
    // Somebody without an address is somebody all the same.
    if (added === null) collection.fields('channel', title, section, [item], { address: lead === null ? '' : plain(lead.rest).slice(0, 490), ...(outside ? { outside: true } : {}) });
  }
  return true;
}

export function addChannels(collection: Collection, section: Section, list: ListBlock): void {
  const outside = /extern|customer|public|kunden|client|user|publi/.test(folded(section.title));
  for (const item of list.items) {
    const lead = leadOf(firstText(item));
    const rest = [lead === null ? '' : plain(lead.rest), ...item.blocks.slice(1).map(textOf)].filter((each) => each !== '').join('\n');
    const [address = ''] = [...mailsIn(rest), ...urlsIn(rest)];
    const isPlace = address !== '' || /^[#/@]/.test(rest);
    collection.fields('channel', lead?.lead ?? plain(firstText(item)), section, [item], { address: isPlace ? (address === '' ? rest : address).slice(0, 490) : '', used_for: isPlace && (address === rest || address === '') ? [] : rest.split('\n').filter((each) => each.trim() !== '').map((each) => each.trim().slice(0, 490)).slice(0, 30), ...(outside ? { outside: true } : {}) });
  }
}

/** Lines that hang below an item of a list. */
const below = (item: ListItem): { text: string; line: number }[] =>
  item.blocks.slice(item.blocks[0]?.kind === 'list' ? 0 : 1).flatMap((block) => (block.kind === 'list' ? block.items.map((each) => ({ text: each.blocks.map(textOf).join(' '), line: each.from })) : textOf(block) === '' ? [] : [{ text: textOf(block), line: block.from }]));

export class Roles {
  private readonly known = new Map<string, { item: MadeItem; title: string; duties: string[]; incident: boolean }>();
  private readonly collection: Collection;

  constructor(collection: Collection) {
    this.collection = collection;
  }

  add(section: Section, title: string, duties: readonly string[], lines: readonly LineSpan[]): void {
    const key = slug(title, 50);
    const incident = /incident|emergency|notfall|storfall|urgence|emergencia|emergenza/.test(folded([...section.path, section.title].join(' ')));
    let known = this.known.get(key);
    if (known === undefined) {
      known = { item: this.collection.fields('role', title, section, lines, {}), title, duties: [], incident };
      this.known.set(key, known);
    } else known.item.lines.push(...lines);
    known.incident ||= incident;
    const before = known.duties;
    before.push(...duties.filter((duty) => !before.includes(duty)));
  }

  /** Once all of the guide was read. */
  settle(): void {
    for (const { item, title, duties, incident } of this.known.values()) {
      item.lines = joined(item.lines);
      item.text = this.collection.fieldsText(title, item.lines, { duties: duties.map((each) => each.slice(0, 490)).slice(0, 40), ...(incident ? { incident: true } : {}) });
    }
  }

  addList(section: Section, list: ListBlock): void {
    for (const item of list.items) {
      const lead = leadOf(firstText(item));
      const title = lead?.lead ?? titleOf(firstText(item));
      this.add(section, title === '' ? 'Role' : title, [...(lead === null || lead.rest === '' ? [] : [plain(lead.rest)]), ...below(item).map(({ text }) => text)], [item]);
    }
  }
}

/** What a level of support says of itself, line by line. */
export interface TierParts {
  title: string;
  lines: LineSpan[];
  /** With what was announced above them, if anything. */
  parts: { label: string; text: string; line: number }[];
}

const escalates = (text: string): boolean => partWords.escalation.some((word) => folded(text).includes(word));
const responds = (text: string): boolean => columnWords.respond.some((word) => folded(text).includes(word));

export class Tiers {
  private count = 0;
  private before: { item: MadeItem; fields: Record<string, unknown>; group: string } | null = null;
  private readonly collection: Collection;
  private readonly severities: Severities;

  constructor(collection: Collection, severities: Severities) {
    this.collection = collection;
    this.severities = severities;
  }

  get isFull(): boolean {
    return this.count >= 9;
  }

  /** @param group which ladder it is a rung of: it is passed on to the next one of the same */
  add(section: Section, group: string, { title, lines, parts }: TierParts): void {
    this.count += 1;
    const duties: string[] = [];
    const escalateWhen: string[] = [];
    const times = new Map<string, { ms: number; line: number }>();
    const notes: string[] = [];
    for (const { label, text, line } of parts) {
      const said = leadOf(text);
      const severity = severityOf(said?.lead ?? text);
      const ms = durationIn(said?.rest ?? text);
      if (ms !== null && severity !== null && (said !== null || responds(label))) {
        times.set(severity.key, { ms, line });
        notes.push(text);
      } else if (escalates(label) || /^escalat|^eskal|^weitergabe/.test(folded(text))) escalateWhen.push(text.slice(0, 490));
      else if (responds(`${label} ${said?.lead ?? ''}`) && ms !== null) notes.push(label === '' || said !== null ? text : `${label}: ${text}`);
      else if (said !== null && ['', title].includes(label)) notes.push(text);
      else duties.push((label === '' || /includ|respons|duties|scope|aufgaben|enthalten/i.test(label) ? text : `${label}: ${text}`).slice(0, 490));
    }
    const fields: Record<string, unknown> = { rank: this.count, duties: duties.slice(0, 40), escalate_when: escalateWhen.slice(0, 40), ...(times.size === 0 ? {} : { responds: Object.fromEntries([...times].map(([key, { ms }]) => [key, writtenDuration(ms)])) }), text: [...notes, ...duties.slice(40), ...escalateWhen.slice(40)].join('\n') };
    const item = this.collection.fields('tier', title, section, lines, fields);
    for (const [key, { line }] of times) this.severities.need(section, key, line);
    if (times.size > 0) this.severities.promise(item, times);
    if (this.before !== null && this.before.group === group) {
      const { item: previous, fields: given } = this.before;
      // The order of a pack: what it is passed on to stands before the text.
      const { text, ...rest } = given;
      previous.text = this.collection.fieldsText(previous.title, previous.lines, { ...rest, next: item.key, text });
    }
    this.before = { item, fields, group };
  }

  addItem(section: Section, item: ListItem): void {
    const title = titleOf(firstText(item).split('\n')[0] ?? '');
    this.add(section, section.title, { title: title === '' ? 'Level' : title, lines: [item], parts: [...firstText(item).split('\n').slice(1).map((text) => ({ label: '', text: plain(text), line: item.from })), ...below(item).map(({ text, line }) => ({ label: 'duties', text, line }))] });
  }
}
