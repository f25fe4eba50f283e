import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { expandHome, readKeyFile } from '#engine/ssh/key-file.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let path: string;
beforeEach(async () => {
  path = join(await temporaryFolder('key'), 'id');
});
const write = (text: string, mode = 0o600): void => {
  writeFileSync(path, text);
  chmodSync(path, mode);
};
const refusal = (): Promise<unknown> => readKeyFile(path, 'ann@web').then(() => null, (error: unknown) => error);

describe('a key file', () => {
  test('of the person alone is read', async () => {
    write('the key');
    expect((await readKeyFile(path, 'ann@web')).reveal()).toBe('the key');
  });
  test.each([0o640, 0o604, 0o660, 0o644])('that others may read or write is refused (%i)', async (mode) => {
    write('the key', mode);
    expect(await refusal()).toMatchObject({ code: 'ssh.key-file', message: expect.stringContaining('can be read by others') as string, hint: expect.stringContaining('chmod 600') as string });
  });
  test('that is missing is told, with the machine that it is for', async () => {
    expect(await refusal()).toMatchObject({ code: 'ssh.key-file', message: `ann@web: the key file ${path} is not there.`, details: { hop: 'ann@web', path } });
  });
  test('that is larger than any key is not read', async () => {
    write('x'.repeat(100_001));
    expect(await refusal()).toMatchObject({ code: 'ssh.key-file', message: expect.stringContaining('larger than a key') as string });
  });
  test('that is a folder is refused', async () => {
    mkdirSync(path);
    expect(await refusal()).toMatchObject({ code: 'ssh.key-file', message: expect.stringContaining('is no file') as string });
  });
  test.skipIf(process.platform === 'win32')('that is a pipe keeps nobody waiting', async () => {
    execFileSync('mkfifo', ['-m', '600', path]);
    expect(await refusal()).toMatchObject({ code: 'ssh.key-file', message: expect.stringContaining('is no file') as string });
  });
  test('in the home folder is found there', () => {
    expect(expandHome('~/.ssh/id')).toBe(join(homedir(), '.ssh/id'));
  });
});
