import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { placeOf } from '#engine/practice/place.ts';
import { endProcess, isAlive, startOf, worksIn } from '#engine/platform/process-identity.ts';
import { findServer, stopServer } from '#engine/practice/server.ts';
import { readTrafficRecord } from '#engine/practice/traffic/record.ts';
import { isRunning } from '#test/processes.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';

/** Somebody else's process, in a folder. */
async function stranger(cwd = '/'): Promise<number> {
  const child = spawn('sleep', ['60'], { cwd, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child.pid ?? 0;
}

async function clusterOf(pid: number) {
  const { cluster } = placeOf({ root: await temporaryFolder('practice-server'), key: 'k' }, { uid: 1000, accounts: () => '' });
  mkdirSync(cluster.data, { recursive: true });
  writeFileSync(join(cluster.data, 'postmaster.pid'), `${pid}\n${cluster.data}\n1700000000\n5999\n\n127.0.0.1\n`);
  return cluster;
}

describe('a process that took the number of ours', () => {
  it('is not taken for the server', async () => {
    expect(await findServer(await clusterOf(await stranger()))).toBeNull();
  });

  it('is not touched when the server is stopped', async () => {
    const pid = await stranger();
    await stopServer(await clusterOf(pid));
    expect(isRunning(pid)).toBe(true);
  });

  it('is not signalled where its start is another', async () => {
    const pid = await stranger();
    await endProcess({ pid, startedAt: '1' }, [{ signal: 'SIGKILL', waitMs: 100 }]);
    expect(isRunning(pid)).toBe(true);
  });
});

describe('a process of ours', () => {
  it('is found by its number and the folder that it works in', async () => {
    const cluster = await clusterOf(0);
    const pid = await stranger(cluster.data);
    writeFileSync(join(cluster.data, 'postmaster.pid'), `${pid}\n${cluster.data}\n1700000000\n5999\n`);
    expect(await findServer(cluster)).toMatchObject({ pid, port: 5999 });
  });

  it('is found where its folder was named through a link', async () => {
    const cluster = await clusterOf(0);
    const link = join(await temporaryFolder('practice-link'), 'way');
    symlinkSync(cluster.data, link);
    expect(await worksIn(await stranger(cluster.data), link)).toBe(true);
  });

  it('is ended by the first signal that it obeys', async () => {
    const pid = await stranger();
    expect(await endProcess({ pid, startedAt: (await startOf(pid)) ?? '' }, [{ signal: 'SIGTERM', waitMs: 2000 }, { signal: 'SIGKILL', waitMs: 2000 }])).toBe('SIGTERM');
  });

  it('is not alive once it has ended', async () => {
    const pid = await stranger();
    const startedAt = (await startOf(pid)) ?? '';
    await endProcess({ pid, startedAt }, [{ signal: 'SIGKILL', waitMs: 2000 }]);
    expect(await isAlive({ pid, startedAt })).toBe(false);
  });
});

describe('a process whose folder may not be looked at', () => {
  const refused = (): string => {
    throw Object.assign(new Error('EACCES: permission denied, readlink'), { code: 'EACCES' });
  };

  it('is known by what its owner started it with', async () => {
    const { data } = await clusterOf(0);
    const server = spawn('sh', ['-c', 'read -r _', '-D', data], { stdio: ['pipe', 'ignore', 'ignore'] });
    onTestFinished(() => void server.kill('SIGKILL'));
    await once(server, 'spawn');
    expect(await waitFor('it to be known', async () => await worksIn(server.pid ?? 0, data, refused))).toBe(true);
  });

  it('is not ours where it was started with something else', async () => {
    const { data } = await clusterOf(0);
    expect(await worksIn(await stranger(data), data, refused)).toBe(false);
  });
});

describe('the record of the traffic', () => {
  it.each(['', 'not json', '{}', '{"pid":"1","startedAt":"2"}', '[]', 'null'])('names nobody when it reads %j', async (text) => {
    const path = join(await temporaryFolder('traffic'), 'traffic.json');
    writeFileSync(path, text);
    expect(readTrafficRecord(path)).toBeNull();
  });
});
