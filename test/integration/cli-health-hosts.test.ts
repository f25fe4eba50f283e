/** What the command line says of the health of many hosts. */
import { expect, test } from 'vitest';
import * as documents from '../../electron/cli/documents.ts';
import { hostChecks } from '#engine/health/host/index.ts';
import { cliSession } from '#test/cli-session.ts';
import { command } from '#test/command-line.ts';
import { freePort } from '#test/free-port.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

test('what keeps it from several hosts is one line for people, and every result for scripts', async () => {
  const cli = cliSession(await temporaryFolder('cli-health-hosts'));
  await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
  for (const label of ['web-1', 'web-2', 'web-3', 'web-10']) await cli.read(documents.hostAddedDocument, 'host', 'add', 'Shop', `ann@127.0.0.1:${await freePort()}`, '--label', label, '--password-from', 'ask');
  const { stdout, status } = await command(['--home', cli.home, 'health', 'Shop']);
  expect([status, stdout.trimEnd().split('\n').slice(2).map((line) => line.replaceAll(/ {2,}/g, ' | '))]).toEqual([3, [`unknown | ${hostChecks.length} checks | web-1, web-2, web-3 and 1 more | Not asked: its password is missing`]]);
  const { document } = await cli.run('health', 'Shop');
  expect(documents.healthDocument.parse(document()).results.length).toBe(hostChecks.length * 4);
}, 30_000);
