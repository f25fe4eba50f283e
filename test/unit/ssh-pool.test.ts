import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { SshConnection } from '#engine/ssh/chain.ts';
import { systemRandom } from '#engine/ports.ts';
import { createHandshakes } from '#engine/ssh/handshakes.ts';
import { createSshPool } from '#engine/ssh/pool.ts';

/** Connections that count themselves, and end when they are told to. */
function pooled(options: { now?: () => number; idleMs?: number; channels?: number; fails?: number } = {}) {
  let fails = options.fails ?? 0;
  const opened: { open: boolean; lose(): void }[] = [];
  const pool = createSshPool({
    now: () => Date.now(),
    ...options,
    connect: async () => {
      if (fails > 0) {
        fails -= 1;
        throw new Error('away');
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const state = { open: true, lose: () => end() };
      const end = () => {
        state.open = false;
        resolve();
      };
      opened.push(state);
      return { client: {}, label: 'web', hops: [], closed: promise, get isOpen() { return state.open; }, close: end } as unknown as SshConnection;
    },
  });
  onTestFinished(() => pool.close());
  return { pool, opened };
}

describe('the connection to a host', () => {
  test('is one for all who ask at the same time', async () => {
    const { pool, opened } = pooled();
    await Promise.all(Array.from({ length: 5 }, () => pool.use('web', async (connection) => connection.isOpen)));
    expect(opened).toHaveLength(1);
  });
  test('is one that somebody has just made, and is closed where there is one already', async () => {
    const { pool, opened } = pooled();
    const [first, second] = await Promise.all([0, 1].map(() => pooled().pool.use('web', async (connection) => connection)));
    if (first === undefined || second === undefined) throw new Error('There are none.');
    pool.keep('web', first);
    pool.keep('web', second);
    expect([await pool.use('web', async (connection) => connection === first), second.isOpen, opened.length]).toEqual([true, false, 0]);
  });
  test('that was kept is closed when nobody has needed it for a while', async () => {
    const made = await pooled().pool.use('web', async (connection) => connection);
    const { pool } = pooled({ idleMs: 1 });
    pool.keep('web', made);
    await made.closed;
    expect(made.isOpen).toBe(false);
  });
  test('has no more channels at a time than the server allows', async () => {
    const { pool } = pooled({ channels: 3 });
    let now = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 10 }, () => pool.use('web', async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    })));
    expect(most).toBe(3);
  });
  test('that was lost is opened anew for the next one', async () => {
    const { pool, opened } = pooled();
    await pool.use('web', async () => opened[0]?.lose());
    await pool.use('web', async (connection) => expect(connection.isOpen).toBe(true));
    expect(opened).toHaveLength(2);
  });
  test('that could not be opened is tried again by the next one', async () => {
    const { pool, opened } = pooled({ fails: 1 });
    await expect(pool.use('web', async () => 'x')).rejects.toThrow('away');
    expect([await pool.use('web', async () => 'x'), opened.length]).toEqual(['x', 1]);
  });
  test('is closed when nobody has needed it for a while', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { pool, opened } = pooled({ idleMs: 1000 });
    await pool.use('web', async () => undefined);
    const before = opened[0]?.open;
    await vi.advanceTimersByTimeAsync(1001);
    expect([before, opened[0]?.open]).toEqual([true, false]);
  });
  test('that is forgotten ends with the last one who has it, and nobody else gets it', async () => {
    const { pool, opened } = pooled();
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = pool.use('web', () => promise);
    await pool.use('web', async () => undefined);
    pool.forget('web');
    await pool.use('web', async () => undefined);
    const during = opened.map(({ open }) => open);
    resolve();
    await first;
    expect([during, opened.map(({ open }) => open)]).toEqual([[true, true], [false, true]]);
  });
  test.each([
    ['forgotten', 'web'],
    ['lost', null],
  ] as const)('that is %s is given to nobody who still waits for a turn', async (_what, forgets) => {
    const { pool, opened } = pooled({ channels: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = pool.use('web', () => promise);
    const second = pool.use('web', async () => opened.map(({ open }) => open));
    await pool.use('web', async () => undefined, undefined, 'tunnel');
    if (forgets === null) opened[0]?.lose();
    else pool.forget(forgets);
    resolve();
    await first;
    expect(await second).toEqual([false, true]);
  });
  test('ends with the engine, and is not opened any more', async () => {
    const { pool, opened } = pooled();
    await pool.use('web', async () => undefined);
    await pool.close();
    await expect(pool.use('web', async () => undefined)).rejects.toThrow('closed');
    expect(opened[0]?.open).toBe(false);
  });
  test('is opened anew after this computer slept', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let slept = 0;
    const { pool, opened } = pooled({ idleMs: 600_000, now: () => Date.now() + slept });
    await pool.use('web', async () => undefined);
    await vi.advanceTimersByTimeAsync(10_000);
    await pool.use('web', async () => undefined);
    expect(opened).toHaveLength(1);
    slept = 3_600_000;
    await vi.advanceTimersByTimeAsync(5000);
    await pool.use('web', async () => undefined);
    expect([opened.length, opened[0]?.open]).toEqual([2, false]);
  });
  test('is opened anew at once when somebody says that this computer woke up, and ends with those who have it', async () => {
    const { pool, opened } = pooled({ idleMs: 600_000 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const inUse = pool.use('web', () => promise);
    await pool.use('db', async () => undefined);
    pool.wake();
    await pool.use('web', async () => undefined);
    // Of "web", of "db", and of "web" again.
    const during = opened.map(({ open }) => open);
    resolve();
    await inUse;
    expect([during, opened.map(({ open }) => open)]).toEqual([[true, false, true], [false, false, true]]);
  });
  test.each(['said before it is noticed', 'noticed before it is said'])('is opened anew once after a sleep that is %s', async (order) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let slept = 0;
    const { pool, opened } = pooled({ idleMs: 600_000, now: () => Date.now() + slept });
    await pool.use('web', async () => undefined);
    slept = 3_600_000;
    if (order === 'said before it is noticed') pool.wake();
    else await vi.advanceTimersByTimeAsync(5000);
    await pool.use('web', async () => undefined);
    if (order === 'said before it is noticed') await vi.advanceTimersByTimeAsync(5000);
    else pool.wake();
    await pool.use('web', async () => undefined);
    expect(opened.map(({ open }) => open)).toEqual([false, true]);
  });
  test('lends tunnels without a session', async () => {
    const { pool } = pooled({ channels: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const session = pool.use('web', () => promise);
    expect(await Promise.all(Array.from({ length: 20 }, (_each, index) => pool.use('web', async () => index, undefined, 'tunnel')))).toHaveLength(20);
    resolve();
    await session;
  });
  test('wakes the next one when one that waited gave up', async () => {
    const { pool } = pooled({ channels: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = pool.use('web', () => promise);
    const leaving = new AbortController();
    const second = pool.use('web', async () => 'second', leaving.signal);
    const third = pool.use('web', async () => 'third');
    leaving.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    resolve();
    expect(await third).toBe('third');
    await first;
  });
  test('is not waited for by who has given up', async () => {
    const { pool } = pooled({ channels: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = pool.use('web', () => promise);
    const leaving = new AbortController();
    const second = pool.use('web', async () => 'never', leaving.signal);
    leaving.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    resolve();
    await first;
  });
  test('is given up where nobody waits for it any more, and closed where it was opened all the same', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let begun: AbortSignal | null = null;
    let isOpen = true;
    const pool = createSshPool({ now: () => Date.now(), connect: async (_hostId, signal) => {
      begun = signal;
      await promise;
      return { closed: new Promise<void>(() => {}), close: () => (isOpen = false) } as unknown as SshConnection;
    } });
    const leaving = [new AbortController(), new AbortController()];
    const work = leaving.map(({ signal }) => pool.use('web', async () => 'never', signal));
    leaving[0]?.abort(new Error('enough'));
    await expect(work[0]).rejects.toThrow('enough');
    expect((begun as AbortSignal | null)?.aborted).toBe(false);
    leaving[1]?.abort(new Error('enough'));
    await expect(work[1]).rejects.toThrow('enough');
    expect((begun as AbortSignal | null)?.aborted).toBe(true);
    resolve();
    await vi.waitFor(() => expect(isOpen).toBe(false));
  });
});

describe('handshakes with one server', () => {
  const dropped = () => new PilothouseError('ssh.connection-lost', 'It was closed.', { hint: 'Try again.', retryable: true });

  test('are no more than eight at a time', async () => {
    const { run } = createHandshakes({ random: systemRandom });
    let now = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 30 }, () => run('web:22', async () => {
      most = Math.max(most, (now += 1));
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
    })));
    expect(most).toBe(8);
  });
  test('that it dropped are tried again, later and by chance at another time', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const begun = Date.now();
    const at: number[] = [];
    const { run } = createHandshakes({ random: { bytes: () => Buffer.from([128]) } });
    const all = run('web:22', async () => {
      at.push(Date.now() - begun);
      if (at.length < 3) throw dropped();
      return 'in';
    });
    await vi.runAllTimersAsync();
    expect([await all, at]).toEqual(['in', [0, 250, 750]]);
  });
  test('that were refused for a reason are not', async () => {
    let tries = 0;
    const { run } = createHandshakes({ firstWaitMs: 1, random: systemRandom });
    await expect(run('web:22', async () => { tries += 1; throw new PilothouseError('ssh.authentication', 'No.', { hint: 'x' }); })).rejects.toMatchObject({ code: 'ssh.authentication' });
    expect(tries).toBe(1);
  });
  test('are given up in the end', async () => {
    let tries = 0;
    const { run } = createHandshakes({ firstWaitMs: 1, random: systemRandom });
    await expect(run('web:22', async () => { tries += 1; throw dropped(); })).rejects.toMatchObject({ code: 'ssh.connection-lost' });
    expect(tries).toBe(4);
  });
  test('go on with those who wait, whoever before them gave up', async () => {
    const { run } = createHandshakes({ atOnce: 1, random: systemRandom });
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = run('web:22', () => promise);
    const leaving = new AbortController();
    const second = run('web:22', async () => 'never', leaving.signal);
    const third = run('web:22', async () => 'third');
    leaving.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    resolve();
    await first;
    expect(await Promise.race([third, new Promise((waited) => setTimeout(waited, 1000, 'it waits for ever'))])).toBe('third');
  });
});
