/** A disk is full, on the host or here, while a host makes a dump by itself and it is fetched. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { expectTrue, leftAfterAWhile, openFarDump, runDump, type FarDump } from '#test/far-dump.ts';
import { setFarPlace } from '#test/far-stage.ts';
import { whyNoSmallDisk } from '#test/full-disk.ts';

const place = setFarPlace({ shop: { orders: 150_000 }, missing: whyNoSmallDisk() });

function mount(folder: string, bytes: number): void {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['--lazy', folder]));
}
/** Gives jobs on the host a disk of their own. */
const mountJobs = (bytes: number): void => mount(join(place.host.folder, 'home', '.pilothouse'), bytes);
/** Gives backups here a disk of their own. */
async function openOnSmallDisk(bytes: number): Promise<FarDump & { take(leave: number): void }> {
  const dump = await openFarDump(place);
  const folder = join(dump.root, 'backups');
  mount(folder, bytes);
  const take = (leave: number): void => {
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(join(folder, 'of-others'), Buffer.alloc(Math.max(0, bavail * bsize - leave)));
  };
  return { ...dump, take };
}
async function expectFull(dump: FarDump, words: RegExp): Promise<void> {
  const operation = await runDump(dump);
  expect([operation.state, operation.error?.code, operation.error?.message]).toEqual(['failed', 'backup.space', expect.stringMatching(words)]);
  expect([await leftAfterAWhile(dump), await expectTrue(dump)]).toEqual([[], []]);
}

describe('a disk that is full', () => {
  test('on the host is seen by the plan', async () => {
    mountJobs(3_000_000);
    const dump = await openFarDump(place);
    const { plan } = await dump.far.client.call('backup.plan', { databaseId: dump.databaseId, options: { compressLevel: 0 } });
    expect([plan.runnable, plan.findings.find(({ title }) => title.includes('space for the dump'))]).toEqual([false, expect.objectContaining({ state: 'critical', title: 'Too little space for the dump on db-1' })]);
  });
  test('on the host while the dump is written ends it, with both sides clean', async () => {
    const dump = await openFarDump(place);
    // What was free when it was looked at is taken by others when it begins.
    dump.points.at('backup:snapshot', () => mountJobs(3_000_000));
    await expectFull(dump, /the disk of db-1 where it was written, .* (was about to be full|is full)/);
  });
  test('here while it is fetched ends it, with both sides clean', async () => {
    const dump = await openOnSmallDisk(60_000_000);
    dump.points.at('backup:fetching', () => dump.take(500_000));
    await expectFull(dump, /The disk that holds .* is full/);
  });
  test('here is seen before anything is fetched, with both sides clean', async () => {
    const dump = await openOnSmallDisk(60_000_000);
    dump.points.at('backup:dumped', () => dump.take(4_000_000));
    await expectFull(dump, /The backup needs about .* are free/);
  });
});
