import { afterEach, describe, expect, test } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { FromEngine } from '#shared/contract/desktop.ts';
import { silentLogger } from '#engine/ports.ts';
import { watchForWindow } from '../../../electron/utility/watch.ts';
import { waitFor } from '#test/wait-for.ts';

const backupIsOld = { state: 'warn', text: 'shop: the newest proven backup is 26 h old.', systemId: 's1', systemName: 'Shop', environment: 'production', since: null, more: 0, action: { label: 'Back up', kind: 'back-up', id: 'd1' } };
const backupFailed = { ...backupIsOld, state: 'critical', text: 'Backup of shop failed.', action: { label: 'Open', kind: 'open-operation', id: 'o1' } };

/** An engine whose answers a test changes, and which says so. */
function pretendEngine() {
  const answers = { titles: [] as string[], workOn: null as string | null, needs: [] as (typeof backupIsOld)[], theme: 'system', broken: false };
  let changed = (): void => {};
  const client = {
    call: async (method: string) => {
      if (answers.broken && method === 'operation.list') {
        answers.broken = false;
        throw new Error('The engine is busy.');
      }
      if (method === 'operation.list') return { operations: answers.titles.map((title) => ({ title, systemId: answers.workOn, systemName: answers.workOn === null ? null : 'Shop' })) };
      return method === 'overview.get' ? { needs: answers.needs } : { settings: { theme: answers.theme } };
    },
    async *follow(_stream: string, _input: unknown, { signal }: { signal: AbortSignal }) {
      while (!signal.aborted) {
        yield await new Promise((resolve) => {
          changed = () => resolve({ topics: ['operations'] });
          signal.addEventListener('abort', () => resolve({ topics: [] }), { once: true });
        });
      }
    },
  } as unknown as EngineClient;
  const change = (next: Partial<typeof answers>): void => {
    Object.assign(answers, next);
    changed();
  };
  return { client, answers, change };
}

describe('what the window is told', () => {
  const leaving: AbortController[] = [];
  afterEach(() => leaving.forEach((each) => each.abort()));
  const watch = (engine: ReturnType<typeof pretendEngine>) => {
    const told: FromEngine[] = [];
    const ending = new AbortController();
    leaving.push(ending);
    const ended = watchForWindow(engine.client, (message) => told.push(message), { signal: ending.signal, logger: silentLogger });
    const last = (type: FromEngine['type']) => told.findLast((message) => message.type === type);
    return { told, last, ended, end: () => ending.abort() };
  };

  test('is what runs, what needs a person, and the theme; and each again only when it is another', async () => {
    const engine = pretendEngine();
    const { told, last } = watch(engine);
    await waitFor('the first look', () => last('theme'));
    expect(told).toEqual([{ type: 'working', titles: [] }, { type: 'attention', count: 0, worst: null }, { type: 'theme', theme: 'system' }]);
    engine.change({ titles: ['Back up shop'], theme: 'dark' });
    await waitFor('the second look', () => told.length === 5);
    expect(told.slice(3)).toEqual([{ type: 'working', titles: ['Back up shop'] }, { type: 'theme', theme: 'dark' }]);
  });
  test('is what runs with the system that it runs on', async () => {
    const engine = pretendEngine();
    const { last } = watch(engine);
    engine.change({ titles: ['Back up shop'], workOn: 's1' });
    await waitFor('the work', () => last('working'));
    await waitFor('its title', () => (last('working') as { titles: string[] }).titles.length === 1);
    expect(last('working')).toEqual({ type: 'working', titles: ['Back up shop (Shop)'] });
  });
  test('is news only of what became due while it was open, and not by an operation, whose end is told by itself', async () => {
    const engine = pretendEngine();
    engine.answers.needs = [backupIsOld];
    const { told, last } = watch(engine);
    await waitFor('the first look', () => last('theme'));
    expect(told.filter(({ type }) => type === 'notify')).toEqual([]);
    engine.change({ needs: [backupFailed, { ...backupIsOld, text: 'shop: the newest proven backup is 27 h old.' }] });
    await waitFor('the second look', () => (last('attention') as { count: number }).count === 2);
    expect(told.filter(({ type }) => type === 'notify')).toEqual([]);
    engine.change({ needs: [backupFailed, backupIsOld, { ...backupIsOld, systemId: 's2', systemName: 'Office' }] });
    await waitFor('the news', () => last('notify'));
    expect(last('notify')).toEqual({ type: 'notify', title: 'Office', body: backupIsOld.text, place: '/' });
  });
  test('is no news of the calendar, which reminds by itself', async () => {
    const engine = pretendEngine();
    const { told, last } = watch(engine);
    await waitFor('the first look', () => last('theme'));
    engine.change({ needs: [{ ...backupIsOld, text: 'Restore drill is due', action: { label: 'Open calendar', kind: 'open-calendar', id: 'drill' } }] });
    await waitFor('the second look', () => (last('attention') as { count: number }).count === 1);
    expect(told.filter(({ type }) => type === 'notify')).toEqual([]);
  });
  test('is no news of a system that is being worked on, whose end is told; of another one it is', async () => {
    const engine = pretendEngine();
    const { told, last } = watch(engine);
    await waitFor('the first look', () => last('theme'));
    engine.change({ titles: ['Set up the practice system'], workOn: 's1' });
    await waitFor('the work', () => (last('working') as { titles: string[] }).titles.length === 1);
    engine.change({ titles: [], needs: [backupIsOld, { ...backupIsOld, systemId: 's2', systemName: 'Office' }] });
    await waitFor('the news', () => last('notify'));
    expect(told.filter(({ type }) => type === 'notify')).toEqual([{ type: 'notify', title: 'Office', body: backupIsOld.text, place: '/' }]);
  });
  test('goes on where the engine could not answer for once', async () => {
    const engine = pretendEngine();
    const { told, last } = watch(engine);
    await waitFor('the first look', () => last('theme'));
    engine.change({ broken: true, titles: ['Restore shop'] });
    await waitFor('what runs', () => (last('working') as { titles: string[] }).titles.length === 1, { within: 20_000 });
    expect(told.filter(({ type }) => type === 'theme')).toHaveLength(1);
  });
  test('ends with its signal', async () => {
    const { ended, end, last } = watch(pretendEngine());
    await waitFor('the first look', () => last('theme'));
    end();
    await expect(ended).resolves.toBeUndefined();
  });
});
