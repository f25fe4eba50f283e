import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sshLibrary, sshNotice } from '#engine/ssh/library.ts';

test('the native part of the SSH library was built by the set-up and is in use', (context) => {
  if (!['/usr/bin/g++', '/usr/bin/c++'].some((compiler) => existsSync(compiler))) context.skip('there is no C++ compiler here, without which SSH works at half the speed');
  expect([sshLibrary().native, sshNotice(sshLibrary())]).toEqual([true, null]);
});

test('where it is not there, that is said with what to do', () => {
  expect(sshNotice({ version: '1.0.0', native: false })).toMatch(/half the speed.*compiler/);
});
