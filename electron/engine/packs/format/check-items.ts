/** Each item by itself: held to the schema of its kind, and to what no schema says. */
import { itemSchemas } from '#shared/contract/items.ts';
import type { PackQuestion } from '#shared/domain/pack/definition.ts';
import { itemFaults } from '#shared/domain/pack/item-faults.ts';
import { shapeIn } from '../../runbooks/format/index.ts';
import { fieldWords } from '#shared/domain/pack/field-words.ts';
import { issueWords, valueAt } from '../issue-words.ts';
import { nameInItem, placeOf } from './plain.ts';
import type { PlacedItem } from './read-items.ts';
import { packShapes } from './shapes.ts';

/** As it is written in a pack: "warn" of "warnMs", "clocks.respond". */
function writtenPath(kind: string, path: readonly PropertyKey[]): string {
  const [first, ...rest] = path.map(String);
  const { fields } = shapeIn(packShapes, kind);
  const written = Object.keys(fields).find((name) => nameInItem(name, fields[name] as never) === first) ?? first ?? '';
  return [written, ...rest.map((part) => fieldWords(part).replaceAll(' ', '_'))].join('.');
}

/** @param isRefused whether something of it was refused already: what it lacks is then more likely that */
export function checkItem(item: PlacedItem, questions: readonly PackQuestion[], isRefused: boolean): void {
  const { kind, key, fields, faults, written } = item;
  const answered = new Set(questions.flatMap(({ sets }) => sets.flatMap((place) => (place.to === 'item' && place.kind === kind && place.key === key ? [place.path.join('.')] : []))));
  const parsed = itemSchemas[kind].safeParse(fields);
  for (const issue of parsed.error?.issues ?? []) {
    const path = issue.path.map(String);
    const isMissing = valueAt(fields, issue.path) === undefined;
    // What a question sets is not there yet, and neither is what it stands in.
    if (isMissing && [...answered].some((set) => set === path.join('.') || set.startsWith(`${path.join('.')}.`))) continue;
    if (isMissing && isRefused) continue;
    const name = writtenPath(kind, issue.path);
    const docs = isMissing ? shapeIn(packShapes, kind).fields[name]?.docs : undefined;
    const at = isMissing && path.length === 1 ? item.at : placeOf(written, issue.path);
    faults.add(at, { rule: isMissing ? 'missing' : 'value', message: isMissing ? `${kind} "${key}" has no "${name}". ${docs ?? ''}${docs === undefined ? '' : ' A question may set it as well.'}`.trim() : `"${name}" of ${kind} "${key}" ${issueWords(issue, fields)}.` });
  }
  for (const { path, rule, says } of itemFaults(kind, fields)) {
    const at = placeOf(written, path);
    faults.add(path.length === 0 ? item.at : at, { rule, message: `${kind} "${key}" ${says}.` });
  }
}
