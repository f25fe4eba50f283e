import { describe, expect, test } from 'vitest';
import { judgeHostKey, type KnownHostKey } from '#shared/domain/host-trust.ts';

const ed = { type: 'ssh-ed25519', key: 'AAAA' };
const otherEd = { type: 'ssh-ed25519', key: 'BBBB' };
const rsa = { type: 'ssh-rsa', key: 'CCCC' };
const knows = (...keys: { type: string; key: string; revoked?: boolean }[]): KnownHostKey[] => keys.map((key) => ({ revoked: false, ...key }));

describe('the key that a host shows', () => {
  test.each([
    ['is trusted where it is known', knows(ed, rsa), ed, 'trusted'],
    ['is unknown where nothing is known', [], ed, 'unknown'],
    ['is unknown where only another one was revoked', knows({ ...otherEd, revoked: true }), ed, 'unknown'],
    ['is changed where another of its type is known', knows(otherEd), ed, 'changed'],
    ['is changed where others of its type and of other types are known', knows(rsa, otherEd), ed, 'changed'],
    ['is of another type where only such are known', knows(rsa), ed, 'other-type'],
    ['is revoked, though it is known as well', knows(ed, { ...ed, revoked: true }), ed, 'revoked'],
    ['is revoked, whatever type the revocation names', knows({ type: 'ssh-rsa', key: 'AAAA', revoked: true }), ed, 'revoked'],
  ])('%s', (_what, known, offered, verdict) => {
    expect(judgeHostKey(known, offered).verdict).toBe(verdict);
  });
  test('that changed comes with those that are known', () => {
    expect(judgeHostKey(knows(rsa, otherEd), ed)).toEqual({ verdict: 'changed', known: [otherEd] });
  });
});
