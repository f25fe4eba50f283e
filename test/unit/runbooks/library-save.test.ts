import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLibrary } from '#engine/runbooks/library/index.ts';
import { plainReader } from '#test/runbook-fixture.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

async function aLibrary() {
  const root = await temporaryFolder('library');
  const [folder, packsFolder] = [join(root, 'runbooks'), join(root, 'packs')];
  mkdirSync(join(packsFolder, 'shop', 'runbooks'), { recursive: true });
  writeFileSync(join(packsFolder, 'shop', 'runbooks', 'morning.yaml'), 'id: morning\n');
  const reader = plainReader();
  const make = () => createLibrary({ folder, packsFolder, clock: { now: () => Date.UTC(2026, 10, 26, 3, 4, 5) }, reader });
  const at = (name: string): string => join(folder, name);
  return { folder, packsFolder, at, make, library: make(), hash: reader.textHash, text: (name: string) => readFileSync(at(name), 'utf8') };
}
const code = (name: string, more: object = {}): object => expect.objectContaining({ code: name, ...more });

describe('saving a runbook', () => {
  test('names a new one by its id, for its owner alone, in a folder that is made for it', async () => {
    const { library, at, text } = await aLibrary();
    const saved = library.save(null, 'id: wal-fills\n', null);
    expect([saved.ref, saved.file, text('wal-fills.yaml'), (statSync(at('wal-fills.yaml')).mode & 0o777).toString(8)]).toEqual(['own/wal-fills', at('wal-fills.yaml'), 'id: wal-fills\n', '600']);
  });
  test('keeps a text that is no runbook yet', async () => {
    const { library, text } = await aLibrary();
    expect([library.save(null, 'steps: [\n', null).ref, library.save(null, 'steps: {\n', null).ref, text('draft-2.yaml')]).toEqual(['own/draft', 'own/draft-2', 'steps: {\n']);
  });
  test('names one by its id although nothing else of it can be read', async () => {
    const { library } = await aLibrary();
    expect(library.save(null, 'id: "stop-it" # for now\nsteps: [\n', null).ref).toBe('own/stop-it');
  });
  test('writes over nothing that is called alike', async () => {
    const { library, text } = await aLibrary();
    library.save(null, 'id: a\ntitle: First\n', null);
    expect(() => library.save(null, 'id: a\ntitle: Second\n', null)).toThrow(code('store.conflict'));
    expect(text('a.yaml')).toContain('First');
  });
  test('writes the bytes that were given, and keeps the file that is there', async () => {
    const { library, hash, at } = await aLibrary();
    mkdirSync(library.folder);
    writeFileSync(at('a.yml'), 'id: a\r\n');
    const saved = library.save('own/a', '\uFEFFid: a\r\ntitle: ü 🙂\r\n', hash('id: a\r\n'));
    expect([readdirSync(library.folder), saved.text, saved.hash, readFileSync(at('a.yml'))]).toEqual([['a.yml'], '\uFEFFid: a\r\ntitle: ü 🙂\r\n', hash(saved.text), Buffer.from(saved.text)]);
  });
  test('refuses where the file was changed meanwhile, and says both hashes', async () => {
    const { library, hash, at, text } = await aLibrary();
    library.save(null, 'id: a\n', null);
    writeFileSync(at('a.yaml'), 'id: a\ntitle: Theirs\n');
    expect(() => library.save('own/a', 'id: a\ntitle: Mine\n', hash('id: a\n'))).toThrow(code('runbook.changed', { details: { ref: 'own/a', expected: hash('id: a\n'), found: hash('id: a\ntitle: Theirs\n') } }));
    expect(text('a.yaml')).toContain('Theirs');
  });
  test('refuses where there is a file of which nothing was known', async () => {
    const { library } = await aLibrary();
    library.save(null, 'id: a\n', null);
    expect(() => library.save('own/a', 'id: a\n', null)).toThrow(code('runbook.changed'));
  });
  test('refuses where the file was removed meanwhile, and tells how to keep the text', async () => {
    const { library, hash, at } = await aLibrary();
    library.save(null, 'id: a\n', null);
    rmSync(at('a.yaml'));
    expect(() => library.save('own/a', 'id: a\n', hash('id: a\n'))).toThrow(code('runbook.changed', { hint: expect.stringContaining('as a new runbook'), details: { ref: 'own/a', expected: hash('id: a\n'), found: null } }));
  });
  test('refuses what came in the last moment, and leaves nothing of its own', async () => {
    const { library, at, hash } = await aLibrary();
    library.save(null, 'id: a\n', null);
    // The text is looked at a last time when the new one is ready.
    let looks = 0;
    const { readRunbook, textHash } = plainReader();
    const watched = createLibrary({ folder: library.folder, packsFolder: null, clock: { now: () => 0 }, reader: { readRunbook, textHash: (text) => ((looks += 1) === 2 && writeFileSync(at('a.yaml'), 'id: a\ntitle: Theirs\n'), textHash(text)) } });
    expect(() => watched.save('own/a', 'id: a\ntitle: Mine\n', hash('id: a\n'))).toThrow(code('runbook.changed'));
    expect([readdirSync(library.folder), readFileSync(at('a.yaml'), 'utf8')]).toEqual([['a.yaml'], 'id: a\ntitle: Theirs\n']);
  });
  test('refuses the files of a pack, and says to copy', async () => {
    const { library, packsFolder } = await aLibrary();
    expect(() => library.save('shop/morning', 'id: morning\ntitle: x\n', null)).toThrow(code('store.unwritable', { hint: expect.stringContaining('Copy it') }));
    expect(readFileSync(join(packsFolder, 'shop', 'runbooks', 'morning.yaml'), 'utf8')).toBe('id: morning\n');
  });
  test.each([
    ['more than a mebibyte', `id: a\n${'ü'.repeat(524_290)}`],
    ['half a character', 'id: a\ntitle: \uD800\n'],
  ])('refuses %s', async (_what, text) => {
    const { library, folder } = await aLibrary();
    expect(() => library.save(null, text, null)).toThrow(code('runbook.invalid'));
    expect(existsSync(folder)).toBe(false);
  });
  test('writes through a link, which stays', async () => {
    const { library, hash, at, text } = await aLibrary();
    library.save(null, 'id: a\n', null);
    symlinkSync('a.yaml', at('b.yaml'));
    library.save('own/b', 'id: a\ntitle: New\n', hash('id: a\n'));
    expect([lstatSync(at('b.yaml')).isSymbolicLink(), text('a.yaml')]).toEqual([true, 'id: a\ntitle: New\n']);
  });
  test('says where it cannot be written, and that nothing was', async () => {
    const { library, folder } = await aLibrary();
    writeFileSync(folder, '');
    expect(() => library.save(null, 'id: a\n', null)).toThrow(code('store.unwritable', { message: expect.stringContaining('as it was before') }));
  });
  test('removes what a process left that was killed meanwhile', async () => {
    const { library, folder, make, at } = await aLibrary();
    library.save(null, 'id: a\n', null);
    writeFileSync(at('.a.yaml.partial'), 'id:');
    make();
    expect(readdirSync(folder)).toEqual(['a.yaml']);
  });
});

