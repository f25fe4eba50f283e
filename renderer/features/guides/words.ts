/** The words for guides and what is made of them. */
import type { FlagClass, GuideCounts, GuideItem, GuideItemKind } from '#shared/contract/guides.ts';
import { count, plural } from '../../components/format.ts';

export const kindWords: Record<GuideItemKind, { one: string; many: string }> = {
  runbook: { one: 'runbook', many: 'runbooks' },
  calendar: { one: 'calendar entry', many: 'calendar entries' },
  threshold: { one: 'threshold', many: 'thresholds' },
  severity: { one: 'severity', many: 'severities' },
  tier: { one: 'level of support', many: 'levels of support' },
  role: { one: 'role', many: 'roles' },
  contact: { one: 'contact', many: 'contacts' },
  channel: { one: 'channel', many: 'channels' },
  template: { one: 'template', many: 'templates' },
  card: { one: 'reference card', many: 'reference cards' },
  note: { one: 'note', many: 'notes' },
};

/** What a class of flags says in a few words. */
export const classWords: Record<FlagClass, string> = {
  destructive: 'Removes or overwrites something',
  changing: 'Changes something',
  placeholder: 'Looks like a placeholder',
  endless: 'Would never end',
  language: 'Is in another language than it says',
  quoting: 'A value could become code',
  wrong: 'Does not do what it is meant to',
  contradiction: 'The guide says two things',
  secret: 'Held a secret',
  unsure: 'Was not understood for certain',
};

/** Those of which something would be broken, lost or stuck. */
const blocking: ReadonlySet<FlagClass> = new Set<FlagClass>(['destructive', 'wrong', 'placeholder', 'endless', 'secret', 'contradiction']);
export const isBlocking = (flag: { class: FlagClass }): boolean => blocking.has(flag.class);

/** Of more they are too many to be read. */
const mostSpans = 3;

/** "lines 308 to 336", "line 12", "lines 3 to 5 and 9", "lines 5 to 46 (11 pieces)". */
export function linesWords(lines: GuideItem['lines']): string {
  const [first] = lines;
  if (first !== undefined && lines.length > mostSpans) return `lines ${first.from} to ${Math.max(...lines.map(({ to }) => to))} (${lines.length} pieces)`;
  const parts = lines.map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to}`));
  const last = parts.at(-1) ?? '';
  if (parts.length === 1 && first !== undefined) return `${first.from === first.to ? 'line' : 'lines'} ${last}`;
  return `lines ${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** "12 runbooks, 4 calendar entries, 2 notes". */
export function countsWords(byKind: GuideCounts['byKind']): string {
  const parts = (Object.keys(kindWords) as GuideItemKind[]).flatMap((kind) => {
    const number = byKind[kind] ?? 0;
    return number === 0 ? [] : [plural(number, kindWords[kind].one, kindWords[kind].many)];
  });
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

export function leftWords({ openFlags, undecided }: GuideCounts): string {
  if (undecided === 0 && openFlags === 0) return 'Everything was looked at';
  return [openFlags === 0 ? '' : `${count(openFlags)} ${openFlags === 1 ? 'flag' : 'flags'}`, undecided === 0 ? '' : `${count(undecided)} undecided`].filter((part) => part !== '').join(', ');
}
