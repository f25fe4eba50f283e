import { copyFileSync, existsSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite, { SqliteError } from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { storeFileDocument, storeImportDocument, systemAddedDocument, systemListDocument } from '../../electron/cli/documents.ts';
import { acquireLock } from '#engine/attach/lock.ts';
import { connectOrStart } from '#engine/attach/connect-or-start.ts';
import { openHome } from '#engine/home.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom } from '#engine/ports.ts';
import { importStore } from '#engine/store/import.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

async function homeWith(system: string): Promise<CliSession> {
  const cli = cliSession(await temporaryFolder('import'));
  await cli.read(systemAddedDocument, 'system', 'add', system);
  return cli;
}

const names = async (cli: CliSession): Promise<string[]> => (await cli.read(systemListDocument, 'system', 'list')).systems.map((system) => system.name);
const fileOf = (cli: CliSession): string => join(cli.home, 'pilothouse.db');

describe('importing a local file', () => {
  test('brings what was exported to another data folder', async () => {
    const [here, there] = [await homeWith('Here'), await homeWith('There')];
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    await there.read(storeImportDocument, 'store', 'import', path);
    expect(await names(there)).toEqual(['Here']);
  });
  test('copies what was there before', async () => {
    const [here, there] = [await homeWith('Here'), await homeWith('There')];
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    const { previous } = await there.read(storeImportDocument, 'store', 'import', path);
    const copy = new Sqlite(previous ?? '', { readonly: true });
    expect(copy.prepare('SELECT name FROM systems').pluck().all()).toEqual(['There']);
    copy.close();
  });
  test('leaves the file that was given as it was', async () => {
    const [here, there] = [await homeWith('Here'), await homeWith('There')];
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    const before = readFileSync(path);
    await there.read(storeImportDocument, 'store', 'import', path);
    expect([readFileSync(path).equals(before), existsSync(`${path}-wal`), existsSync(`${path}-shm`)]).toEqual([true, false, false]);
  });
  test('needs no file there before', async () => {
    const here = await homeWith('Here');
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    const empty = cliSession(await temporaryFolder('import'));
    expect((await empty.read(storeImportDocument, 'store', 'import', path)).previous).toBeNull();
    expect(await names(empty)).toEqual(['Here']);
  });
  test('takes the place of a damaged file, and keeps its bytes', async () => {
    const [here, there] = [await homeWith('Here'), await homeWith('There')];
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    writeFileSync(fileOf(there), 'this is no database');
    const { previous } = await there.read(storeImportDocument, 'store', 'import', path);
    expect([readFileSync(previous ?? '', 'utf8'), await names(there)]).toEqual(['this is no database', ['Here']]);
  });
  test('does not let the log of the old file into the new one', async () => {
    const [here, there] = [await homeWith('Here'), await homeWith('There')];
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    // As a killed engine leaves it: the last changes are in the write-ahead log only.
    const held = new Sqlite(fileOf(there));
    held.exec(`UPDATE systems SET name = 'There, changed'`);
    copyFileSync(fileOf(there), join(there.home, 'kept.db'));
    copyFileSync(`${fileOf(there)}-wal`, join(there.home, 'kept.db-wal'));
    held.close();
    copyFileSync(join(there.home, 'kept.db'), fileOf(there));
    copyFileSync(join(there.home, 'kept.db-wal'), `${fileOf(there)}-wal`);
    const { previous } = await there.read(storeImportDocument, 'store', 'import', path);
    const copy = new Sqlite(previous ?? '', { readonly: true });
    expect([copy.prepare('SELECT name FROM systems').pluck().all(), await names(there)]).toEqual([['There, changed'], ['Here']]);
    copy.close();
  });

  const withItsLog = async (): Promise<string> => {
    const here = await homeWith('Here');
    const copy = join(await temporaryFolder('import'), 'copied.db');
    // As it is copied from under an engine that runs: the last changes are in the write-ahead log only.
    const held = new Sqlite(fileOf(here));
    held.exec(`UPDATE systems SET name = 'Here, changed'`);
    for (const suffix of ['', '-wal']) copyFileSync(fileOf(here) + suffix, copy + suffix);
    held.close();
    return copy;
  };
  test('is refused where it is a plain copy with a log beside it, which would be left out, and names the export', async () => {
    const [copy, there] = [await withItsLog(), await homeWith('There')];
    expect([await there.fail('store', 'import', copy), await names(there)]).toEqual([expect.objectContaining({ code: 'store.damaged', message: expect.stringContaining(`${copy}-wal`), hint: expect.stringContaining('store export') }), ['There']]);
  });
  test('is refused by a link to such a copy too', async () => {
    const [copy, there] = [await withItsLog(), await homeWith('There')];
    const link = join(await temporaryFolder('import'), 'link.db');
    symlinkSync(copy, link);
    expect((await there.fail('store', 'import', link)).code).toBe('store.damaged');
  });
  test('is brought where the log beside it is empty', async () => {
    const [copy, there] = [await withItsLog(), await homeWith('There')];
    truncateSync(`${copy}-wal`, 0);
    await there.read(storeImportDocument, 'store', 'import', copy);
    expect(await names(there)).toEqual(['Here']);
  });

  const refused = async (spoil: (file: string) => void): Promise<[unknown, string[]]> => {
    const [here, there] = [await homeWith('Here'), await homeWith('There')];
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    spoil(path);
    return [(await there.fail('store', 'import', path)).code, await names(there)];
  };
  test('is refused where it is newer, with everything as it was', async () => {
    expect(
      await refused((file) => {
        const database = new Sqlite(file);
        database.pragma('user_version = 9999');
        database.close();
      }),
    ).toEqual(['store.newer', ['There']]);
  });
  test.each<[string, (file: string) => void]>([
    ['is cut', (file) => truncateSync(file, 4096)],
    ['is empty', (file) => truncateSync(file, 0)],
    ['is no database', (file) => writeFileSync(file, 'x'.repeat(5000))],
    ['belongs to another program', (file) => {
      const database = new Sqlite(file);
      database.pragma('application_id = 1');
      database.close();
    }],
  ])('is refused where it %s, with everything as it was', async (_what, spoil) => {
    expect(await refused(spoil)).toEqual(['store.damaged', ['There']]);
  });
  test('is refused where there is none', async () => {
    expect((await (await homeWith('There')).fail('store', 'import', '/nowhere.db')).code).toBe('store.not-found');
  });
  test('is refused while Pilothouse runs on the data folder', async () => {
    const [here, there] = [await homeWith('Here'), await homeWith('There')];
    const { path } = await here.read(storeFileDocument, 'store', 'export');
    const running = await connectOrStart({ root: there.home, caller: 'test', ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' } });
    const { code } = await there.fail('store', 'import', path);
    await running.close();
    expect([code, await names(there)]).toEqual(['store.locked', ['There']]);
  });
  test('lets go of the data folder whatever came of it', async () => {
    const there = await homeWith('There');
    await importStore({ home: openHome(there.home), source: '/nowhere.db', now: 0 }).catch(() => {});
    expect(() => acquireLock(there.home).release()).not.toThrow(SqliteError);
  });
});
