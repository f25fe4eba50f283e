/** The words for packs and what is in them. */
import type { ItemKind } from '#shared/contract/items.ts';
import type { PackCard } from '#shared/contract/packs.ts';
import { plural } from '../../components/format.ts';

export const itemWords: Record<ItemKind, { one: string; many: string }> = {
  endpoint: { one: 'endpoint', many: 'endpoints' },
  service: { one: 'service', many: 'services' },
  path: { one: 'path', many: 'paths' },
  threshold: { one: 'threshold', many: 'thresholds' },
  backup: { one: 'backup rule', many: 'backup rules' },
  calendar: { one: 'calendar entry', many: 'calendar entries' },
  severity: { one: 'severity', many: 'severities' },
  tier: { one: 'level of support', many: 'levels of support' },
  hours: { one: 'working hours', many: 'working hours' },
  role: { one: 'role', many: 'roles' },
  contact: { one: 'contact', many: 'contacts' },
  channel: { one: 'channel', many: 'channels' },
  template: { one: 'template', many: 'templates' },
  card: { one: 'reference card', many: 'reference cards' },
};
export const itemKinds = Object.keys(itemWords) as ItemKind[];

const many = (kind: ItemKind, number: number): string => plural(number, itemWords[kind].one, itemWords[kind].many);

/** What people look for first: "30 runbooks, 22 calendar entries, 4 severities". */
export function shortCounts({ runbooks, counts }: Pick<PackCard, 'runbooks' | 'counts'>): string {
  return [plural(runbooks, 'runbook'), ...(['calendar', 'severity', 'threshold', 'contact'] as const).flatMap((kind) => (counts[kind] === undefined ? [] : [many(kind, counts[kind])]))].join(', ');
}
