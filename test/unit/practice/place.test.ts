import { describe, expect, it } from 'vitest';
import { hasCode } from '#shared/domain/errors.ts';
import { settingsOf } from '#engine/practice/configuration.ts';
import { placeOf } from '#engine/practice/place.ts';
import { findProgramSource } from '#engine/practice/programs.ts';

const home = { root: '/home/ida/.local/share/pilothouse', key: '0123456789ab' };
const thrownBy = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
};

describe('where the practice system lives', () => {
  it('is the data folder for an ordinary user, who also runs the server', () => {
    const place = placeOf(home, { uid: 1000, accounts: () => '' });
    expect([place.folder, place.account]).toEqual([`${home.root}/practice`, null]);
  });

  it('is a folder of its own outside a closed home for root, with the account postgres to run the server', () => {
    const place = placeOf(home, { uid: 0, accounts: () => 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npostgres:x:101:104::/:/bin/sh\n' });
    expect([place.folder, place.account]).toEqual(['/var/lib/pilothouse-practice/0123456789ab', { name: 'postgres', uid: 101, gid: 104 }]);
  });

  it('falls back to nobody', () => {
    const place = placeOf(home, { uid: 0, accounts: () => 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' });
    expect(place.account).toEqual({ name: 'nobody', uid: 65534, gid: 65534 });
  });

  it('never takes an account with the rights of root', () => {
    const error = thrownBy(() => placeOf(home, { uid: 0, accounts: () => 'postgres:x:0:0::/:/bin/sh\n' }));
    expect(hasCode(error, 'practice.unsupported')).toBe(true);
  });

  it('says what to do where root has no account to run a server as', () => {
    expect(thrownBy(() => placeOf(home, { uid: 0, accounts: () => '' }))).toMatchObject({ code: 'practice.unsupported', hint: expect.stringContaining('ordinary user') as string });
  });
});

describe('the programs of the practice server', () => {
  it('are named as not to be had on a platform without a package', () => {
    expect(thrownBy(() => findProgramSource('win32', 'x64'))).toMatchObject({ code: 'practice.unsupported', message: expect.stringContaining('win32-x64') as string });
  });

  it('are named as not installed where only the package is missing', () => {
    expect(thrownBy(() => findProgramSource('darwin', 'arm64'))).toMatchObject({ code: 'practice.binaries-missing', hint: expect.stringContaining('npm install') as string });
  });
});

describe('the configuration of the practice server', () => {
  const place = placeOf({ root: `/home/o'hara/My data`, key: 'k' }, { uid: 1000, accounts: () => '' });

  it('listens on this computer alone', () => {
    expect(settingsOf(place, 5999, { pendingRestart: false })).toContain(`listen_addresses = '127.0.0.1'\n`);
  });

  it('survives quotes and spaces in a path', () => {
    expect(settingsOf(place, 5999, { pendingRestart: false })).toContain(`data_directory = '/home/o''hara/My data/practice/cluster/data'\n`);
  });

  it('differs by one setting that waits for a restart', () => {
    const lines = (pendingRestart: boolean) => settingsOf(place, 5999, { pendingRestart }).split('\n');
    expect(lines(true).filter((line) => !lines(false).includes(line))).toEqual(['max_connections = 60']);
  });
});
