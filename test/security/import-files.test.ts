/** Importing reads files that the window names. Whatever they are, what stands in them does not come back but for what the formats are about. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import { createEngine } from '#engine/create-engine.ts';
import { silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { makeKey } from '#test/ssh-server.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const canary = 'canary-in-a-file-27';
let home: string;
let client: EngineClient;
let logged: string[];

beforeEach(async () => {
  logged = [];
  const line = (fields: Record<string, unknown>, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  home = await temporaryFolder('import-files');
  vi.stubEnv('HOME', home);
  const engine = await createEngine({ root: await temporaryFolder('import-files-data'), ports: { clock: systemClock, random: systemRandom, logger: { info: line, warn: line, error: line }, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
  onTestFinished(() => engine.close());
  client = engine.client('console');
});

const files: readonly (readonly [string, string])[] = [
  ['settings of a program', `API_TOKEN=${canary}\nexport SECRET="${canary}"\nDEBUG = ${canary}\n`],
  ['a file of accounts', `root:$y$${canary}:19000:0:99999:7:::\nann:${canary}:19000:0:99999:7:::\n`],
  ['passwords of other programs', `machine git.example\nlogin ann\npassword ${canary}\n[url]\n\ttoken ${canary}\n`],
  ['JSON', JSON.stringify({ auths: { example: { auth: canary } }, Servers: { 1: { Name: 'x', Password: canary, Host: 'h', Username: 'u', Port: 'p' } } })],
  ['bytes', `\0\u0001${canary}\u007f\nHost\0${canary}`],
  ['a file with quotation marks that do not match', `Host db\n  IdentityFile "${canary}\nMatch ${canary} x\nInclude "${canary}\n"${canary}`],
  ['a password file', `db:5432:shop:ann:${canary}\n*:*:*:*:${canary}\nx:y:${canary}\n`],
  ['a service file', `[db]\nhost=db\nuser=u\npassword=${canary}\nnonsense ${canary}\n${canary}=x\n`],
];

describe('what stands in a file that is none of the kind does not come back', () => {
  test.each(files)('of %s', async (_name, text) => {
    const path = join(home, 'any-file');
    writeFileSync(path, text, { mode: 0o600 });
    const asked = [
      () => client.call('import.previewSsh', { configPath: path }), () => client.call('import.previewSsh', { text: 'Host db', knownHostsPath: path }), () => client.call('import.previewSsh', { text: `Include ${path}\nHost db` }), () => client.call('import.previewSsh', { text: `Host db\n  IdentityFile ${path}` }),
      () => client.call('import.previewDatabases', { passfilePath: path }), () => client.call('import.previewDatabases', { serviceFilePath: path }), () => client.call('import.previewDatabases', { pgadminPath: path }),
    ];
    const answers: unknown[] = [];
    for (const ask of asked) answers.push(await ask().catch((error: unknown) => error));
    expect([JSON.stringify(answers), logged.join('\n')].map((all) => all.includes('canary'))).toEqual([false, false]);
  });
  test('of a private key, whichever field it is named in', async () => {
    const { privateKey } = makeKey(home);
    const path = join(home, 'id');
    writeFileSync(path, privateKey, { mode: 0o600 });
    const answers = [await client.call('import.previewSsh', { configPath: path }), await client.call('import.previewSsh', { text: `Host db\n  IdentityFile ${path}` }), await client.call('import.previewDatabases', { passfilePath: path })];
    const body = privateKey.split('\n')[1] ?? '';
    expect([body.length > 20, JSON.stringify(answers).includes(body)]).toEqual([true, false]);
  });
});

test('what stands in the environment does not come back, but for paths that are there', async () => {
  vi.stubEnv('SERVICE_TOKEN', canary);
  vi.stubEnv('WORK_KEYS', home);
  const { hosts } = await client.call('import.previewSsh', { text: 'Host db\n  IdentityFile /keys/${SERVICE_TOKEN}\n  IdentityFile ${WORK_KEYS}/id\nHost other\n  IdentityAgent $SERVICE_TOKEN\n' });
  expect([hosts[0]?.keys.map(({ path }) => path), hosts[0]?.cautions.join().includes('SERVICE_TOKEN is in the environment is not known here'), JSON.stringify(hosts).includes('canary')]).toEqual([[join(home, 'id')], true, false]);
});

describe('what is no file is not waited for, and not read', () => {
  test.each(['/dev/zero', '/dev/tty', '/', '/proc/self/mem'])('%s', async (path) => {
    const { hosts, problems } = await client.call('import.previewSsh', { configPath: path });
    expect([hosts, problems.length]).toEqual([[], 1]);
  });
  test('a relative path is refused', async () => {
    await expect(client.call('import.previewSsh', { configPath: '../config' })).rejects.toMatchObject({ code: 'contract.invalid-input' });
  });
});
