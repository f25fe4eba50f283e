import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLibrary } from '#engine/runbooks/library/index.ts';
import { plainReader } from '#test/runbook-fixture.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

async function aLibrary() {
  const root = await temporaryFolder('library');
  const [folder, packsFolder, importedFolder] = [join(root, 'runbooks'), join(root, 'packs'), join(root, 'imported')];
  mkdirSync(folder);
  const reader = plainReader();
  const library = createLibrary({ folder, packsFolder, importedFolder, clock: { now: () => Date.UTC(2026, 10, 26) }, reader });
  const write = (name: string, content: string | Buffer = `id: ${name.replace(/\..*/, '')}\n`): void => writeFileSync(join(folder, name), content);
  const pack = (name: string, files: Record<string, string>, within = packsFolder): void => {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(within, name, path, '..'), { recursive: true });
      writeFileSync(join(within, name, path), content);
    }
  };
  const why = (name: string): string | undefined => library.look().broken.find(({ ref }) => ref === `own/${name}`)?.message;
  return { root, folder, packsFolder, importedFolder, library, reader, write, pack, why };
}

describe('the library', () => {
  test('has the files of the person and of the packs, each with where it is from', async () => {
    const { library, write, pack } = await aLibrary();
    write('wal-fills.yaml');
    pack('shop', { 'pack.yaml': 'schema: pack/1\ntitle: "The shop"\n', 'runbooks/morning.yml': 'id: morning\n' });
    expect(library.list().map(({ ref, origin, packTitle, runbook }) => [ref, origin, packTitle, runbook?.id])).toEqual([
      ['own/wal-fills', 'own', null, 'wal-fills'],
      ['shop/morning', 'pack', 'The shop', 'morning'],
    ]);
  });
  test('has the files of packs that were imported, and says so', async () => {
    const { library, pack, importedFolder } = await aLibrary();
    pack('yard', { 'pack.yaml': 'title: The yard\n', 'runbooks/morning.yaml': 'id: morning\n' }, importedFolder);
    expect(library.list().map(({ ref, origin, packTitle }) => [ref, origin, packTitle])).toEqual([['yard/morning', 'imported', 'The yard']]);
  });
  test('keeps to a pack that ships where one of the same name was imported, and says that the other is not read', async () => {
    const { library, pack, importedFolder } = await aLibrary();
    pack('shop', { 'runbooks/morning.yaml': 'id: shipped\n' });
    pack('shop', { 'runbooks/morning.yaml': 'id: imported\n', 'runbooks/other.yaml': 'id: other\n' }, importedFolder);
    expect(library.list().map(({ ref, runbook }) => [ref, runbook?.id])).toEqual([['shop/morning', 'shipped']]);
    expect(library.look().broken).toEqual([{ ref: 'shop/', file: join(importedFolder, 'shop', 'runbooks'), message: `${join(importedFolder, 'shop', 'runbooks')} is not read: a pack shop comes with Pilothouse. Rename the folder of this one.` }]);
  });
  test('that was read ahead is not read again by whoever looks, and others had their turn meanwhile', async () => {
    const { library, write, pack, reader } = await aLibrary();
    for (const name of ['a', 'b', 'c']) write(`${name}.yaml`);
    pack('shop', { 'runbooks/morning.yml': 'id: morning\n' });
    let turns = 0;
    let isOver = false;
    const another = (): void => {
      turns += 1;
      if (!isOver) setImmediate(another);
    };
    setImmediate(another);
    await library.readAhead(new AbortController().signal);
    isOver = true;
    expect([reader.reads(), library.list().length, reader.reads()]).toEqual([4, 4, 4]);
    expect(turns).toBeGreaterThan(0);
  });
  test('is read ahead no further than somebody wants it', async () => {
    const { library, write, reader } = await aLibrary();
    for (const name of ['a', 'b', 'c']) write(`${name}.yaml`);
    await library.readAhead(AbortSignal.abort());
    expect(reader.reads()).toBe(1);
  });
  test('calls a pack by the name of its folder where it does not say how it is called', async () => {
    const { library, pack } = await aLibrary();
    pack('shop', { 'pack.yaml': 'title: [\n', 'runbooks/morning.yaml': 'id: morning\n' });
    expect(library.read('shop/morning').packTitle).toBe('shop');
  });
  test('takes no pack for the files of the person', async () => {
    const { library, pack } = await aLibrary();
    pack('own', { 'runbooks/morning.yaml': 'id: morning\n' });
    expect(library.list()).toEqual([]);
  });
  test('has a text that is no runbook yet, to go on with it', async () => {
    const { library, write } = await aLibrary();
    write('draft.yaml', 'steps: [\n');
    expect(library.find('own/draft')).toMatchObject({ text: 'steps: [\n', runbook: null });
  });
  test('is empty where there is no folder', async () => {
    const { library, folder } = await aLibrary();
    rmSync(folder, { recursive: true });
    expect(library.look()).toEqual({ files: [], broken: [] });
  });
  test('says where the folder itself cannot be read, and lists the packs all the same', async () => {
    const { library, folder, pack } = await aLibrary();
    rmSync(folder, { recursive: true });
    writeFileSync(folder, '');
    pack('shop', { 'runbooks/morning.yaml': 'id: morning\n' });
    expect(library.look()).toMatchObject({ files: [{ ref: 'shop/morning' }], broken: [{ file: folder, message: expect.stringContaining('ENOTDIR') }] });
  });
  test('reads a text once, however often it is asked', async () => {
    const { library, write, reader } = await aLibrary();
    for (const name of ['a.yaml', 'b.yaml', 'c.yaml']) write(name);
    library.list();
    library.list();
    library.read('own/a');
    expect(reader.reads()).toBe(3);
  });
  test('reads no text again of which only the times are others', async () => {
    const { library, write, reader, folder } = await aLibrary();
    write('a.yaml');
    library.list();
    utimesSync(join(folder, 'a.yaml'), 1, 1);
    library.list();
    expect(reader.reads()).toBe(1);
  });
  test('sees what an editor wrote', async () => {
    const { library, write } = await aLibrary();
    write('a.yaml', 'id: a\ntitle: One\n');
    library.list();
    write('a.yaml', 'id: a\ntitle: Two and more\n');
    expect(library.list()[0]?.runbook?.title).toBe('Two and more');
  });
  test('sees of one file even what was written in the same moment and is as long', async () => {
    const { library, write } = await aLibrary();
    const seen = Array.from({ length: 300 }, (_value, index) => {
      write('a.yaml', `id: a\ntitle: ${100 + index}\n`);
      return library.read('own/a').runbook?.title;
    });
    expect(seen).toEqual(Array.from({ length: 300 }, (_value, index) => String(100 + index)));
  });
  test('forgets what was removed', async () => {
    const { library, write, folder } = await aLibrary();
    write('a.yaml');
    library.list();
    rmSync(join(folder, 'a.yaml'));
    expect([library.list(), library.find('own/a')]).toEqual([[], null]);
    expect(() => library.read('own/a')).toThrow(expect.objectContaining({ code: 'runbook.not-found' }));
  });
  test.each(['../secrets', 'own/../secrets', 'own/', 'secrets', 'own/a/b', 'own/A'])('finds nothing by %j', async (ref) => {
    const { library, root, write } = await aLibrary();
    writeFileSync(join(root, 'secrets.yaml'), 'id: secrets\n');
    write('A.yaml');
    expect(library.find(ref)).toBeNull();
  });
  test.each(['README.md', '.hidden.yaml', '.#a.yaml', 'a.yaml~', 'a.yaml.swp'])('leaves %s alone', async (name) => {
    const { library, write, folder } = await aLibrary();
    write(name);
    mkdirSync(join(folder, '.git'));
    writeFileSync(join(folder, '.git', 'x.yaml'), 'id: x\n');
    expect(library.look()).toEqual({ files: [], broken: [] });
  });
});

