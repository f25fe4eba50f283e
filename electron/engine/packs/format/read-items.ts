/** The items of the files of a pack, each with its fields as they are written and where they stand. */
import type { PackItem, PackItemKind } from '#shared/domain/pack/definition.ts';
import type { Faults, Fields, Span } from '../../runbooks/format/index.ts';
import { plainFields } from './plain.ts';
import type { ReadFile } from './read-file.ts';

export interface PlacedItem extends PackItem {
  faults: Faults;
  written: Fields;
  /** Where its key stands. */
  at: Span;
}

/** Which kind stands under which name. */
export const groups: Readonly<Record<string, PackItemKind>> = {
  endpoints: 'endpoint', services: 'service', paths: 'path', thresholds: 'threshold', backups: 'backup',
  hours: 'hours', severities: 'severity', tiers: 'tier', roles: 'role', contacts: 'contact', channels: 'channel',
  calendar: 'calendar',
};

export function itemsOf({ file, faults, root }: ReadFile): PlacedItem[] {
  if (root === null) return [];
  return [...root.entries.keys()].flatMap((group) => {
    const kind = groups[group];
    if (kind === undefined) return [];
    return root.named(group).map(([key, written, { key: at }]) => ({ kind, key, fields: plainFields(kind, written), file, line: faults.source.lineOf(at.from), faults, written, at }));
  });
}

/** A template or a card: its fields stand above its text. */
export function itemOfText(kind: 'template' | 'card', key: string, { file, faults, root, text }: ReadFile & { text: string }): PlacedItem[] {
  if (root === null) return [];
  return [{ kind, key, fields: { ...plainFields(kind, root), text }, file, line: 1, faults, written: root, at: { from: 0, to: 0 } }];
}
