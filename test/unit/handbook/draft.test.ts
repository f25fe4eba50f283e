import { describe, expect, it } from 'vitest';
import { itemSchemas } from '#shared/contract/items.ts';
import { durationText } from '#shared/domain/runbook/params.ts';
import { draftOf, valueOf } from '../../../renderer/features/handbook/draft.ts';
import { fieldsOf, type HandbookKind } from '../../../renderer/features/handbook/fields.ts';

const full: Record<HandbookKind, Record<string, unknown>> = {
  contact: { title: 'Ana', about: 'Everything at night', email: 'ana@shop.example', phone: '+1 555 0100', url: 'https://shop.example', hours: 'office', afterMs: 900_000, outside: true, covers: ['N-C01'] },
  role: { title: 'On call', duties: ['Answers', 'Writes down'], contact: 'ana', incident: true },
  tier: { title: 'Level 2', rank: 2, duties: ['Looks deeper'], escalateWhen: ['Data is lost'], responds: { critical: 1_800_000, low: 172_800_000 }, next: 'l3', role: null, text: '' },
  channel: { title: 'Status page', address: 'https://status.shop.example', usedFor: ['Outages'], outside: true },
  hours: { title: 'Office', tz: 'Europe/Berlin', spans: [{ days: ['MO', 'TU'], from: '09:00', to: '18:00' }, { days: ['SA'], from: '10:00', to: '24:00' }] },
  severity: { title: 'P1', rank: 1, tone: 'critical', examples: ['Down'], clocks: { acknowledge: 300_000, respond: 900_000, update: 1_800_000, escalate: null, resolve: 5_400_000 }, hours: null, runbook: 'p1-response', text: 'Now.' },
  threshold: { title: 'Pool', drives: { kind: 'check', check: 'connections' }, warn: 80, critical: 95.5, unit: 'percent', lowerIsWorse: false, forMs: 120_000, text: 'Look for leaks.' },
  service: { title: 'nginx', host: 'web', manager: 'systemd', name: 'nginx' },
  path: { title: 'Logs', host: 'web', path: '/var/log/shop', holds: 'logs', pattern: 'ERROR|FATAL' },
  backup: { title: 'Shop', database: 'db', files: null, proof: 'L3', keep: { newest: null, daily: 7, weekly: 4, monthly: 12 } },
  template: { title: 'Report', purpose: 'incident-report', text: '# {{ title }}\n\nIt began {{ started }}.' },
  card: { title: 'Ports', text: '| port | what |\n| --- | --- |\n| 22 | ssh |' },
};
const kinds = Object.keys(full) as HandbookKind[];

describe('a thing of the handbook', () => {
  it.each(kinds)('of the kind %s is the same after it stood in its form', (kind) => {
    const value = itemSchemas[kind].parse(full[kind]) as Record<string, unknown>;
    expect(valueOf(fieldsOf[kind], draftOf(fieldsOf[kind], value), value)).toEqual({ value });
  });
  it.each(kinds)('of the kind %s is what the contract takes, once what is needed is typed', (kind) => {
    const draft = draftOf(fieldsOf[kind], itemSchemas[kind].parse(full[kind]));
    const read = valueOf(fieldsOf[kind], draft, {});
    expect('value' in read && itemSchemas[kind].safeParse(read.value).success).toBe(true);
  });
  it('without a name says so beside the name', () => {
    expect(valueOf(fieldsOf.contact, draftOf(fieldsOf.contact, {}), {})).toEqual({ wrong: { title: 'This is needed' } });
  });
  it.each([
    ['contact', 'afterMs', 'soon', 'A time such as 15m, 4h or 2d'],
    ['threshold', 'warn', 'many', 'A number'],
    ['hours', 'spans', 'weekdays', '"weekdays" is not a span: write MO TU WE TH FR 09:00-18:00'],
    ['tier', 'responds', 'critical quickly', '"critical quickly" is not a severity and a time: write critical 15m'],
  ] as const)('of the kind %s names what is wrong in %s', (kind, path, text, message) => {
    const draft = { ...draftOf(fieldsOf[kind], itemSchemas[kind].parse(full[kind])), [path]: text };
    expect(valueOf(fieldsOf[kind], draft, {})).toEqual({ wrong: { [path]: message } });
  });
});

it.each([[900_000, '15m'], [129_600_000, '1d12h'], [1500, '1s500ms'], [604_800_000, '7d']])('%d milliseconds are typed as %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
