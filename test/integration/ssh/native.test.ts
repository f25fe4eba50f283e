import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

test('the native part of the SSH library was built by the set-up and is in use', (context) => {
  if (!['/usr/bin/g++', '/usr/bin/c++'].some((compiler) => existsSync(compiler))) context.skip('there is no C++ compiler here, without which SSH works at half the speed');
  const { bindingAvailable } = createRequire(import.meta.url)('ssh2/lib/protocol/crypto.js') as { bindingAvailable: boolean };
  expect(bindingAvailable).toBe(true);
});
