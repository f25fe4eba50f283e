/** A dump is fetched from a host that offers no transfer of files, and brought on there too. */
import { describe, expect, test } from 'vitest';
import { expectTrue, leftAfterAWhile, openFarDump, runDump } from '#test/far-dump.ts';
import { setFarPlace } from '#test/far-stage.ts';

const place = setFarPlace({ sshd: { Subsystem: 'none /bin/false' }, shop: { orders: 300_000 } });

describe('a host without SFTP', () => {
  test('has its dump fetched by commands, from the last byte that was verified when the line breaks', async () => {
    const dump = await openFarDump(place);
    let [before, fetched] = [0, 0];
    dump.points.at('backup:dumped', () => {
      before = dump.line.bytesFromServer;
      dump.line.cutAfter(20_000_000);
    });
    dump.points.at('backup:fetched', () => (fetched = dump.line.bytesFromServer - before));
    const operation = await runDump(dump);
    const { backup } = await dump.far.client.call('backup.get', { backupId: operation.id });
    expect([operation.state, operation.error, backup.sizeBytes > 24_000_000]).toEqual(['succeeded', null, true]);
    expect([fetched > backup.sizeBytes * 0.99, fetched < backup.sizeBytes * 1.4]).toEqual([true, true]);
    expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], ['L1']]);
  });
});
