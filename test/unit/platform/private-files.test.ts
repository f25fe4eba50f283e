/** Files for one's own account alone on Windows, with an `icacls` and a `whoami` that a test has put on PATH. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openHome } from '#engine/home.ts';
import { judgeAccessList, readAccessList, readAccount } from '#engine/platform/access-list.ts';
import { closeFolder, isOpenToOthers } from '#engine/platform/private-files.ts';
import { createRunFolder } from '#engine/postgres/run-folder.ts';
import { createAppRoom, protectionNotices } from '#engine/settings/app-room.ts';
import { createTestEngine } from '#test/engine-parts.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const sid = 'S-1-5-21-1111-2222-3333-1001';
const me = { name: 'desktop-1\\me', sid };
const canary = 'correct horse battery staple';

let folder: string;
let searchPath: string | undefined;

/**
 * Programs that do what those of Windows do. `icacls` writes down what it was told, in which folder, and how many bytes
 * the file had at that time.
 * @param how whether what is told to be closed becomes so, is said to be but does not, or is refused
 */
function windows(how: 'closes' | 'lies' | 'refuses', { who = 'desktop-1\\me', before = '' } = {}): void {
  const script = (name: string, text: string) => writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}`, { mode: 0o755 });
  script('whoami', `printf '"%s","%s"\\r\\n' '${who}' '${sid}'\n`);
  script(
    'icacls',
    `name=$1
