import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { errorOf } from '../../electron/cli/failures.ts';
import { outliveReaders, write, type CliIo } from '../../electron/cli/io.ts';
import { openSession } from '../../electron/cli/session.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

/** A stream that takes nothing. */
function refusing(code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(`${code}: write`), { code })) });
}

const ioWith = (stream: Writable): CliIo => ({ stdin: Readable.from([]), stdout: stream, stderr: stream, onInterrupt: () => () => {}, endNow: () => {} });

describe('output', () => {
  test('that nobody reads any more ends nothing', async () => {
    const io = ioWith(refusing('EPIPE'));
    outliveReaders(io);
    io.stderr.write('a line of progress');
    await expect(write(io.stdout, 'the result')).resolves.toBeUndefined();
  });
  test('that there is no room for is a failure', async () => {
    const io = ioWith(refusing('ENOSPC'));
    outliveReaders(io);
    await expect(write(io.stdout, 'the result')).rejects.toMatchObject({ code: 'store.unwritable' });
  });
});

describe('a fault of the command line itself', () => {
  test('is in the log under the id that it is told with', async () => {
    const home = await temporaryFolder('fault');
    const session = openSession(ioWith(new Writable({ write: (_chunk, _encoding, done) => done() })), { home });
    const fault = new TypeError('x is undefined');
    const failure = errorOf(fault);
    session.record(failure, fault);
    await session.close();
    const [line] = (await readFile(join(home, 'logs', 'pilothouse.log'), 'utf8')).split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({ level: 'error', correlationId: failure.correlationId, stack: expect.stringContaining('cli-io.test.ts') as string });
  });
});
