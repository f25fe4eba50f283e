/** Where things are on each system, as this one would be told if it were another. */
import { describe, expect, it } from 'vitest';
import { expandHome, dataFolder, isWholePath, postgresFiles, splitPattern, systemSshFiles } from '#engine/platform/folders.ts';
import { memoryFolders, otherMemoryFolders } from '#engine/platform/memory-folders.ts';
import { browsersMayBeConfined, hasDesktop, openerOf } from '#engine/platform/opening.ts';
import { agentAddress, pipeName, socketsAreFiles } from '#engine/platform/sockets.ts';

const onLinux = { homeFolder: '/home/ann', environment: {} };
const onMac = { homeFolder: '/Users/ann', environment: {} };
const onWindows = { homeFolder: 'C:\\Users\\ann', environment: { APPDATA: 'C:\\Users\\ann\\AppData\\Roaming' } };

describe('the data folder', () => {
  it.each([
    ['linux', onLinux, '/home/ann/.local/share/pilothouse'],
    ['linux', { ...onLinux, environment: { XDG_DATA_HOME: '/data' } }, '/data/pilothouse'],
    ['darwin', onMac, '/Users/ann/Library/Application Support/Pilothouse'],
    ['win32', onWindows, 'C:\\Users\\ann\\AppData\\Roaming\\Pilothouse'],
    ['win32', { ...onWindows, environment: { APPDATA: 'D:\\Roaming' } }, 'D:\\Roaming\\Pilothouse'],
    ['win32', { ...onWindows, environment: {} }, 'C:\\Users\\ann\\AppData\\Roaming\\Pilothouse'],
  ] as const)('of %s, %j', (platform, person, folder) => {
    expect(dataFolder(person, platform)).toBe(folder);
  });
});

describe('the files of libpq', () => {
  it.each([
    ['linux', onLinux, { passfile: '/home/ann/.pgpass', serviceFiles: ['/home/ann/.pg_service.conf', '/etc/postgresql-common/pg_service.conf'], authority: '/home/ann/.postgresql/root.crt' }],
    ['darwin', onMac, { passfile: '/Users/ann/.pgpass', serviceFiles: ['/Users/ann/.pg_service.conf', '/etc/postgresql-common/pg_service.conf'], authority: '/Users/ann/.postgresql/root.crt' }],
    ['win32', onWindows, { passfile: 'C:\\Users\\ann\\AppData\\Roaming\\postgresql\\pgpass.conf', serviceFiles: ['C:\\Users\\ann\\AppData\\Roaming\\postgresql\\.pg_service.conf'], authority: 'C:\\Users\\ann\\AppData\\Roaming\\postgresql\\root.crt' }],
  ] as const)('of %s', (platform, person, files) => {
    expect(postgresFiles(person, platform)).toEqual(files);
  });
  it.each(['linux', 'win32'] as const)('that the environment names count first: %s', (platform) => {
    const environment = { PGPASSFILE: '/own/pass', PGSERVICEFILE: '/own/service', PGSYSCONFDIR: '/all' };
    expect(postgresFiles({ homeFolder: '/home/ann', environment }, platform)).toMatchObject({ passfile: '/own/pass', serviceFiles: ['/own/service', platform === 'win32' ? '\\all\\pg_service.conf' : '/all/pg_service.conf'] });
  });
});

describe('the files of OpenSSH for everybody', () => {
  it('are in a folder of the system', () => {
    expect([systemSshFiles({}, 'linux').config, systemSshFiles({}, 'darwin').knownHosts[0], systemSshFiles({ ProgramData: 'D:\\Data' }, 'win32').config, systemSshFiles({}, 'win32').knownHosts[0]]).toEqual(['/etc/ssh/ssh_config', '/etc/ssh/ssh_known_hosts', 'D:/Data/ssh/ssh_config', 'C:/ProgramData/ssh/ssh_known_hosts']);
  });
});

