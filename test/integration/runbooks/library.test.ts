import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { compareNames } from '#shared/domain/natural-order.ts';
import { openHome } from '#engine/home.ts';
import { readRunbook, textHash } from '#engine/runbooks/format/index.ts';
import { createLibrary, defaultPacksFolder } from '#engine/runbooks/library/index.ts';
import { mountSmallDisk, whyNoSmallDisk } from '#test/full-disk.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

const reader = { readRunbook, textHash };
const clock = { now: () => Date.UTC(2026, 10, 26) };
const runbook = (title: string, more = ''): string => `schema: runbook/1\nid: drop-slot\ntitle: ${title}\nversion: "1.0.0"\nsteps:\n  - id: look\n    title: Look at the slots\n    manual: Look which slot is inactive.\n${more}`;

describe('the library as it is in a checkout', () => {
  test('finds the packs that come with it, and reads every file of theirs', async () => {
    const { runbooks: folder } = openHome(join(await temporaryFolder('library'), 'home'));
    const library = createLibrary({ folder, packsFolder: defaultPacksFolder(), clock, reader });
    const { files, broken } = library.look();
    expect([broken, files.filter((file) => file.runbook === null).map(({ ref }) => ref), [...new Set(files.map(({ packTitle }) => packTitle))].toSorted((a, b) => compareNames(a ?? '', b ?? ''))]).toEqual([[], [], ['A Postgres server and its host', 'E-commerce with cash on delivery', 'Hydraulic network', 'Neff Paving', 'Reconciliation platform', 'ZbInnovation']]);
  });
  test.each(['FATAL: sorry, too many clients already', 'remaining connection slots are reserved for roles with the SUPERUSER attribute', 'remaining connection slots are reserved for non-replication superuser connections'])('finds by "%s", as it stands in a log, what helps', async (line) => {
    const { runbooks: folder } = openHome(join(await temporaryFolder('library'), 'home'));
    const library = createLibrary({ folder, packsFolder: defaultPacksFolder(), clock, reader });
    expect(library.search(line).map(({ file }) => file.ref)).toEqual(['ecommerce-cod/connection-pool-exhausted']);
  });
  test('has a folder of one\'s own in the data folder, for its owner alone', async () => {
    const { runbooks } = openHome(join(await temporaryFolder('library'), 'home'));
    expect((statSync(runbooks).mode & 0o777).toString(8)).toBe('700');
  });
  test('copies a runbook of a pack, which is found with what was changed in it', async () => {
    const { runbooks: folder } = openHome(join(await temporaryFolder('library'), 'home'));
    const library = createLibrary({ folder, packsFolder: defaultPacksFolder(), clock, reader });
    const copy = library.copy('ecommerce-cod/morning-check');
    const saved = library.save(copy.ref, copy.text.replace(/^title: .*$/m, 'title: Look at the flamingos'), copy.hash);
    expect([saved.ref, saved.runbook?.title, library.search('flamingo').map(({ file, hits }) => [file.ref, hits[0]])]).toEqual(['own/morning-check', 'Look at the flamingos', [['own/morning-check', { where: 'title', text: 'Look at the flamingos' }]]]);
  });
  test('keeps a text with errors, and says what is wrong in it', async () => {
    const { runbooks: folder } = openHome(join(await temporaryFolder('library'), 'home'));
    const library = createLibrary({ folder, packsFolder: null, clock, reader });
    const saved = library.save(null, runbook('Drop it', '    expct: []\n'), null);
    expect([saved.ref, saved.problems]).toEqual(['own/drop-slot', expect.arrayContaining([expect.objectContaining({ line: 9, severity: 'error', message: expect.stringContaining('expct') })])]);
  });
});

describe('a bad day of the library', () => {
  test('a full disk costs no runbook', async (context) => {
    const why = whyNoSmallDisk();
    if (why !== null) return context.skip(why);
    const disk = await mountSmallDisk(1_048_576);
    onTestFinished(() => disk.remove());
    chmodSync(disk.folder, 0o700);
    const library = createLibrary({ folder: disk.folder, packsFolder: null, clock, reader });
    const before = library.save(null, runbook('Drop it'), null);
    writeFileSync(join(disk.folder, 'ballast'), Buffer.alloc(700_000));
    expect(() => library.save(before.ref, `${runbook('Drop it')}# ${'x'.repeat(600_000)}\n`, before.hash)).toThrow(expect.objectContaining({ code: 'store.disk-full', message: expect.stringContaining('as it was before') }));
    expect([readdirSync(disk.folder).toSorted(), library.read(before.ref).text]).toEqual([['ballast', 'drop-slot.yaml'], before.text]);
  });
  test('whoever reads while a process saves over and over, and after it was killed, has one whole text or the other', async () => {
    const folder = await temporaryFolder('library');
    const [one, two] = [runbook('One', `# ${'a'.repeat(200_000)}\n`), runbook('Two', `# ${'b'.repeat(300_000)}\n`)];
    const module = (path: string): string => JSON.stringify(fileURLToPath(new URL(`../../../electron/engine/runbooks/${path}`, import.meta.url)));
    const script = `
      import { createLibrary } from ${module('library/index.ts')};
      import { createHash } from 'node:crypto';
      const reader = { readRunbook: () => ({ runbook: null, problems: [] }), textHash: (text) => createHash('sha256').update(text).digest('hex') };
      const library = createLibrary({ folder: process.env.FOLDER, packsFolder: null, clock: { now: () => 0 }, reader });
      let { hash } = library.save(null, process.env.ONE, null);
      for (let number = 0; ; number++) {
        ({ hash } = library.save('own/drop-slot', number % 2 === 0 ? process.env.TWO : process.env.ONE, hash));
        process.stdout.write('.');
      }`;
    writeFileSync(join(folder, 'script.mjs'), script.replaceAll('process.env.ONE', JSON.stringify(one)).replaceAll('process.env.TWO', JSON.stringify(two)));
    const child = spawn(process.execPath, ['--no-warnings', join(folder, 'script.mjs')], { env: { ...process.env, FOLDER: join(folder, 'runbooks') }, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    onTestFinished(() => void child.kill('SIGKILL'));
    let saves = 0;
    child.stdout.on('data', (part: Buffer) => void (saves += part.length));
    const file = join(folder, 'runbooks', 'drop-slot.yaml');
    await waitFor('the first save', () => saves > 0);
    const torn = new Set<number>();
    while (saves < 100 && child.exitCode === null) {
      const text = readFileSync(file, 'utf8');
      if (text !== one && text !== two) torn.add(text.length);
      await setImmediate();
    }
    child.kill('SIGKILL');
    await ended;
    const library = createLibrary({ folder: join(folder, 'runbooks'), packsFolder: null, clock, reader });
    expect([[...torn], readdirSync(join(folder, 'runbooks')), [one, two].includes(library.read('own/drop-slot').text)]).toEqual([[], ['drop-slot.yaml'], true]);
  });
});
