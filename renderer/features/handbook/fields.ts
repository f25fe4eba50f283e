/** What is asked of each kind of item when it is written or changed. What is not among the fields stays as it is. */
import type { ItemKind } from '#shared/contract/items.ts';

export type HandbookKind = Exclude<ItemKind, 'endpoint' | 'calendar'>;

export type Field = {
  /** Its place in the value: "title", "clocks.acknowledge". */
  path: string;
  label: string;
  hint?: string;
} & (
  | { as: 'text' | 'area' | 'lines' | 'duration' | 'number' | 'spans' | 'pairs' | 'drives'; needed?: true }
  | { as: 'switch' }
  | { as: 'choice'; options: readonly { value: string; label: string }[] }
  /** The key of another item; empty: none. */
  | { as: 'key'; of: HandbookKind }
);

const title: Field = { path: 'title', label: 'Title', as: 'text', needed: true };
const named: Field = { path: 'title', label: 'Name', as: 'text', needed: true };
const spanHint = '15m, 4h, 2d; empty: no such clock';
const lineHint = 'One on each line';
const rank: Field = { path: 'rank', label: 'Rank', hint: '1 comes first', as: 'number', needed: true };
const text: Field = { path: 'text', label: 'What to know about it', as: 'area' };

export const kindWords: Record<HandbookKind, { one: string; many: string }> = {
  contact: { one: 'contact', many: 'contacts' },
  role: { one: 'role', many: 'roles' },
  tier: { one: 'level of support', many: 'levels of support' },
  channel: { one: 'channel', many: 'channels' },
  hours: { one: 'working hours', many: 'working hours' },
  severity: { one: 'severity', many: 'severities' },
  threshold: { one: 'threshold', many: 'thresholds' },
  service: { one: 'service', many: 'services' },
  path: { one: 'path', many: 'paths' },
  backup: { one: 'backup rule', many: 'backup rules' },
  template: { one: 'template', many: 'templates' },
  card: { one: 'card', many: 'cards' },
};