describe('a copy', () => {
  test('of a runbook of a pack is one of the person, under a name that is free', async () => {
    const { library, text } = await aLibrary();
    expect([library.copy('shop/morning').ref, library.copy('shop/morning').ref, text('morning-2.yaml')]).toEqual(['own/morning', 'own/morning-2', 'id: morning\n']);
  });
});

describe('removing a runbook', () => {
  test('moves it aside, and says where it is', async () => {
    const { library, at } = await aLibrary();
    library.save(null, 'id: a\n', null);
    const { movedTo } = library.remove('own/a');
    expect([movedTo, readFileSync(movedTo, 'utf8'), existsSync(at('a.yaml')), library.list().map(({ ref }) => ref)]).toEqual([at('.removed/20261126T030405-a.yaml'), 'id: a\n', false, ['shop/morning']]);
  });
  test('keeps both of two that are removed in the same second', async () => {
    const { library, at } = await aLibrary();
    for (const title of ['one', 'two']) {
      library.save(null, `id: a\ntitle: ${title}\n`, null);
      library.remove('own/a');
    }
    expect(readdirSync(at('.removed')).map((name) => readFileSync(at(join('.removed', name)), 'utf8'))).toEqual(['id: a\ntitle: two\n', 'id: a\ntitle: one\n']);
  });
  test('works for one that cannot be read', async () => {
    const { library, at, folder } = await aLibrary();
    mkdirSync(folder);
    writeFileSync(at('a.yaml'), Buffer.from([0xff]));
    expect(readFileSync(library.remove('own/a').movedTo)).toEqual(Buffer.from([0xff]));
  });
  test('is refused for a pack, and for one that is not there', async () => {
    const { library } = await aLibrary();
    expect(() => library.remove('shop/morning')).toThrow(code('store.unwritable'));
    expect(() => library.remove('own/a')).toThrow(code('runbook.not-found'));
  });
});
