import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { databaseConnection } from '#shared/contract/systems.ts';
import { createPostgres } from '#engine/postgres/index.ts';
import { silentLogger } from '#engine/ports.ts';
import { answerWithinMs } from '#engine/ssh/questions.ts';
import type { HostLines } from '#engine/ssh/lines.ts';
import { noLines } from '#test/no-lines.ts';
import { createTools, type Tools } from '#engine/postgres/tools.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let folder = '';
let tools: Tools;

/** Puts a program in a folder that says it is of that version. */
async function install(where: string, version: string, text = `#!/bin/sh\necho "pg_dump (PostgreSQL) ${version}"\n`): Promise<string> {
  await mkdir(join(folder, where), { recursive: true });
  const file = join(folder, where, 'pg_dump');
  await writeFile(file, text);
  await chmod(file, 0o755);
  return file;
}

beforeEach(async () => {
  folder = await temporaryFolder('tools');
  tools = createTools({ versionFolders: async () => ['v13', 'v15', 'v17', 'v18'].map((name) => join(folder, name)), searchPath: () => `relative:${join(folder, 'path')}:${join(folder, 'path2')}` });
});

describe('client programs', () => {
  it('are found in each version, newest first', async () => {
    await install('v13', '13.23');
    await install('v18', '18.4 (Debian 18.4-1)');
    await install('path', '15.18');
    expect((await tools.find('pg_dump')).map(({ version, major }) => [version, major])).toEqual([['18.4', 18], ['15.18', 15], ['13.23', 13]]);
  });

  it('are listed once although two paths lead to one', async () => {
    const file = await install('v15', '15.18');
    await mkdir(join(folder, 'path'));
    await symlink(file, join(folder, 'path', 'pg_dump'));
    expect(await tools.find('pg_dump')).toEqual([{ name: 'pg_dump', path: file, version: '15.18', major: 15 }]);
  });

  it('are not wrappers that choose a version of their own', async () => {
    await mkdir(join(folder, 'path'));
    await writeFile(join(folder, 'pg_wrapper'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 15.18"\n', { mode: 0o755 });
    await symlink(join(folder, 'pg_wrapper'), join(folder, 'path', 'pg_dump'));
    expect(await tools.find('pg_dump')).toEqual([]);
  });

  it.each([['fails', '#!/bin/sh\nexit 1\n'], ['is something else', '#!/bin/sh\necho hello\n'], ['cannot be run', 'no program']])('are none that %s', async (_, text) => {
    await install('v15', '', text);
    expect(await tools.find('pg_dump')).toEqual([]);
  });

  it('are chosen as low as the server allows', async () => {
    for (const version of ['13.23', '15.18', '17.2', '18.4']) await install(`v${Number.parseInt(version, 10)}`, version);
    expect((await tools.require('pg_dump', 14)).major).toBe(15);
    expect((await tools.require('pg_dump', 15)).major).toBe(15);
    expect((await tools.require('pg_dump', 16)).major).toBe(17);
  });

  it('are those of 16 or older for a server before 17 wherever one is installed: newer ones send a setting it does not know', async () => {
    for (const version of ['17.2', '18.4', '16.9']) await install(`v${Number.parseInt(version, 10)}`, version);
    await install('path', '16.9');
    expect((await Promise.all([13, 15, 16].map((major) => tools.require('pg_dump', major)))).map(({ major }) => major)).toEqual([16, 16, 16]);
  });

  it('too old for a server are refused with the major it needs', async () => {
    await install('v15', '15.18');
    await expect(tools.require('pg_dump', 18)).rejects.toMatchObject({ code: 'postgres.tool-too-old', message: expect.stringMatching(/15\.18.*18/), hint: expect.stringContaining('18'), details: { serverMajor: 18 } });
  });

  it('that are missing are named with the major that is needed', async () => {
    await expect(tools.require('pg_dump', 17)).rejects.toMatchObject({ code: 'postgres.tool-missing', message: expect.stringContaining('pg_dump'), hint: expect.stringContaining('17') });
  });

  it('installed after none was found are found by the next look', async () => {
    expect(await tools.find('pg_dump')).toEqual([]);
    await install('v17', '17.2');
    expect((await tools.find('pg_dump')).map(({ version }) => version)).toEqual(['17.2']);
  });

  it('installed since the last look are found when they are needed', async () => {
    await expect(tools.require('pg_dump', 17)).rejects.toMatchObject({ code: 'postgres.tool-missing' });
    await install('v17', '17.2');
    expect((await tools.require('pg_dump', 17)).version).toBe('17.2');
  });

  it('are remembered until they are looked for anew', async () => {
    const file = await install('v17', '17.2');
    await tools.find('pg_dump');
    await rm(file);
    expect(await tools.find('pg_dump')).toHaveLength(1);
    tools.refresh();
    expect(await tools.find('pg_dump')).toHaveLength(0);
  });
});

describe('client programs of a host', () => {
  const asks = (run: HostLines['run']) => {
    const postgres = createPostgres({ ports: { logger: silentLogger }, lines: { ...noLines, run }, home: { root: folder, key: 'test-tools' }, scrubber: createScrubber(), typed: () => null, fromVault: () => Promise.reject(new Error('no vault here')) });
    const connection = databaseConnection.parse({ host: '127.0.0.1', port: 5432, database: 'shop', user: 'ann', tls: { mode: 'disable', ca: null }, password: { source: 'none' }, viaId: 'host', tools: { where: 'host', access: { kind: 'plain' }, connect: null } });
    return (major: number) => postgres.requireTool('pg_dump', major, { databaseId: null, label: 'shop', through: 'db-1', connection, systemIdentifier: null });
  };

  it('that were installed since somebody looked are found at once', async () => {
    const said = (...majors: number[]) => ['base\t/tmp', ...majors.map((major) => `tool\tpg_dump\t/opt/${major}/pg_dump\tpg_dump (PostgreSQL) ${major}.1`), ''].join('\n');
    const looks = [said(15), said(15, 17)];
    const requireTool = asks(async () => ({ exitStatus: 0, signal: null, stdout: looks.shift() ?? '', stderr: '', durationMs: 1, aborted: false }));
    expect((await requireTool(15)).version).toBe('15.1');
    expect((await requireTool(17)).version).toBe('17.1');
  });
  it('that nobody tells of are waited for no longer than for a person on the way, and that is said', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const requireTool = asks((_hostId, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))));
    let waited = true;
    const looking = expect(requireTool(15).finally(() => (waited = false))).rejects.toMatchObject({ code: 'ssh.timeout', message: expect.stringContaining('db-1') as string });
    await vi.advanceTimersByTimeAsync(answerWithinMs);
    expect(waited).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    await looking;
  });
});