export const fieldsOf: Record<HandbookKind, readonly Field[]> = {
  contact: [
    named,
    { path: 'about', label: 'What one turns to them for', as: 'text' },
    { path: 'email', label: 'Mail', as: 'text' },
    { path: 'phone', label: 'Telephone', hint: 'In digits, as it is dialled', as: 'text' },
    { path: 'url', label: 'Address on the web', as: 'text' },
    { path: 'afterMs', label: 'After', hint: 'How long one waits before turning to them: 15m, 1h', as: 'duration' },
    { path: 'hours', label: 'Reached in', as: 'key', of: 'hours' },
    { path: 'outside', label: 'Works for another company', as: 'switch' },
  ],
  role: [
    named,
    { path: 'contact', label: 'Held by', as: 'key', of: 'contact' },
    { path: 'incident', label: 'Is given to somebody in an incident', as: 'switch' },
    { path: 'duties', label: 'Duties', hint: lineHint, as: 'lines' },
  ],
  tier: [
    named,
    rank,
    { path: 'role', label: 'Role', as: 'key', of: 'role' },
    { path: 'next', label: 'Passes on to', as: 'key', of: 'tier' },
    { path: 'escalateWhen', label: 'Passes on when', hint: lineHint, as: 'lines' },
    { path: 'responds', label: 'Answers within', hint: 'A severity and a time on each line: critical 15m', as: 'pairs' },
    { path: 'duties', label: 'Duties', hint: lineHint, as: 'lines' },
    text,
  ],
  channel: [named, { path: 'address', label: 'Address', as: 'text' }, { path: 'usedFor', label: 'Used for', hint: lineHint, as: 'lines' }, { path: 'outside', label: 'Seen by people outside', as: 'switch' }],
  hours: [named, { path: 'tz', label: 'Time zone', hint: 'America/New_York, Europe/Berlin, UTC', as: 'text', needed: true }, { path: 'spans', label: 'Hours', hint: 'MO TU WE TH FR 09:00-18:00, one span on each line', as: 'spans', needed: true }],
  severity: [
    named,
    rank,
    { path: 'tone', label: 'Looks', as: 'choice', options: [{ value: 'critical', label: 'Critical' }, { value: 'warn', label: 'Warning' }, { value: 'info', label: 'Information' }] },
    { path: 'clocks.acknowledge', label: 'Acknowledged within', hint: spanHint, as: 'duration' },
    { path: 'clocks.respond', label: 'Worked on within', hint: spanHint, as: 'duration' },
    { path: 'clocks.update', label: 'Told about every', hint: spanHint, as: 'duration' },
    { path: 'clocks.escalate', label: 'Escalated after', hint: spanHint, as: 'duration' },
    { path: 'clocks.resolve', label: 'Resolved within', hint: spanHint, as: 'duration' },
    { path: 'hours', label: 'The clocks run in', as: 'key', of: 'hours' },
    { path: 'examples', label: 'What is of it', hint: lineHint, as: 'lines' },
    text,
  ],
  threshold: [
    title,
    { path: 'drives', label: 'Drives', as: 'drives', needed: true },
    { path: 'warn', label: 'Warn', as: 'number' },
    { path: 'critical', label: 'Critical', as: 'number' },
    { path: 'unit', label: 'Unit', hint: 'percent, ms, seconds, hours, count, …', as: 'text', needed: true },
    { path: 'lowerIsWorse', label: 'Lower is worse', as: 'switch' },
    { path: 'forMs', label: 'For at least', hint: '5m; empty: at once', as: 'duration' },
    { path: 'text', label: 'What it means, and what one does', as: 'area' },
  ],
  service: [
    named,
    { path: 'host', label: 'Runs on', hint: 'The role of a host in the pack: web', as: 'text', needed: true },
    { path: 'manager', label: 'Looked after by', as: 'choice', options: ['systemd', 'openrc', 'pm2', 'docker', 'kubernetes', 'process'].map((value) => ({ value, label: value })) },
    { path: 'name', label: 'Unit, process or container', as: 'text', needed: true },
  ],
  path: [
    title,
    { path: 'host', label: 'On', hint: 'The role of a host in the pack: web', as: 'text', needed: true },
    { path: 'path', label: 'Path', as: 'text', needed: true },
    { path: 'holds', label: 'Holds', as: 'choice', options: ['backups', 'logs', 'uploads', 'configuration', 'application', 'certificates'].map((value) => ({ value, label: value })) },
    { path: 'pattern', label: 'What is an error in it', hint: 'A regular expression, for logs', as: 'text' },
  ],
  backup: [
    title,
    { path: 'proof', label: 'Proved by', as: 'choice', options: [{ value: 'L3', label: 'Restoring it and counting' }, { value: 'L2', label: 'Reading all of it' }, { value: 'L1', label: 'Its table of contents' }, { value: 'L0', label: 'Its hash' }] },
    { path: 'keep.newest', label: 'Keep the newest', as: 'number' },
    { path: 'keep.daily', label: 'Keep days', as: 'number' },
    { path: 'keep.weekly', label: 'Keep weeks', as: 'number' },
    { path: 'keep.monthly', label: 'Keep months', as: 'number' },
  ],
  template: [
    title,
    { path: 'purpose', label: 'For', as: 'choice', options: [{ value: 'incident-report', label: 'The report of an incident' }, { value: 'status-update', label: 'Telling how it stands' }, { value: 'notice', label: 'Giving notice' }, { value: 'ticket', label: 'A ticket' }, { value: 'report', label: 'A report' }, { value: 'other', label: 'Something else' }] },
    { path: 'text', label: 'Text', hint: 'Markdown; {{ title }}, {{ severity }}, {{ started }}, {{ state }} are filled in an incident', as: 'area', needed: true },
  ],
  card: [title, { path: 'text', label: 'Text', hint: 'Markdown', as: 'area', needed: true }],
};
