/** Lines that nobody answers for: what is waited for has an end, and leaves nothing behind. */
import { EventEmitter } from 'node:events';
import type { LookupAddress } from 'node:dns';
import type { Client } from 'ssh2';
import { describe, expect, test } from 'vitest';
import { forwardLine, openLine } from '#engine/ssh/sockets.ts';
import type { SshHop } from '#engine/ssh/types.ts';

const hop: SshHop = { host: 'db.example', port: 22, account: { user: 'ann', keys: [], agent: null, password: null, ask: null, methods: null }, knownKeys: [] };
const never = (): Promise<LookupAddress[]> => new Promise(() => {});

describe('looking up a name', () => {
  test('has a limit', async () => {
    await expect(openLine(hop, 'db', { timeoutMs: 20, signal: undefined, resolver: never })).rejects.toMatchObject({ code: 'ssh.name-not-resolved', message: 'db: nobody said within 0.02 s to which address the name db.example leads.' });
  });
  test('is over as soon as it is cancelled', async () => {
    const stop = new AbortController();
    const opening = openLine(hop, 'db', { timeoutMs: 60_000, signal: stop.signal, resolver: never });
    stop.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });
  test('is not begun where it was cancelled before', async () => {
    await expect(openLine(hop, 'db', { timeoutMs: 60_000, signal: AbortSignal.abort(new Error('enough')), resolver: never })).rejects.toThrow('enough');
  });
});

describe('a machine that never says whether it connects', () => {
  const through = { name: 'bastion', label: 'bastion (ann@bastion)' };
  /** A connection to it that takes every request, and answers none. */
  const silent = () => Object.assign(new EventEmitter(), { forwardOut: () => true });
  const open = (before: EventEmitter, options: { timeoutMs: number; signal?: AbortSignal }) => forwardLine(before as unknown as Client, hop, 'db', through, { signal: undefined, ...options });

  test('is listened to no longer than it is waited for', async () => {
    const before = silent();
    await expect(open(before, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'ssh.timeout' });
    const stop = new AbortController();
    const opening = open(before, { timeoutMs: 60_000, signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
    expect(before.listenerCount('close')).toBe(0);
  });
  test('is named as lost where the connection to it ends meanwhile', async () => {
    const before = silent();
    const opening = open(before, { timeoutMs: 60_000 });
    before.emit('close');
    await expect(opening).rejects.toMatchObject({ code: 'ssh.connection-lost' });
    expect(before.listenerCount('close')).toBe(0);
  });
});
