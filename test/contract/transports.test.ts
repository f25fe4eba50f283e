import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { methods, type EngineClient, type MethodName } from '#shared/contract/index.ts';
import { errorShape } from '#shared/contract/common.ts';
import type { OperationEvent } from '#shared/contract/operations.ts';
import { maximumFrameLength } from '#shared/contract/protocol.ts';
import { isPilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { createProbe, fullError, type Probe } from '#test/probe.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { inMemory, overAttachSocket, overCommandLine, overMessagePort, overWebSocket, type Way } from '#test/transports.ts';
import { waitFor } from '#test/wait-for.ts';

const ways = [
  { title: 'in memory', open: inMemory, runs: 200 },
  { title: 'over a WebSocket', open: overWebSocket, runs: 200 },
  { title: 'over a MessagePort', open: overMessagePort, runs: 200 },
  { title: 'over the attach socket', open: overAttachSocket, runs: 200 },
  { title: 'over the command line', open: overCommandLine, runs: 40 },
];

const methodNames = Object.keys(methods) as MethodName[];
/** Asks what nobody typed would let through. */
const rawCall = (client: EngineClient, method: string, input: unknown, options?: { signal?: AbortSignal }): Promise<unknown> => client.call(method as MethodName, input as never, options);

const isWholeError = (error: object): boolean => errorShape.safeParse(toErrorShape(error, '')).success && isPilothouseError(error);

describe.each(ways)('the contract $title', ({ open, runs, title }) => {
  let probe: Probe;
  let way: Way;
  let client: Awaited<ReturnType<Way['client']>>;
  const onCommandLine = title === 'over the command line';

  beforeEach(async () => {
    probe = createProbe(await temporaryFolder('contract'));
    way = await open(probe);
    client = await way.client();
  });
  afterEach(async () => {
    client.close();
    await way.close();
    await probe.close();
  });

  test('answers a call', async () => {
    expect(await client.call('system.list', {})).toEqual({ systems: [] });
  });

  test.each(methodNames)('refuses fields that %s does not know', async (method) => {
    await expect(rawCall(client, method, { nobodyKnowsThis: true })).rejects.toMatchObject({ code: 'contract.invalid-input' });
  });
  test('refuses what is no object at all, for every method', async () => {
    const answers: unknown[] = [];
    // One input after the other: a connection takes only so many calls at a time.
    for (const input of [null, [], 7, 'text'].slice(0, onCommandLine ? 1 : 4)) answers.push(...(await Promise.all(methodNames.map((method) => rawCall(client, method, input).catch((error: unknown) => error)))));
    expect(new Set(answers.map((error) => (error as { code: string }).code))).toEqual(new Set(['contract.invalid-input']));
  });

  test.each(['system.lst', '', 'constructor', '__proto__', 'toString'].filter((name) => name !== '' || !onCommandLine))('refuses the unknown method "%s"', async (method) => {
    await expect(rawCall(client, method, {})).rejects.toMatchObject({ code: onCommandLine && method === '' ? 'contract.invalid-input' : 'contract.unknown-method' });
  });

  test('brings an error over with all its fields', async () => {
    const error: unknown = await client.call('system.get', { systemId: 'shop' }).catch((thrown: unknown) => thrown);
    // The document of the command line leaves out `retryable`: its exit status and the hint say what to do.
    const { retryable: _retryable, ...withoutRetryable } = fullError;
    expect(error).toMatchObject(onCommandLine ? withoutRetryable : fullError);
  });
  test('gives an error a correlation id of its own where it has none', async () => {
    const error: unknown = await client.call('app.about', {}).catch((thrown: unknown) => thrown);
    expect((error as { correlationId: string }).correlationId).not.toBe('');
  });
  test('lets no secret through, whatever a method says of it', async () => {
    const error: unknown = await client.call('vault.unlock', { passphrase: 'canary-Passphrase-1' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'vault.wrong-passphrase', message: 'Wrong: [redacted].' });
    expect(JSON.stringify(error)).not.toContain('canary-Passphrase-1');
  });

  test('replays an operation from a sequence number and goes on with it to its end', async () => {
    const { operationId, tell, end } = probe.startOperation();
    for (const text of ['one', 'two', 'three']) tell(text);
    probe.core.log.flush();
    const seen: OperationEvent[] = [];
    const following = (async () => {
      for await (const { events } of client.follow('operation.follow', { operationId, afterSeq: 2 })) seen.push(...events);
    })();
    if (!onCommandLine) await waitFor('the replay', () => seen.length > 0);
    tell('four');
    end();
    await following;
    expect(seen.map((event) => event.seq)).toEqual([3, 4, 5]);
    expect(seen.at(-1)).toMatchObject({ kind: 'result', state: 'succeeded' });
  });
  test('refuses to follow what is not there', async () => {
    const following = (async () => {
      for await (const item of client.follow('operation.follow', { operationId: 'nothing' })) expect(item).toBeUndefined();
    })();
    await expect(following).rejects.toMatchObject({ code: 'operation.not-found' });
  });

  test('leaves nothing behind when a call is given up', async () => {
    const leaving = new AbortController();
    const asked = client.call('practice.status', {}, { signal: leaving.signal }).catch((error: unknown) => error);
    await waitFor('the call to arrive', () => probe.waiting() === 1);
    leaving.abort();
    expect(await asked).toMatchObject({ code: 'operation.cancelled' });
    await waitFor('the call to be given up there too', () => probe.waiting() === 0);
    expect(probe.waiting()).toBe(0);
  });

  test('refuses input that is too big, and goes on serving others', async () => {
    const text = 'x'.repeat(maximumFrameLength + 1);
    const other = await way.client();
    await expect(rawCall(other, 'history.search', { text })).rejects.toMatchObject({ code: onCommandLine ? 'contract.too-large' : 'contract.disconnected' });
    expect(await client.call('system.list', {})).toEqual({ systems: [] });
  });

  test('says what is wrong with any input whatever', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(...methodNames.filter((name) => name !== 'practice.status')), fc.string().filter((name) => !name.startsWith('-') && name.trim() !== '')), fc.jsonValue(), async (method, input) => {
        const answer: unknown = await rawCall(client, method, input).catch((error: unknown) => error);
        expect(!(answer instanceof Error) || isWholeError(answer)).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});

/** The command line has no wire of its own: each call is a process. */
describe.each(ways.filter((way) => way.open !== overCommandLine))('the wire $title', ({ open, runs }) => {
  let probe: Probe;
  let way: Way;

  beforeEach(async () => {
    probe = createProbe(await temporaryFolder('wire'));
    way = await open(probe);
  });
  afterEach(async () => {
    await way.close();
    await probe.close();
  });

  test('leaves nothing behind when the connection is cut', async () => {
    const other = await way.client();
    const asked = other.call('practice.status', {}).catch((error: unknown) => error);
    await waitFor('the call to arrive', () => probe.waiting() === 1);
    other.close();
    expect(await asked).toMatchObject({ code: 'contract.disconnected' });
    await waitFor('the call to be given up there too', () => probe.waiting() === 0);
    expect(probe.waiting()).toBe(0);
  });
  test('survives frames that are none', async () => {
    const frame = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ type: fc.constantFrom('call', 'follow', 'cancel', 'other'), id: fc.oneof(fc.nat(), fc.string(), fc.constant(-1)), method: fc.string(), stream: fc.string(), input: fc.jsonValue() }).map((value) => JSON.stringify(value)),
      fc.constant('{"type":"call","id":1,"method":"practice.status","input":{}}'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 5 }), async (frames) => {
        const wire = await way.wire?.();
        for (const text of frames) wire?.send(text);
        wire?.close();
        await wire?.closed;
      }),
      { numRuns: runs / 2 },
    );
    expect(await (await way.client()).call('system.list', {})).toEqual({ systems: [] });
  });
  test('closes a connection on which the same number is used twice', async () => {
    const wire = await way.wire?.();
    const frame = '{"type":"call","id":1,"method":"practice.status","input":{}}';
    wire?.send(frame);
    wire?.send(frame);
    await wire?.closed;
    await waitFor('the call to be given up', () => probe.waiting() === 0);
    expect(probe.waiting()).toBe(0);
  });
});
