/** Machines on a way are each known by their own key, and sudo there is spoken to by words that nobody can guess. */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { systemRandom } from '#engine/ports.ts';
import { connectChain } from '#engine/ssh/chain.ts';
import { runAs } from '#engine/ssh/sudo.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { makeSudoUser, whyNoSudoUser, type SudoUser } from '#test/sudo-user.ts';

const missing = whyNoSshServer() ?? whyNoSudoUser();
let gate: SshServer;
let target: SshServer;
let user: SudoUser;
beforeAll(async () => {
  if (missing !== null) return;
  user = makeSudoUser();
  user.allow('NAME ALL=(nobody) PASSWD: ALL');
  [gate, target] = await Promise.all([startSshServer(), startSshServer()]);
  // sshd reads it as the account that signs in.
  chmodSync(gate.folder, 0o711);
  chmodSync(join(gate.folder, 'authorized_keys'), 0o644);
  mkdirSync(join(gate.folder, 'home'), { recursive: true, mode: 0o755 });
});
afterAll(async () => {
  await Promise.all([gate?.stop(), target?.stop()]);
  user?.remove();
});
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});

test('a machine that shows the key of the one before it is not taken for the one that is known', async () => {
  const error: unknown = await connectChain([gate.hop(), gate.hop({ knownKeys: target.knownKeys })]).then((connection) => connection.close(), (refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'ssh.host-key-changed' });
});

test('the prompt of sudo and the word that it has let us in are drawn anew for every command', async () => {
  const connection = await connectChain([gate.hop({ account: { user: user.name } })]);
  onTestFinished(() => connection.close());
  const sent: string[] = [];
  const exec = connection.client.exec.bind(connection.client) as (command: string, ...rest: unknown[]) => unknown;
  connection.client.exec = ((command: string, ...rest: unknown[]) => {
    sent.push(command);
    return exec(command, ...rest);
  }) as typeof connection.client.exec;
  for (let time = 0; time < 2; time += 1) await runAs(connection, { asUser: 'nobody', argv: ['true'] }, { password: new Secret(user.password), random: systemRandom });
  const words = sent.flatMap((command) => [...command.matchAll(/(?:begins|password)-([0-9a-f]{32})/g)].map(([, word]) => word));
  // Each time without a password first, then with it: two words of the beginning and one of the prompt.
  expect([sent.length, words.length, new Set(words).size]).toEqual([4, 6, 6]);
});
