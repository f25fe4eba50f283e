/** Backups that a host makes by itself, and that are fetched from it: proved, and gone from there. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { beginDump, expectTrue, holdDump, jobsThere, leftAfterAWhile, openFarDump, runDump, seenLocked } from '#test/far-dump.ts';
import { setFarPlace } from '#test/far-stage.ts';
import { endOf } from '#test/run-to-end.ts';
import { listProcesses } from '#test/processes.ts';

const place = setFarPlace({ shop: { orders: 60_000 } });

/** Where a text is: in the arguments or the environment of a process, or in a file of the job but its secrets. */
function placesOf(text: string, folder: string): string[] {
  const has = (file: string): boolean => {
    try {
      return readFileSync(file).includes(text);
    } catch {
      // It has ended, or is none of ours.
      return false;
    }
  };
  const processes = listProcesses().filter(({ pid }) => pid !== process.pid).flatMap(({ pid }) => ['cmdline', 'environ'].map((name) => `/proc/${pid}/${name}`));
  const files = readdirSync(folder).filter((name) => name !== 'secrets' && statSync(join(folder, name)).isFile()).map((name) => join(folder, name));
  return [...processes, ...files].filter(has);
}

describe('a backup that the host makes', () => {
  test('of a database reached by its socket is fetched, restored and counted, and leaves nothing there', async () => {
    const dump = await openFarDump(place);
    const operation = await runDump(dump, { proof: 'L3', compressLevel: 1 });
    expect([operation.state, operation.error, operation.result?.['proof']]).toEqual(['succeeded', null, 'L3']);
    const { contents, backup } = await dump.far.client.call('backup.get', { backupId: operation.id });
    expect([contents?.countedIn, existsSync(join(backup.path, 'dump', 'toc.dat')), readFileSync(join(backup.path, 'globals.sql'), 'utf8').includes('CREATE ROLE')]).toEqual(['database', true, true]);
    expect([await leftAfterAWhile(dump), await expectTrue(dump), existsSync(join(place.host.folder, 'home', '.pilothouse'))]).toEqual([[], ['L3'], false]);
  });
  test('of a database reached by its port has its password in a file of its own alone, and only as long as it runs', async () => {
    const dump = await openFarDump(place, { connection: { host: '127.0.0.1', port: place.postgres.port, password: { source: 'ask' } } });
    const operationId = await beginDump(dump, { compressLevel: 6 });
    const held = await holdDump(place);
    await seenLocked(dump, operationId);
    const [folder = ''] = jobsThere(place);
    const passfile = join(folder, 'secrets', 'pgpass');
    expect([placesOf(place.postgres.password, folder), readFileSync(passfile, 'utf8').includes(place.postgres.password), statSync(passfile).mode & 0o777, statSync(folder).mode & 0o777]).toEqual([[], true, 0o600, 0o700]);
    held.letGo();
    expect([(await endOf(dump.far.client, operationId)).error, await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([null, [], ['L1']]);
  });
});
