import { expect, test } from 'vitest';
import { applicationScripts } from '#engine/node-scripts.ts';
import { startCommand } from '#test/command-line.ts';

test.each([
  ['in a checkout', undefined, 'npm run -s cli --'],
  ['in an installed application', applicationScripts({ command: 'pilothouse', args: [] }), 'pilothouse cli'],
])('the help says what one types: %s', async (_where, scripts, typed) => {
  const helped = async (...args: string[]) => (await startCommand([...args, '--help'], '', undefined, scripts).result).stdout.split('\n')[0];
  expect([await helped(), await helped('backup')]).toEqual([`Usage: ${typed} [options] [command]`, `Usage: ${typed} backup [options] [command]`]);
});
