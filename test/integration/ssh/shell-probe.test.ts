import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { connectChain } from '#engine/ssh/chain.ts';
import { probeShell, shellFindings } from '#engine/ssh/shell-probe.ts';
import { startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';

const missing = whyNoSshServer();
let server: SshServer;
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});
beforeAll(async () => {
  if (missing === null) server = await startSshServer();
});
afterAll(() => server?.stop());

async function probe(of: SshServer = server) {
  const connection = await connectChain([of.hop()]);
  onTestFinished(() => connection.close());
  return probeShell(connection, 'mark-4711');
}
/** bash reads this for every command of sshd. */
function bashrc(text: string): void {
  const file = join(server.folder, 'home', '.bashrc');
  writeFileSync(file, text);
  onTestFinished(() => rmSync(file));
}

describe('the shell of an account', () => {
  test('that is silent and quick is no finding', async () => {
    expect(shellFindings(await probe())).toEqual([]);
  });
  test('that talks is named, with what it says', async () => {
    bashrc('echo "Welcome to web-1"\n');
    expect(shellFindings(await probe())).toEqual([{ title: 'Its shell prints text before every command: "Welcome to web-1"', hint: expect.stringContaining('.bashrc') as string }]);
  });
  test('that runs no command is told, with what it says', async () => {
    const bound = await startSshServer({ settings: { ForceCommand: "echo 'This account is not available.'" } });
    onTestFinished(() => bound.stop());
    expect(shellFindings(await probe(bound))).toEqual([{ title: expect.stringContaining('This account is not available.') as string, hint: expect.stringContaining('authorized_keys') as string }]);
  });
  test('that takes long is told with its time', () => {
    expect(shellFindings({ answerMs: 4321, chatter: null, unusable: null })).toEqual([{ title: 'Its shell takes 4.3 s to start', hint: expect.stringContaining('version manager') as string }]);
  });
});
