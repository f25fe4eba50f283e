/** Key files and words of servers as nobody would write them: never a crash, never what a terminal obeys. */
import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { identityOf } from '#engine/ssh/key-file.ts';
import { serverText } from '#engine/ssh/server-text.ts';
import { keyOf, readKey } from '#engine/ssh/sign-in.ts';
import { makeKey } from '#test/ssh-server.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let folder = '';
let texts: string[] = [];
beforeAll(async () => {
  folder = await makeTemporaryFolder('ssh-keys');
  const pkcs8 = (passphrase?: string): string => generateKeyPairSync('ed25519', { privateKeyEncoding: { type: 'pkcs8', format: 'pem', ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }) }, publicKeyEncoding: { type: 'spki', format: 'pem' } }).privateKey;
  texts = [makeKey(folder).privateKey, makeKey(folder, { passphrase: 'words' }).privateKey, makeKey(folder, { type: 'ecdsa', pem: true }).privateKey, makeKey(folder, { type: 'ecdsa', pem: true, passphrase: 'words' }).privateKey, pkcs8(), pkcs8('words')];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A key file that something happened to: cut, with other signs in it, with lines at other places. */
const spoilt = fc.tuple(fc.nat(5), fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 4 }), fc.double({ min: 0, max: 1, noNaN: true })).map(([which, changes, cut]) => {
  let text = texts[which] ?? '';
  for (const [where, put] of changes) {
    const at = Math.floor(where * text.length);
    text = text.slice(0, at) + put + text.slice(at + put.length);
  }
  return cut < 0.3 ? text.slice(0, Math.floor(cut * 3 * text.length)) : text;
});

describe('a key file', () => {
  test('that is spoilt is told as that, or is a key', () => {
    fc.assert(fc.property(fc.oneof(spoilt, fc.string({ unit: 'binary' })), fc.option(fc.string(), { nil: null }), (text, passphrase) => {
      const read = readKey(keyOf('id', text, passphrase));
      expect(typeof read === 'string' ? read.startsWith('id ') : read.isPrivateKey()).toBe(true);
    }), { numRuns: 300 });
  });
  test('that is spoilt has a public half that can be told, or none', async () => {
    const path = join(folder, 'spoilt');
    await fc.assert(fc.asyncProperty(fc.oneof(spoilt, fc.string({ unit: 'binary' })), async (text) => {
      writeFileSync(path, text);
      const { publicKey } = await identityOf(path);
      expect(publicKey === null || typeof publicKey === 'string').toBe(true);
    }), { numRuns: 200 });
  });
  test('that is whole has the public half of its key, encrypted or not', async () => {
    const path = join(folder, 'whole');
    for (const [index, passphrase] of [[0, null], [1, 'words'], [2, null]] as const) {
      writeFileSync(path, texts[index] ?? '');
      const key = readKey(keyOf('id', texts[index] ?? '', passphrase));
      expect((await identityOf(path)).publicKey).toBe(typeof key === 'string' ? key : key.getPublicSSH().toString('base64'));
    }
  });
});

test('what a server says is plain and no longer than it may be', () => {
  const nasty = fc.string({ unit: fc.oneof(fc.constantFrom('\u001b[', '\u001b]', '\u0007', '\u009b', '\u202e', '\u2066', '\r\n', '\u200b', 'm', ';', '0'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), maxLength: 300 });
  fc.assert(fc.property(nasty, fc.integer({ min: 1, max: 100 }), (text, longest) => {
    const shown = serverText(text, longest);
    expect(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069]/.test(shown)).toBe(false);
    expect(shown.length).toBeLessThanOrEqual(longest + 1);
  }));
});