state=${folder}/closed-$(pwd | tr '/' '-')-$name
printf '%s|%s|%s\\n' "$(pwd)" "$*" "$([ -f "$name" ] && wc -c < "$name" | tr -d ' ')" >> ${folder}/calls
if [ $# -gt 1 ]; then
  ${how === 'refuses' ? 'echo "$name: Access is denied." >&2; exit 5' : how === 'closes' ? ': > "$state"' : ':'}
  exit 0
fi
inherited='(OI)(CI)'; [ -d "$name" ] || inherited='(I)'
if [ -e "$state" ]${before === 'private' ? ' || true' : ''}; then printf '%s DESKTOP-1\\\\me:%s(F)\\r\\n' "$name" "$inherited"
else printf '%s BUILTIN\\\\Users:(RX)\\r\\n  NT AUTHORITY\\\\SYSTEM:(F)\\r\\n  DESKTOP-1\\\\me:%s(F)\\r\\n' "$name" "$inherited"; fi
printf '\\r\\nErfolgreich verarbeitet: 1\\r\\n'
`,
  );
}

/** What `icacls` was told. */
const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n').map((line) => line.split('|')) : []);

beforeEach(async () => {
  folder = await temporaryFolder('icacls');
  mkdirSync(join(folder, 'bin'));
  searchPath = process.env['PATH'];
  process.env['PATH'] = `${join(folder, 'bin')}:${searchPath ?? ''}`;
});
afterEach(() => {
  process.env['PATH'] = searchPath;
});

describe('an access list', () => {
  const list = '. BUILTIN\\Users:(I)(RX)\r\n  NT AUTHORITY\\SYSTEM:(OI)(CI)(F)\r\n  DESKTOP-1\\Jane Doe:(OI)(CI)(F)\r\n\r\nSuccessfully processed 1 files; Failed processing 0 files\r\n';
  it('is read with names that have blanks in them', () => {
    expect(readAccessList(list, '.')).toEqual([
      { who: 'BUILTIN\\Users', rights: '(I)(RX)' },
      { who: 'NT AUTHORITY\\SYSTEM', rights: '(OI)(CI)(F)' },
      { who: 'DESKTOP-1\\Jane Doe', rights: '(OI)(CI)(F)' },
    ]);
  });
  it('that does not begin with the name that was asked for is none', () => {
    expect(readAccessList('C:\\J?rg DESKTOP-1\\me:(F)\r\n', '.')).toBeNull();
  });
  it.each([
    ['of one account alone is private', [{ who: 'DESKTOP-1\\Me', rights: '(OI)(CI)(F)' }], { isPrivate: true }],
    ['of one account alone, by its number, is private', [{ who: sid, rights: '(OI)(CI)(F)' }], { isPrivate: true }],
    ['of a name in another code page is private', [{ who: 'DESKTOP-1\\J\u00f6rg', rights: '(OI)(CI)(F)' }], { isPrivate: true }],
    ['that names others is not', [{ who: 'DESKTOP-1\\me', rights: '(OI)(CI)(F)' }, { who: 'Everyone', rights: '(R)' }], { isPrivate: false, why: 'its access list also names Everyone' }],
    ['that names somebody who is denied is not', [{ who: 'DESKTOP-1\\me', rights: '(OI)(CI)(F)' }, { who: 'X\\bob', rights: '(DENY)(W)' }], { isPrivate: false, why: 'its access list also names X\\bob' }],
    ['that what is made in the folder does not take over is not', [{ who: 'DESKTOP-1\\me', rights: '(F)' }], { isPrivate: false, why: 'its access list does not give you everything' }],
    ['without entries is not', [], { isPrivate: false, why: 'its disk keeps no access lists, or this one names nobody' }],
  ] as const)('%s', (_, entries, protection) => {
    const account = entries[0]?.who.includes('rg') === true ? { name: 'desktop-1\\J\u0094rg', sid } : me;
    expect(judgeAccessList(entries, account, 'folder')).toEqual(protection);
  });
  it('is compared with the account that whoami names', () => {
    expect([readAccount(`"desktop-1\\me","${sid}"\r\n`), readAccount('ERROR: no such switch')]).toEqual([me, null]);
  });
});

describe('the data folder on Windows', () => {
  it('is closed with all that will be made in it, and looked at again', () => {
    windows('closes');
    const root = join(folder, 'home');
    expect(openHome(root, 'win32').protection).toEqual({ isPrivate: true });
    expect(calls().map(([where, told]) => [where, told])).toEqual([[root, '.'], [root, `. /inheritance:r /grant:r *${sid}:(OI)(CI)F`], [root, '.']]);
  });
  it('that is private already is left as it is, and asked about once', () => {
    windows('closes', { before: 'private' });
    openHome(join(folder, 'home'), 'win32');
    openHome(join(folder, 'home'), 'win32');
    expect(calls().map(([, told]) => told)).toEqual(['.']);
  });
  it('that icacls says to have closed, and has not, is open', () => {
    windows('lies');
    expect(openHome(join(folder, 'home'), 'win32').protection).toEqual({ isPrivate: false, why: 'its access list also names BUILTIN\\Users, NT AUTHORITY\\SYSTEM' });
  });
  it('that was chosen and holds other things is left to those who use it, and said to be open', () => {
    windows('closes');
    const root = join(folder, 'shared');
    mkdirSync(root);
    writeFileSync(join(root, 'plans.txt'), '');
    expect([openHome(root, 'win32').protection, calls().map(([, told]) => told)]).toEqual([{ isPrivate: false, why: 'it holds other things already, so that it was left as it is, and its access list also names BUILTIN\\Users, NT AUTHORITY\\SYSTEM' }, ['.']]);
  });
  it('that was a data folder before is closed with all that is in it', () => {
    windows('closes');
    const root = join(folder, 'before');
    mkdirSync(root);
    for (const name of ['pilothouse.db', 'Preferences']) writeFileSync(join(root, name), '');
    expect(openHome(root, 'win32').protection).toEqual({ isPrivate: true });
  });
  it('of everybody who chose no other is closed, whatever else has been put there', () => {
    windows('closes');
    const before = process.env['XDG_DATA_HOME'];
    process.env['XDG_DATA_HOME'] = folder;
    onTestFinished(() => {
      if (before === undefined) delete process.env['XDG_DATA_HOME'];
      else process.env['XDG_DATA_HOME'] = before;
    });
    mkdirSync(join(folder, 'pilothouse'));
    writeFileSync(join(folder, 'pilothouse', 'Preferences'), '');
    expect(openHome(join(folder, 'pilothouse'), 'win32').protection).toEqual({ isPrivate: true });
  });
  it('that could not be closed is not taken for one of others at the next start', () => {
    windows('refuses');
    openHome(join(folder, 'home'), 'win32');
    expect(openHome(join(folder, 'home'), 'win32').protection).toEqual({ isPrivate: false, why: 'icacls could not close it (.: Access is denied.)' });
  });
  it('that cannot be closed says why in what there is to know about this installation', () => {
    windows('refuses');
    const home = openHome(join(folder, 'home'), 'win32');
    expect(protectionNotices(home)).toEqual([expect.stringMatching(/could not be closed to others on this computer: icacls could not close it \(\.: Access is denied\.\)\. .*given no password here\./)]);
  });
  it('is open where there is no icacls', () => {
    process.env['PATH'] = join(folder, 'bin');
    writeFileSync(join(folder, 'bin', 'whoami'), `#!/bin/sh\nprintf '"%s","%s"' '${me.name}' '${sid}'\n`, { mode: 0o755 });
    expect(openHome(join(folder, 'home'), 'win32').protection).toEqual({ isPrivate: false, why: 'icacls could not close it (there is no such program)' });
  });
  it('is open where nobody says whose it is', () => {
    windows('closes');
    writeFileSync(join(folder, 'bin', 'whoami'), '#!/bin/sh\necho "Zugriff verweigert" >&2\nexit 1\n');
    expect([openHome(join(folder, 'home'), 'win32').protection, calls()]).toEqual([{ isPrivate: false, why: 'whoami does not say who you are (Zugriff verweigert)' }, []]);
  });
  it('elsewhere is closed by its mode, and nothing has to be told', () => {
    windows('refuses');
    const home = openHome(join(folder, 'home'), 'linux');
    expect([home.protection, protectionNotices(home), calls(), (statSync(home.root).mode & 0o777).toString(8)]).toEqual([{ isPrivate: true }, [], [], '700']);
  });
});

