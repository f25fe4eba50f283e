import { describe, expect, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { dumpScript, readDumpedFiles } from '#engine/backup/detached/dump-script.ts';
import { createLine } from '#engine/backup/detached/line.ts';
import type { Dump } from '#engine/backup/detached/record.ts';
import { reserveOf, requireSpaceThere } from '#engine/backup/detached/site.ts';
import { whyNotWhole } from '#engine/backup/detached/verdict.ts';
import { readGround } from '#engine/ssh/jobs/detached-job.ts';

const hash = (letter: string): string => letter.repeat(64);

describe('what a job says of its files', () => {
  test('is read as each program writes it', () => {
    expect(readDumpedFiles(`${hash('a')}  ./toc.dat\n${hash('b')} *./3321.dat.gz\n`, ' 12 ./toc.dat\n345 ./3321.dat.gz\n357 total\n')).toEqual([{ name: '3321.dat.gz', sizeBytes: 345, sha256: hash('b') }, { name: 'toc.dat', sizeBytes: 12, sha256: hash('a') }]);
  });
  test.each([
    ['a name that leads out of the folder', `${hash('a')}  ./toc.dat\n${hash('b')}  ./../../.bashrc\n`, '1 ./toc.dat\n2 ./../../.bashrc\n'],
    ['a file in a folder', `${hash('a')}  ./toc.dat\n${hash('b')}  ./a/b\n`, '1 ./toc.dat\n2 ./a/b\n'],
    ['a hash without a size', `${hash('a')}  ./toc.dat\n${hash('b')}  ./1.dat\n`, '1 ./toc.dat\n'],
    ['a size without a hash', `${hash('a')}  ./toc.dat\n`, '1 ./toc.dat\n2 ./1.dat\n'],
    ['no table of contents', `${hash('a')}  ./1.dat\n`, '1 ./1.dat\n'],
    ['nothing', '', ''],
    ['one file twice', `${hash('a')}  ./toc.dat\n${hash('b')}  ./toc.dat\n`, '1 ./toc.dat\n'],
  ])('is refused with %s', (_name, hashes, sizes) => {
    expect(readDumpedFiles(hashes, sizes)).toBeNull();
  });
  test('is asked for by a script in which nothing of an argument is obeyed', () => {
    const script = dumpScript({ argv: ['/usr/bin/pg_dump', "--dbname=host=/tmp dbname='$(reboot)'"], environment: ['PGOPTIONS'], reserveBytes: 1024, hashes: 'openssl' });
    expect(script).toContain(`env -u PGOPTIONS /usr/bin/pg_dump '--dbname=host=/tmp dbname='\\''$(reboot)'\\''' </dev/null &`);
  });
});

describe('what a machine has for jobs', () => {
  test('is read with names of disks that have spaces', () => {
    const ground = readGround('home\t/home/dba\ndisk\t//nas/some share 1048576 1048000 576 100% /mnt/some place\nhash\tshasum\nsetsid\tyes\nkills\tyes \n');
    expect(ground).toEqual({ home: '/home/dba', totalBytes: 1024 ** 3, freeBytes: 576 * 1024, hashes: 'shasum', hasSetsid: true, isRoot: false, endsLeftovers: true, lingers: false });
  });
  test('is unknown where it does not say so', () => {
    expect(readGround('home\t/root\nroot\tyes\nkills\tno\nlingers\tyes\n')).toEqual({ home: '/root', totalBytes: null, freeBytes: null, hashes: null, hasSetsid: false, isRoot: true, endsLeftovers: false, lingers: true });
  });
  test('has to leave a twentieth of its disk to others, and no more than 1 GiB', () => {
    expect([reserveOf({ totalBytes: 1e9 }), reserveOf({ totalBytes: 1e13 }), reserveOf({ totalBytes: null })]).toEqual([5e7, 1024 ** 3, 0]);
  });
  test('is too little where the dump would take what others need', () => {
    const ground = readGround('home\t/h\ndisk\t/dev/sda 1000000 1 99999 1% /\n');
    expect(() => requireSpaceThere(ground, 60_000_000, 'db-1')).toThrow(expect.objectContaining({ code: 'backup.space' }));
    expect(() => requireSpaceThere(ground, 40_000_000, 'db-1')).not.toThrow();
  });
});

describe('the end of a job', () => {
  const dump = { operationId: 'o', databaseId: 'd', about: { siteLabel: 'db-1', targetLabel: 'shop on db-1', jobFolder: '/home/dba/.pilothouse/jobs/o', details: { identity: { systemIdentifier: '1', database: 'shop' } }, connection: { user: 'dba' }, pgDump: { version: '15.1', major: 15, path: '/usr/bin/pg_dump' } } } as unknown as Dump;
  const ended = (exitStatus: number, how: 'none' | 'TERM' | 'KILL' = 'none') => ({ state: 'ended' as const, exitStatus, ended: how });
  test.each([
    [ended(0), '', null],
    [ended(0, 'TERM'), '', 'somebody on the machine ended it'],
    [ended(137, 'KILL'), '', 'somebody on the machine ended it'],
    [ended(137), 'pg_dump: reading row-level security policies\n', 'signal 9'],
    [ended(75), '', 'about to be full'],
    [ended(1), 'pg_dump: error: could not write to file: No space left on device\n', 'is full'],
    [ended(73), 'sha256sum: 1.dat: Input/output error\n', 'Input/output error'],
    [ended(1), 'pg_dump: error: query failed: ERROR:  invalid snapshot identifier: "00000003-1"\n', 'its snapshot is not known'],
    [{ state: 'gone' as const }, '', 'somebody took it away'],
    [{ state: 'lost' as const }, '', 'its processes were killed'],
    [{ state: 'restarted' as const }, '', 'started anew'],
  ])('%j is told, and no success but one', (end, said, words) => {
    const why = whyNotWhole(dump, end, said);
    if (words === null) expect(why).toBeNull();
    else expect(why?.message).toContain(words);
  });
});

describe('a line that is waited for', () => {
  const at = { now: 1_000_000 };
  const ports = { clock: { now: () => at.now }, random: { bytes: () => Buffer.from([0]), id: () => '' } };
  const lost = new PilothouseError('ssh.connection-lost', 'db-1: the connection was lost.', { retryable: true });
  const lineOf = (signal: AbortSignal) => {
    const told: string[] = [];
    const sleep = { waking: new AbortController() };
    const wake = (): void => {
      const woken = sleep.waking;
      sleep.waking = new AbortController();
      woken.abort(new PilothouseError('ssh.connection-lost', 'This computer slept.', { retryable: true }));
    };
    return { told, wake, line: createLine({ label: 'db-1', meanwhile: () => 'What is there stays there', ports, signal, operation: { log: (level, text) => void told.push(`${level}: ${text}`), progress: ({ text }) => void told.push(text), nextWake: () => sleep.waking.signal } }) };
  };
  test('does the work again, and says how long it was away', async () => {
    const { told, line } = lineOf(new AbortController().signal);
    let attempts = 0;
    await line.patiently(async () => {
      attempts += 1;
      if (attempts === 1) throw lost;
      expect(line.held()).toBe('No connection to db-1 since 1970-01-01 00:16 UTC. What is there stays there. Cancel to give it up: this side is cleaned then, and the other as soon as it can be reached');
      at.now += 42_000;
    });
    expect([attempts, line.held(), told.at(-1)]).toEqual([2, null, 'info: Connected to db-1 again, after 42 s']);
  });
  test.each(['ssh.host-key-changed', 'ssh.command-failed', 'backup.dump-failed', 'postgres.connection-lost'] as const)('fails at once by %s', async (code) => {
    const { line } = lineOf(new AbortController().signal);
    await expect(line.patiently(() => Promise.reject(new PilothouseError(code, 'no')))).rejects.toMatchObject({ code });
  });
  test('asks anew what was asked before this computer slept', async () => {
    const { told, wake, line } = lineOf(new AbortController().signal);
    let attempts = 0;
    const answer = line.patiently((until) => {
      attempts += 1;
      return attempts > 1 ? Promise.resolve('read on') : new Promise((_resolve, reject) => until.addEventListener('abort', () => reject(until.reason as Error)));
    });
    wake();
    expect([await answer, attempts, told[0]]).toEqual(['read on', 2, 'warn: This computer slept. What is there stays there. It is asked again until it answers, or this is cancelled.']);
  });
  test('waits no longer once this computer woke up', async () => {
    const { wake, line } = lineOf(new AbortController().signal);
    let attempts = 0;
    const startedAt = performance.now();
    const answer = await line.patiently(async () => {
      attempts += 1;
      if (attempts === 20) return 'there';
      setImmediate(wake);
      throw lost;
    });
    expect(answer).toBe('there');
    // So many in vain take five seconds at the very least.
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
  test('ends with the operation', async () => {
    const leaving = new AbortController();
    const { line } = lineOf(leaving.signal);
    const waiting = line.patiently(() => Promise.reject(lost));
    leaving.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
  });
});