describe('a file that is not read says why', () => {
  test('one that is not UTF-8', async () => {
    const { write, why } = await aLibrary();
    write('a.yaml', Buffer.from([0x69, 0x64, 0x3a, 0x20, 0xe4, 0x0a]));
    expect(why('a.yaml')).toContain('not written in UTF-8');
  });
  test('one that is too big, while the largest is read', async () => {
    const { write, why, library } = await aLibrary();
    write('a.yaml', 'x'.repeat(1_048_577));
    write('b.yaml', 'x'.repeat(1_048_576));
    expect([why('a.yaml'), library.list().map(({ ref }) => ref)]).toEqual([expect.stringContaining('1048577 bytes'), ['own/b']]);
  });
  test('a link out of the folder, while one within is read', async () => {
    const { write, why, library, folder, root } = await aLibrary();
    writeFileSync(join(root, 'elsewhere.yaml'), 'id: elsewhere\n');
    symlinkSync(join(root, 'elsewhere.yaml'), join(folder, 'a.yaml'));
    write('c.yaml');
    symlinkSync('c.yaml', join(folder, 'b.yaml'));
    expect([why('a.yaml'), library.list().map(({ ref }) => ref)]).toEqual([expect.stringContaining('symbolic link to'), ['own/b', 'own/c']]);
  });
  test('a link that leads nowhere, and one that leads to itself', async () => {
    const { why, folder } = await aLibrary();
    symlinkSync('gone.yaml', join(folder, 'a.yaml'));
    symlinkSync('b.yaml', join(folder, 'b.yaml'));
    expect([why('a.yaml'), why('b.yaml')]).toEqual([expect.stringContaining('a file that is not there'), expect.stringContaining('cannot be read: ELOOP')]);
  });
  test('a folder', async () => {
    const { why, folder, library } = await aLibrary();
    mkdirSync(join(folder, 'a.yaml'));
    expect(why('a.yaml')).toContain('it is a folder');
    expect(() => library.read('own/a')).toThrow(expect.objectContaining({ code: 'runbook.invalid', message: expect.stringContaining('it is a folder') }));
  });
  test.each([
    ['My WAL füllt.yaml', 'my-wal-fullt.yaml'],
    ['UPPER.YML', 'upper.yaml'],
    ['-.yaml', 'runbook.yaml'],
  ])('%s, which nothing can refer to, with a name that would do', async (name, proper) => {
    const { write, why } = await aLibrary();
    write(name);
    expect(why(name)).toContain(`Rename it to ${proper}`);
  });
  test('the second of two that are called alike', async () => {
    const { write, why, library } = await aLibrary();
    write('a.yaml');
    write('a.yml');
    expect([why('a.yml'), library.list()]).toEqual([expect.stringContaining('same name'), [expect.objectContaining({ ref: 'own/a', file: expect.stringMatching(/a\.yaml$/) })]]);
  });
});
