import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { askedInstaller, installerOf, makeMachine, makeProject, painted, start, type Machine } from '#test/desktop/start.ts';

/** An Electron that opens its window, should it be asked to. */
const opens = { electron: painted, installer: installerOf(painted) };

describe('npm start serves the console on loopback', () => {
  it.each([['--no-open'], ['--browser'], ['--port', '4000'], ['--port=4000']])('without a word about windows with %s', async (...parameters) => {
    const { rest, stderr } = await start(await makeProject(opens), parameters);
    expect({ rest, stderr }).toEqual({ rest: parameters, stderr: '' });
  });
  it.each([['--hoem', 'x'], ['--home'], ['--home', '--port']])('which says how it is used, with %s', async (...parameters) => {
    const { rest, stderr } = await start(await makeProject(opens), parameters);
    expect({ rest, stderr }).toEqual({ rest: parameters, stderr: '' });
  });

  const reasons: [string, Partial<Machine> & { sysctl?: Record<string, string> }, string][] = [
    ['for root', { uid: 0 }, 'from your own account'],
    ['for root before anything else', { uid: 0, environment: {} }, 'for root'],
    ['without a display', { environment: {} }, 'without a display'],
    ['on macOS over SSH', { platform: 'darwin', arch: 'arm64', environment: { SSH_CONNECTION: '10.0.0.1 5000 10.0.0.2 22' } }, 'over SSH'],
    ['on Windows over SSH', { platform: 'win32', environment: { SSH_CONNECTION: '10.0.0.1 5000 10.0.0.2 22' } }, 'over SSH'],
    ['on an architecture without a binary', { arch: 'ia32' }, 'no Electron 45.5.0 for linux on ia32'],
    ['on a platform without a binary', { platform: 'freebsd' }, 'no Electron 45.5.0 for freebsd on x64'],
    ['without user namespaces in the kernel’s settings', { sysctl: { 'kernel/unprivileged_userns_clone': '0' } }, 'kernel.unprivileged_userns_clone is 0'],
    ['where there may be none of them', { sysctl: { 'user/max_user_namespaces': '0' } }, 'user.max_user_namespaces is 0'],
    ['where AppArmor keeps them from programs', { sysctl: { 'kernel/apparmor_restrict_unprivileged_userns': '1' } }, 'kernel.apparmor_restrict_unprivileged_userns is 1'],
  ];
  it.each(reasons)('with the reason in one line %s', async (_where, changes, words) => {
    const project = await makeProject(opens);
    const { rest, stderr } = await start(project, ['--home', 'data'], await makeMachine(changes));
    expect({ rest, lines: stderr.split('\n') }).toEqual({ rest: ['--home', 'data'], lines: [expect.stringContaining(words), ''] });
  });
  it('with the reason in one line on a system with musl', async () => {
    const machine = await makeMachine();
    rmSync(join(machine.root, 'lib64'), { recursive: true });
    const project = await makeProject({ installer: opens.installer });
    expect((await start(project, [], machine)).stderr).toMatch(/^No window opens because Electron needs glibc.*\n$/);
    expect(askedInstaller(project)).toBe(null);
  });
  it('with the reason in one line where the kernel has no user namespaces', async () => {
    const machine = await makeMachine();
    rmSync(join(machine.root, 'proc', 'self'), { recursive: true });
    expect((await start(await makeProject(opens), [], machine)).stderr).toMatch(/^No window opens because Chromium finds no sandbox here \(this kernel.*\n$/);
  });
  it('with the reason in one line where the package is missing', async () => {
    const project = await makeProject(opens);
    rmSync(join(project, 'node_modules', 'electron'), { recursive: true });
    expect((await start(project)).stderr).toMatch(/^No window opens because the package electron is not installed.*\n$/);
  });
  it('with what to do where there is no sandbox, as a shell takes it', async () => {
    const project = await makeProject(opens);
    const { stderr } = await start(project, [], await makeMachine({ sysctl: { 'user/max_user_namespaces': '0' } }));
    const helper = `'${join(project, 'node_modules', 'electron', 'dist', 'chrome-sandbox')}'`;
    expect(stderr).toContain(`sudo chown root:root ${helper} && sudo chmod 4755 ${helper}`);
  });
  it.each(reasons.slice(0, 7))('and downloads nothing %s', async (_where, changes) => {
    const project = await makeProject({ installer: opens.installer });
    await start(project, [], await makeMachine(changes));
    expect(askedInstaller(project)).toBe(null);
  });
});

describe('a sandbox is found', () => {
  const locked = { 'user/max_user_namespaces': '0' };
  const withHelper = async (mode: number) => {
    const project = await makeProject(opens);
    const helper = join(project, 'node_modules', 'electron', 'dist', 'chrome-sandbox');
    writeFileSync(helper, '');
    chmodSync(helper, mode);
    return start(project, [], await makeMachine({ sysctl: locked }));
  };
  it('in a helper of root that runs as root', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('Only root can make a file that runs as root.');
    expect((await withHelper(0o4755)).status).toBe(0);
  });
  it('in no helper that runs as whoever calls it', async () => {
    expect((await withHelper(0o755)).status).toBe(null);
  });
  it('where AppArmor has none for others, by a profile that the person has made and asks for by --window', async () => {
    expect((await start(await makeProject(opens), ['--window'], await makeMachine({ sysctl: { 'kernel/apparmor_restrict_unprivileged_userns': '1' } }))).status).toBe(0);
  });
});

it('the window and the browser at once make no sense', async () => {
  const { status, stderr } = await start(await makeProject(opens), ['--window', '--no-open']);
  expect({ status, stderr }).toEqual({ status: 64, stderr: expect.stringContaining('leave it out') as string });
});