describe('what there is to know about this installation', () => {
  it('says that others may look into the data folder', async () => {
    const protection = { isPrivate: false, why: 'its access list also names Everyone' } as const;
    const engine = createTestEngine({ root: join(folder, 'home'), rooms: [(context) => createAppRoom({ ...context, home: { ...context.home, protection } }, 0)] });
    onTestFinished(() => engine.close());
    const { notices } = await engine.call('app.about', {});
    expect(notices.join(' ')).toContain('could not be closed to others on this computer: its access list also names Everyone.');
  });
});

describe('a passfile on Windows', () => {
  const write = async () => {
    const home = openHome(join(folder, 'home'), 'win32');
    return createRunFolder(home, undefined, 'win32').write('pgpass', canary);
  };
  const written = () => readdirSync(join(folder, 'home'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

  it('is seen to be closed while it is still empty, in a folder that is closed', async () => {
    windows('closes');
    const file = await write();
    const name = file.split('/').at(-1) ?? '';
    expect(calls().filter(([where]) => where === join(folder, 'home', 'run')).map(([, told, size]) => [told, size])).toEqual([
      ['.', ''],
      [`. /inheritance:r /grant:r *${sid}:(OI)(CI)F`, ''],
      ['.', ''],
      [name, '0'],
      [`${name} /inheritance:r /grant:r *${sid}:F`, '0'],
      [name, '0'],
    ]);
    expect(readFileSync(file, 'utf8')).toBe(canary);
  });
  it.each(['lies', 'refuses'] as const)('is refused where icacls %s, and nothing of it is written', async (how) => {
    windows(how);
    await expect(write()).rejects.toMatchObject({ code: 'store.unwritable', message: expect.stringContaining('cannot be closed to others on this computer: '), hint: expect.stringContaining('access lists (NTFS)') });
    expect(written()).toEqual([]);
  });
  it('is refused and taken away where its folder could be closed and the file could not', async () => {
    windows('closes');
    const icacls = join(folder, 'bin', 'icacls');
    writeFileSync(icacls, readFileSync(icacls, 'utf8').replace('name=$1\n', 'name=$1\n[ -d "$name" ] || { echo "$name: Access is denied." >&2; exit 5; }\n'));
    await expect(write()).rejects.toMatchObject({ code: 'store.unwritable', message: expect.stringContaining('.pgpass cannot be closed') });
    expect([written(), readdirSync(join(folder, 'home', 'run'))]).toEqual([[], []]);
  });
});

describe('elsewhere', () => {
  it.each([[0o600, false], [0o640, true], [0o604, true], [0o700, false], [0o710, true]])('a mode of %o tells that others may look in: %s', (mode, open) => {
    expect([isOpenToOthers(mode, 'linux'), isOpenToOthers(mode, 'darwin'), isOpenToOthers(mode, 'win32')]).toEqual([open, open, false]);
  });
  it('a folder is closed by its mode', async () => {
    const open = join(await temporaryFolder('open'), 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    expect([closeFolder(open, 'darwin'), (statSync(open).mode & 0o777).toString(8)]).toEqual([{ isPrivate: true }, '700']);
  });
});
