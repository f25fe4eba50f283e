import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { methods } from '#shared/contract/index.ts';
import { Secret } from '#shared/domain/secret.ts';

const secret = new Secret('hunter22');

test.each<[string, (value: Secret) => string]>([
  ['JSON', (value) => JSON.stringify({ value })],
  ['text', (value) => `${String(value)} ${value.toString()}`],
  ['what is inspected', (value) => inspect({ value }, { showHidden: true, depth: null })],
  ['an error', (value) => inspect(new Error('with', { cause: value }))],
  ['a list of fields', (value) => Object.entries(value).join()],
  ['a copy', (value) => JSON.stringify({ ...value })],
])('a secret is not in %s', (_, write) => {
  expect(write(secret)).not.toContain('hunter22');
});
test('a secret says what it is where it is written', () => {
  expect([JSON.stringify(secret), String(secret), inspect(secret)]).toEqual(['"[redacted]"', '[redacted]', '[redacted]']);
});
test.each([
  ['vault.create', { passphrase: 'seven77' }],
  ['vault.changePassphrase', { current: 'a', next: 'seven77' }],
] as const)('%s takes no passphrase that is soon guessed', (method, input) => {
  expect(methods[method].input.safeParse(input).error?.issues[0]?.message).toBe('A passphrase has at least 8 characters');
});
test('a vault with a shorter passphrase from before still opens', () => {
  expect(methods['vault.unlock'].input.safeParse({ passphrase: 'a' }).success).toBe(true);
});