describe('paths that people wrote', () => {
  it.each([
    ['~/.ssh/id', 'linux', '/home/ann/.ssh/id'],
    ['~\\.ssh\\id', 'linux', '~\\.ssh\\id'],
    ['~\\.ssh\\id', 'win32', '\\home\\ann\\.ssh\\id'],
    ['~/.ssh/id', 'win32', '\\home\\ann\\.ssh\\id'],
    ['~bob/id', 'linux', '~bob/id'],
  ] as const)('%s on %s', (path, platform, whole) => {
    expect(expandHome(path, '/home/ann', platform)).toBe(whole);
  });
  it('begin at a root with a drive on Windows alone', () => {
    expect([isWholePath('C:/ssh/config', 'win32'), isWholePath('C:\\ssh\\config', 'win32'), isWholePath('C:/ssh/config', 'linux'), isWholePath('/etc/ssh', 'linux'), isWholePath('conf.d/*', 'win32')]).toEqual([true, true, false, true, false]);
  });
  it.each([
    ['/etc/ssh/conf.d/*.conf', 'linux', { root: '', names: ['etc', 'ssh', 'conf.d', '*.conf'] }],
    ['/a\\*/b', 'linux', { root: '', names: ['a\\*', 'b'] }],
    ['C:\\Users\\ann/.ssh/conf.d/*', 'win32', { root: 'C:', names: ['Users', 'ann', '.ssh', 'conf.d', '*'] }],
    ['/ssh/*', 'win32', { root: '', names: ['ssh', '*'] }],
  ] as const)('as a pattern: %s on %s', (pattern, platform, parts) => {
    expect(splitPattern(pattern, platform)).toEqual(parts);
  });
});

describe('files that must not reach a disk', () => {
  it('are in memory on Linux, where there is such a place', () => {
    expect([memoryFolders({ XDG_RUNTIME_DIR: '/run/user/7' }, 'linux'), memoryFolders({}, 'linux'), memoryFolders({ XDG_RUNTIME_DIR: 'relative' }, 'linux')]).toEqual([['/run/user/7', '/dev/shm'], ['/dev/shm'], ['/dev/shm']]);
  });
  it.each(['darwin', 'win32'] as const)('have no such place on %s', (platform) => {
    expect([memoryFolders({ XDG_RUNTIME_DIR: '/run/user/7' }, platform), otherMemoryFolders(7, platform)]).toEqual([[], []]);
  });
  it('are looked for where another start may have written them', () => {
    expect([otherMemoryFolders(7, 'linux'), otherMemoryFolders(undefined, 'linux')]).toEqual([['/run/user/7'], []]);
  });
});

describe('ways between processes', () => {
  it('are sockets in folders but on Windows', () => {
    expect([socketsAreFiles('linux'), socketsAreFiles('darwin'), socketsAreFiles('win32'), pipeName('k', 'r')]).toEqual([true, true, false, '\\\\.\\pipe\\pilothouse-k-r']);
  });
  it.each([
    [{ SSH_AUTH_SOCK: '/run/agent' }, 'linux', '/run/agent'],
    [{}, 'linux', null],
    [{}, 'darwin', null],
    [{}, 'win32', '\\\\.\\pipe\\openssh-ssh-agent'],
    [{ SSH_AUTH_SOCK: '\\\\.\\pipe\\own' }, 'win32', '\\\\.\\pipe\\own'],
  ] as const)('to the agent with %j on %s', (environment, platform, address) => {
    expect(agentAddress(environment, platform)).toBe(address);
  });
});

describe('opening something for the person', () => {
  it('takes the program of each system, and no shell', () => {
    expect((['linux', 'darwin', 'win32'] as const).map((platform) => openerOf('/tmp/a & b.html', platform))).toEqual([
      { command: 'xdg-open', args: ['/tmp/a & b.html'] },
      { command: 'open', args: ['/tmp/a & b.html'] },
      { command: 'rundll32', args: ['url.dll,FileProtocolHandler', '/tmp/a & b.html'] },
    ]);
  });
  it('needs a desktop', () => {
    expect([hasDesktop({}, 1000, 'linux'), hasDesktop({ DISPLAY: ':0' }, 1000, 'linux'), hasDesktop({ WAYLAND_DISPLAY: 'w' }, 1000, 'linux'), hasDesktop({}, 501, 'darwin'), hasDesktop({}, undefined, 'win32'), hasDesktop({ DISPLAY: ':0' }, 0, 'linux')]).toEqual([false, true, true, true, true, false]);
  });
  it('has to reckon with confined browsers on Linux alone', () => {
    expect([browsersMayBeConfined('linux'), browsersMayBeConfined('darwin'), browsersMayBeConfined('win32')]).toEqual([true, false, false]);
  });
});
