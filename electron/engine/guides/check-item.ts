/** What is wrong with the text of an item as it stands, whoever wrote it. */
import type { GuideItem, GuideItemKind } from '#shared/contract/guides.ts';
import { readPack, type KnownChecks } from '../packs/format/index.ts';
import { readRunbook } from '../runbooks/format/index.ts';

type Problem = GuideItem['problems'][number];

/** In which file of a pack items of a kind stand, and under which name. */
export const placeOf: Readonly<Record<Exclude<GuideItemKind, 'runbook' | 'template' | 'card' | 'note'>, { file: string; group: string }>> = {
  threshold: { file: 'pack.yaml', group: 'thresholds' },
  severity: { file: 'people.yaml', group: 'severities' },
  tier: { file: 'people.yaml', group: 'tiers' },
  role: { file: 'people.yaml', group: 'roles' },
  contact: { file: 'people.yaml', group: 'contacts' },
  channel: { file: 'people.yaml', group: 'channels' },
  calendar: { file: 'calendar.yaml', group: 'calendar' },
};

/** The text of an item below its key. */
export const indented = (text: string, by = '    '): string => text.trimEnd().split('\n').map((line) => (line.trim() === '' ? '' : `${by}${line}`)).join('\n');

export const packHead = (name: string, title: string, version: string, summary: string): string => `schema: pack/1\nid: ${name}\ntitle: ${JSON.stringify(title)}\nversion: "${version}"\nsummary: ${JSON.stringify(summary)}\n`;

/** Characters of a note, far fewer than a card may have. */
const longestLooked = 20_000;

const secretMark = '⟨secret taken out';

/** @param key without its kind @param checks ids of the health checks that there are */
export function problemsOf(kind: GuideItemKind, key: string, text: string, checks: KnownChecks): Problem[] {
  if (kind === 'runbook') {
    const problems: Problem[] = readRunbook(text).problems.map(({ line, severity, rule, message }) => ({ line, severity, rule, message }));
    for (const [index, line] of text.split('\n').entries()) if (line.includes(secretMark)) problems.push({ line: index + 1, severity: 'error', rule: 'secret', message: 'A secret of the guide stood here and was taken out. Make it a parameter of type secret, and give it by stdin, a header or the body of a request.' });
    return problems.toSorted((a, b) => a.line - b.line);
  }
  const head = packHead('guide', 'Guide', '1.0.0', 'A guide.');
  const texts = new Map([['pack.yaml', head]]);
  let file: string;
  let before = 0;
  if (kind === 'template' || kind === 'card' || kind === 'note') {
    file = `${kind === 'template' ? 'templates' : 'cards'}/${key}.md`;
    // A note is put on as many cards as it needs.
    texts.set(file, kind === 'note' ? text.slice(0, longestLooked) : text);
  } else {
    const { group } = placeOf[kind];
    ({ file } = placeOf[kind]);
    const lead = file === 'pack.yaml' ? `${head}${group}:\n  ${key}:\n` : `${group}:\n  ${key}:\n`;
    before = lead.split('\n').length - 1;
    texts.set(file, `${lead}${indented(text)}\n`);
  }
  return readPack({ name: 'guide', texts, problems: [] }, checks)
    .problems.filter((problem) => problem.file === file && !/^(?:unknown-(?!key|field)|circle|target-role)/.test(problem.rule))
    .map(({ line, severity, rule, message }) => ({ line: Math.max(1, line - before), severity, rule, message }));
}
