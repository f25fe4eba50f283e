/** Commands as another account, with a real sudo and an account of its own. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { systemRandom } from '#engine/ports.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import type { ExecResult } from '#engine/ssh/exec.ts';
import { runAs, sudoCommand, type SudoOptions } from '#engine/ssh/sudo.ts';
import * as documents from '../../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { authorize, makeKey, startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { makeSudoUser, whyNoSudoUser, type SudoUser } from '#test/sudo-user.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer() ?? whyNoSudoUser();
let server: SshServer;
let user: SudoUser;
let connection: SshConnection;

beforeAll(async () => {
  if (missing !== null) return;
  user = makeSudoUser();
  server = await startSshServer();
  // sshd reads it as the account that signs in.
  chmodSync(server.folder, 0o711);
  chmodSync(join(server.folder, 'authorized_keys'), 0o644);
  mkdirSync(join(server.folder, 'home'), { recursive: true, mode: 0o755 });
});
afterAll(async () => {
  await server?.stop();
  user?.remove();
});
beforeEach(async (context) => {
  if (missing !== null) return context.skip(missing);
  connection = await connectChain([server.hop({ account: { user: user.name } })]);
  onTestFinished(() => connection.close());
});

const run = (argv: readonly [string, ...string[]], options: Partial<SudoOptions> = {}, asUser = 'nobody'): Promise<ExecResult> => runAs(connection, { asUser, argv }, { password: null, random: systemRandom, ...options });
const right = (): Secret => new Secret(user.password);

describe('where sudo asks for no password', () => {
  beforeEach(() => user?.allow('NAME ALL=(nobody) NOPASSWD: ALL'));
  test('a command runs as the other account, with all its input, and ends as it ends', async () => {
    expect(await run(['/bin/sh', '-c', 'id -un; cat; echo oops >&2; exit 7'], { input: 'what was sent' })).toMatchObject({ exitStatus: 7, stdout: 'nobody\nwhat was sent', stderr: 'oops\n' });
  });
  test('its words are those that were meant, whatever is in them', async () => {
    expect((await run(['printf', '%s|', "it's", '$HOME', 'a b', '', '-n'])).stdout).toBe("it's|$HOME|a b||-n|");
  });
  test('the password that is known is not sent', async () => {
    expect((await run(['cat'], { password: right(), input: 'only this' })).stdout).toBe('only this');
  });
});

describe('where sudo wants a password', () => {
  beforeEach(() => user?.allow('NAME ALL=(nobody) PASSWD: ALL'));
  test('the right one lets in, and the command reads what was meant for it, to the byte', async () => {
    const payload = randomBytes(1_000_000);
    const { stdout, stderr, exitStatus } = await run(['sha256sum'], { password: right(), inputStream: Readable.from([payload.subarray(0, 400_000), payload.subarray(400_000)]) });
    expect([stdout.split(' ')[0], stderr, exitStatus]).toEqual([createHash('sha256').update(payload).digest('hex'), '', 0]);
  });
  test('and its errors are without the prompt', async () => {
    const heard: Buffer[] = [];
    const { stderr } = await run(['/bin/sh', '-c', 'echo oops >&2; exit 1'], { password: right(), onStderr: (chunk) => void heard.push(chunk) });
    expect([stderr, Buffer.concat(heard).toString()]).toEqual(['oops\n', 'oops\n']);
  });
  test('a wrong one is told as wrong, once, and the command is sent nothing', async () => {
    const sent: string[] = [];
    const inputStream = new Readable({ read() { sent.push('read'); this.push('payload'); this.push(null); } });
    await expect(run(['cat'], { password: new Secret('not this one'), inputStream })).rejects.toMatchObject({ code: 'ssh.sudo-password-wrong', message: expect.stringContaining(`${user.name}@127.0.0.1`) as string, hint: expect.any(String) as string });
    expect([sent, inputStream.destroyed]).toEqual([[], true]);
  });
  test('none is told as needed', async () => {
    await expect(run(['cat'])).rejects.toMatchObject({ code: 'ssh.sudo-password-needed', hint: expect.stringContaining('NOPASSWD') as string });
  });
  test('it stands on no command line and in no environment', async () => {
    const running = run(['sleep', '30.4711'], { password: right(), signal: AbortSignal.timeout(8000) }).catch(() => null);
    const seen = await waitFor('the command', () => {
      const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => ['cmdline', 'environ'].map((what) => {
        try {
          return readFileSync(`/proc/${pid}/${what}`, 'latin1');
        } catch {
          return ''; // It ended meanwhile.
        }
      }));
      return all.some((text) => text.includes('sleep\u000030.4711')) ? all : null;
    });
    expect(seen.filter((text) => text.includes(user.password))).toEqual([]);
    connection.close();
    await running;
  });
});

describe('what sudo refuses is told apart:', () => {
  test('an account that may nothing', async () => {
    user.allow('# nothing');
    await expect(run(['cat'], { password: right() })).rejects.toMatchObject({ code: 'ssh.sudo-refused', message: expect.stringContaining('not in the sudoers file') as string });
  });
  test('an account that may something else', async () => {
    user.allow('NAME ALL=(nobody) PASSWD: /bin/true');
    await expect(run(['cat'], { password: right() })).rejects.toMatchObject({ code: 'ssh.sudo-refused', message: expect.stringContaining('not allowed to execute') as string, hint: expect.stringContaining('/etc/sudoers.d') as string });
  });
  test('a terminal that is wanted', async () => {
    user.allow('NAME ALL=(nobody) NOPASSWD: ALL', 'Defaults:NAME requiretty');
    await expect(run(['cat'])).rejects.toMatchObject({ code: 'ssh.sudo-unavailable', hint: expect.stringContaining('requiretty') as string });
  });
  test('another account that is not there', async () => {
    user.allow('NAME ALL=(ALL) NOPASSWD: ALL');
    await expect(run(['cat'], {}, 'no-such-account')).rejects.toMatchObject({ code: 'ssh.sudo-refused', message: expect.stringContaining('there is no account no-such-account') as string });
  });
  test('a command that fails by itself, which is its own result', async () => {
    user.allow('NAME ALL=(nobody) NOPASSWD: ALL');
    expect(await run(['/bin/sh', '-c', 'echo "sudo: a password is required" >&2; exit 1'])).toMatchObject({ exitStatus: 1, stderr: 'sudo: a password is required\n' });
  });
});

describe('on the command line', () => {
  let cli: CliSession;
  beforeEach(async () => {
    user.allow('NAME ALL=(nobody) PASSWD: ALL', 'NAME ALL=(games) NOPASSWD: ALL');
    cli = cliSession(await temporaryFolder('cli-sudo'));
    const key = makeKey(server.folder);
    authorize(server, key);
    const keyFile = join(cli.home, 'id');
    writeFileSync(keyFile, key.privateKey, { mode: 0o600 });
    await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
    await cli.read(documents.hostAddedDocument, 'host', 'add', 'Shop', `${user.name}@127.0.0.1:${server.port}`, '--label', 'db', '--key', keyFile);
    await cli.read(documents.hostTrustedDocument, 'host', 'trust', 'db', '--fingerprint', String((await cli.fail('host', 'trust', 'db')).details['fingerprint']));
  });
  test('it is said whether a password is wanted', async () => {
    expect(await cli.read(documents.hostSudoDocument, 'host', 'sudo', 'db', '--as', 'games')).toMatchObject({ account: 'games', withPassword: false });
    expect(await cli.fail('host', 'sudo', 'db', '--as', 'nobody')).toMatchObject({ code: 'ssh.sudo-password-needed' });
    expect(await cli.read(documents.hostSudoDocument, 'host', 'sudo', 'db', '--as', 'nobody', '--sudo-password-file', cli.secretFile('sudo', user.password))).toMatchObject({ account: 'nobody', withPassword: true });
    expect(await cli.fail('host', 'sudo', 'db', '--as', 'nobody', '--sudo-password-file', cli.secretFile('wrong', 'not this one'))).toMatchObject({ code: 'ssh.sudo-password-wrong' });
  });
  test('the password is kept in the vault, and in no clear file', async () => {
    const passphrase = cli.secretFile('passphrase', 'the words of the vault');
    const secret = join(await temporaryFolder('secret'), 'sudo');
    writeFileSync(secret, `${user.password}\n`, { mode: 0o600 });
    await cli.run('--passphrase-file', passphrase, 'vault', 'create');
    await cli.read(documents.hostAddedDocument, '--passphrase-file', passphrase, 'host', 'update', 'db', '--sudo-password-from', 'vault', '--sudo-password-file', secret);
    expect(await cli.read(documents.hostSudoDocument, '--passphrase-file', passphrase, 'host', 'sudo', 'db', '--as', 'nobody')).toMatchObject({ account: 'nobody', withPassword: true });
    expect(execFileSync('sh', ['-c', 'grep -rlF -- "$1" "$2" || true', 'sh', user.password, cli.home], { encoding: 'utf8' })).toBe('');
  });
});

test('no account and no argument becomes an option or a command of its own', () => {
  const argv = sudoCommand({ asUser: '-s', argv: ['-c', '; rm -rf /'] }, 'mark', null);
  expect(argv.slice(argv.indexOf('-u'), argv.indexOf('-u') + 4)).toEqual(['-u', '-s', '--', '/bin/sh']);
});
