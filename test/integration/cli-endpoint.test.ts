/** Endpoints on the command line: added, listed, asked and removed. */
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let home: string;
let cli: CliSession;
let server: Server;
let url: string;

beforeAll(async () => {
  home = await makeTemporaryFolder('endpoint');
  cli = cliSession(home);
  server = createServer((asked, answer) => void answer.writeHead(asked.url === '/health' ? 200 : 503).end('{"status":"ok"}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await cli.run('system', 'add', 'Shop');
});
afterAll(async () => {
  server.close();
  await rm(home, { recursive: true, force: true });
});

test('an endpoint is added, tested with the status of what it answers, listed and removed', async () => {
  const added = await cli.run('endpoint', 'add', 'Shop', 'The API', `${url}/health`, '--critical-ms', '60000', '--field', '$.status=ok');
  const tested = await cli.run('endpoint', 'test', 'Shop', 'The API');
  const { endpoints } = (await cli.run('endpoint', 'list', 'Shop')).document();
  const removed = await cli.run('endpoint', 'remove', 'Shop', 'the-api');
  expect([added.document()['key'], tested.status, tested.document(), endpoints, removed.document()]).toEqual([
    'the-api',
    0,
    { key: 'the-api', found: [expect.objectContaining({ check: 'endpoint', status: 'ok', critical: 60_000 })] },
    [expect.objectContaining({ key: 'the-api', standing: 'own' })],
    { removed: 'the-api' },
  ]);
});

test('one that answers otherwise ends the test with the status of health', async () => {
  await cli.run('endpoint', 'add', 'Shop', 'Broken', `${url}/broken`);
  expect((await cli.run('endpoint', 'test', 'Shop', 'broken')).status).toBe(2);
});

test('a status that is none of HTTP is refused', async () => {
  expect((await cli.run('endpoint', 'add', 'Shop', 'A', url, '--status', '20')).status).toBe(64);
});

test('what cannot be looked at at all is unknown, and no warning', async () => {
  expect((await cli.run('endpoint', 'test', 'Shop', 'nothing')).status).toBe(3);
});
