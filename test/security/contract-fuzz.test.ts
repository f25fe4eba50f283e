/** Every method asked with what no window of ours would say, over each wire: it answers, lives on, and nothing sticks. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rm } from 'node:fs/promises';
import { errorShape } from '#shared/contract/common.ts';
import { methods, streams, type EngineClient, type MethodName } from '#shared/contract/index.ts';
import { isPilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { createProbe, type Probe } from '#test/probe.ts';
import { inputsFor } from '#test/security/schema-walk.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { overMessagePort, overWebSocket, type Way } from '#test/transports.ts';

const deep = (levels: number): unknown => Array.from({ length: levels }).reduce((inside: unknown) => ({ inside }), 'bottom');
/** As JSON, because a literal would set the prototype instead of naming it. */
const fromJson = (text: string): unknown => JSON.parse(text);

const hostile: [string, unknown][] = [
  ['a prototype', fromJson('{"__proto__":{"polluted":true}}')],
  ['a constructor', fromJson('{"constructor":{"prototype":{"polluted":true}}}')],
  ['names of every object', { toString: 'x', hasOwnProperty: 1, valueOf: null }],
  ['deep nesting', deep(2000)],
  ['a huge text', 'x'.repeat(200_000)],
  ['NUL', '\0'],
  ['half of a sign', '\ud800'],
  ['a list', [1, 2, 3]],
  ['an empty list', []],
  ['a number without an end', 1e308],
  ['a number below', -1],
  ['no number', null],
  ['yes', true],
  ['a very long list', Array.from({ length: 5000 }, () => 'x')],
  ['a template', '${process.exit(1)}'],
  ['a command', "'; touch /tmp/owned; $(touch /tmp/owned) `touch /tmp/owned`"],
];

/** What waits for a person, which the probe does not end. */
const waits = new Set(['practice.status']);
const names = Object.keys(methods).filter((name) => !waits.has(name)) as MethodName[];

/** Puts a hostile value in the place of each field in turn, and beside them under a name of its own. */
function spoil(valid: unknown, value: unknown): unknown[] {
  if (typeof valid !== 'object' || valid === null) return [value];
  const fields = Object.keys(valid);
  return [value, { ...valid, nobodyKnowsThis: value }, fromJson(`{"__proto__":${JSON.stringify(valid)}}`), ...fields.map((field) => ({ ...valid, [field]: value }))];
}

const ways: { title: string; open: (probe: Probe) => Promise<Way> }[] = [
  { title: 'over a WebSocket', open: overWebSocket },
  { title: 'over a MessagePort', open: overMessagePort },
];

const isWholeError = (error: object): boolean => errorShape.safeParse(toErrorShape(error, '')).success && isPilothouseError(error);

describe.each(ways)('hostile input $title', ({ open }) => {
  let root: string;
  let probe: Probe;
  let way: Way;
  let client: EngineClient & { close(): void };
  beforeAll(async () => {
    root = await makeTemporaryFolder('fuzz');
    probe = createProbe(root);
    way = await open(probe);
    client = await way.client();
  });
  afterAll(async () => {
    client.close();
    await way.close();
    await probe.close();
    await rm(root, { recursive: true, force: true });
  });
  const ask = (name: MethodName, input: unknown): Promise<unknown> => client.call(name, input as never).catch((error: unknown) => error);

  test.each(hostile)('every method answers %s in any field with a whole error or an answer', async (_what, value) => {
    for (const name of names) {
      for (const input of spoil(inputsFor(methods[name].input, [])[0], value)) {
        const answer = await ask(name, input);
        expect(!(answer instanceof Error) || isWholeError(answer), `${name}: ${String(answer).slice(0, 200)}`).toBe(true);
      }
    }
    expect(await client.call('system.list', {})).toEqual({ systems: [] });
  });
  test('no object of this process has got anything from it', () => {
    expect([({} as { polluted?: unknown }).polluted, Object.keys(Object.prototype)]).toEqual([undefined, []]);
  });
  test('what it does not take is never handed on to a room', async () => {
    const taken: string[] = [];
    for (const name of names) {
      for (const [what, value] of hostile) if (!methods[name].input.safeParse(value).success && (await ask(name, value).then((answer) => (answer as { code?: string }).code)) !== 'contract.invalid-input') taken.push(`${name}: ${what}`);
    }
    expect(taken).toEqual([]);
  });
  test('a field that nobody knows is refused beside those that are known, by every method', async () => {
    const taken: string[] = [];
    for (const name of names) {
      const [valid = {}] = inputsFor(methods[name].input, []);
      if (((await ask(name, { ...(valid as object), nobodyKnowsThis: 1 })) as { code?: string }).code !== 'contract.invalid-input') taken.push(name);
    }
    expect(taken).toEqual([]);
  });
  test.each(Object.keys(streams))('the stream %s answers any input with a whole error', async (stream) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.constantFrom(...hostile.map(([, value]) => value))), async (input) => {
        const parsed = streams[stream as keyof typeof streams].input.safeParse(input);
        // What it takes goes on for as long as somebody listens.
        if (parsed.success) return;
        const error: unknown = await (async () => {
          for await (const item of client.follow(stream as keyof typeof streams, input as never)) return item;
          return null;
        })().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'contract.invalid-input' });
      }),
      { numRuns: 60 },
    );
  });
});
