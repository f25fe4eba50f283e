/**
 * Whoever adopts a pack finds what is done on Monday, what is done in the maintenance window, the restore test, and what
 * to begin with when everything is down, and can walk each of them with nothing within reach.
 */
import { rm } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { EngineClient, MethodOutput } from '#shared/contract/index.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };

/** By the keys of their calendars. */
const sought = {
  'neff-paving': { monday: 'daily-check', maintenance: 'weekly-cleanup', restore: 'monthly-restore' },
  hydraulic: { monday: 'daily-check', maintenance: 'weekly-maintenance', restore: 'backup-verification' },
  zbinnovation: { monday: 'weekly-report', maintenance: 'weekly-maintenance', restore: 'monthly-maintenance' },
  'ecommerce-cod': { monday: 'morning-check', maintenance: 'weekly-maintenance', restore: 'recovery-drill' },
  reconciliation: { monday: 'daily-checks', maintenance: 'maintenance-window', restore: 'disaster-recovery-test' },
  'postgres-server': { monday: 'weekly-look', maintenance: 'monthly-updates', restore: 'weekly-restore-test' },
} as const;

type Question = MethodOutput<'pack.prepare'>['questions'][number];
const examples: Record<Question['kind'], string> = { url: 'https://shop.test/', text: 'shop', choice: '', timezone: 'America/New_York', email: 'ana@shop.test', phone: '+1 555 0100', number: '5', duration: '15m', list: 'one, two', path: '/srv/shop' };
const answerTo = ({ kind, choices, proposed }: Question): string => (kind === 'timezone' ? examples.timezone : (proposed ?? choices[0]?.value ?? examples[kind]));

/** Monday follows this Friday. */
const friday = Date.UTC(2026, 10, 27, 12);

async function adopt(client: EngineClient, pack: string): Promise<string> {
  const { questions, name, environment } = await client.call('pack.prepare', { pack, systemId: null });
  const { systemId, open } = await client.call('pack.adopt', { pack, system: { name, environment }, answers: Object.fromEntries(questions.map((question) => [question.key, answerTo(question)])) });
  expect(open.questions).toEqual([]);
  return systemId;
}

/** What is typed where nothing is proposed. */
const typed: Partial<Record<MethodOutput<'runbook.prepare'>['params'][number]['type'], string | number | boolean | string[]>> = { list: ['one'], int: 1, number: 1, bool: true, datetime: '2026-11-27T12:00:00Z', date: '2026-11-27', duration: '1h', url: 'https://shop.test/', path: '/srv/shop/files', email: 'ana@shop.test' };

/** Begins it on paper, as far as it goes without anybody: its first step is there to be done. */
async function walkOnPaper(client: EngineClient, systemId: string, ref: string): Promise<string> {
  const { card, params } = await client.call('runbook.prepare', { ref, systemId });
  const values = Object.fromEntries(params.filter(({ required, proposed, type }) => (required || proposed !== null) && type !== 'secret').map(({ name, type, choices, proposed }) => [name, proposed ?? choices[0] ?? typed[type] ?? 'shop']));
  const { walkthroughId } = await client.call('walkthrough.start', { ref, hash: card.hash, systemId, mode: 'paper', values });
  const { run } = await client.call('walkthrough.get', { walkthroughId });
  return run.current === null ? 'nothing to do' : 'ready';
}

describe.each(Object.entries(sought))('a system of the pack %s', (pack, keys) => {
  let entries: MethodOutput<'calendar.entries'>['entries'];
  let client: EngineClient;
  let systemId: string;
  beforeAll(async () => {
    const root = await makeTemporaryFolder('systems');
    const engine = await createEngine({ root, ports: { ...ports, clock: { now: () => friday } } });
    client = engine.client('test');
    systemId = await adopt(client, pack);
    ({ entries } = await client.call('calendar.entries', { systemId }));
    return async () => {
      await engine.close();
      await rm(root, { recursive: true, force: true });
    };
  });

  it('has what is done on Monday in its calendar', async () => {
    const { occurrences } = await client.call('calendar.list', { systemId, from: '2026-11-29T00:00:00.000Z', to: '2026-12-01T12:00:00.000Z' });
    expect(occurrences.filter(({ key, local }) => key === keys.monday && local.startsWith('2026-11-30'))).toHaveLength(1);
  });

  it('has its maintenance and its restore test ahead', () => {
    const ahead = entries.filter(({ key, nextAt, problem }) => (key === keys.maintenance || key === keys.restore) && problem === null && nextAt !== null);
    expect(ahead.map(({ key }) => key).toSorted()).toEqual([keys.maintenance, keys.restore].toSorted());
  });

  it('walks each of them on paper, with nothing within reach', async () => {
    const refs = entries.filter(({ key }) => Object.values(keys).includes(key as never)).flatMap(({ item }) => (item.work.kind === 'runbook' ? [item.work.runbook.includes('/') ? item.work.runbook : `${pack}/${item.work.runbook}`] : []));
    const walked: string[] = [];
    for (const ref of new Set(refs)) walked.push(`${ref} ${await walkOnPaper(client, systemId, ref)}`);
    expect([walked.length > 0, walked.filter((each) => !each.endsWith(' ready'))]).toEqual([true, []]);
  });

  it('begins with a runbook where the gravest happens, with clocks that run', async () => {
    const { items } = await client.call('item.list', { systemId, kind: 'severity' });
    const gravest = items.toSorted((a, b) => Number(a.value['rank']) - Number(b.value['rank']))[0];
    const { incidentId } = await client.call('incident.open', { commandId: 'open-the-gravest', title: 'Everything is down', systemId, severity: gravest?.key ?? '' });
    const { clocks } = await client.call('incident.get', { incidentId });
    expect([typeof gravest?.value['runbook'], clocks.length > 0, await walkOnPaper(client, systemId, `${pack}/${String(gravest?.value['runbook'])}`)]).toEqual(['string', true, 'ready']);
  });
});
