/** Where the command line reads and writes. Tests bring their own. */
import type { Readable, Writable } from 'node:stream';
import { onAskedToEnd } from '#engine/platform/signals.ts';
import { PilothouseError } from '#shared/domain/errors.ts';

export interface CliIo {
  stdin: Readable & { isTTY?: boolean | undefined; setRawMode?: ((raw: boolean) => unknown) | undefined };
  stdout: Writable & { isTTY?: boolean | undefined };
  stderr: Writable & { isTTY?: boolean | undefined; columns?: number | undefined };
  /** Told of each Ctrl-C (and of being asked to end). Returns what stops the telling. */
  onInterrupt(listener: () => void): () => void;
  /** Ends the process at once; children die by their lifelines. */
  endNow(status: number): void;
}

/** A terminal and the program that started us may both pass on the same Ctrl-C. */
const sameSignalMs = 300;

/** The process's own. */
export const processIo: CliIo = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  onInterrupt(listener) {
    return onAskedToEnd(() => listener(), { sameWithinMs: sameSignalMs });
  },
  endNow: (status) => process.exit(status),
};

/** A pipe whose reader left (`| head`) ends neither the command nor what it runs; `write` says what else goes wrong. */
export function outliveReaders(io: CliIo): void {
  for (const stream of [io.stdout, io.stderr]) stream.on('error', () => {});
}

/**
 * Waits until the other side has taken it: a pipe may be slower than the command. Nobody reading any more is no failure.
 * @throws store.unwritable
 */
export function write(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EPIPE') resolve();
      else reject(new PilothouseError('store.unwritable', `What came of it could not be written: ${error.message}.`, { hint: 'What the command did is done all the same; history has it.', cause: error }));
    };
    stream.once('error', failed);
    stream.write(text, (error) => {
      stream.off('error', failed);
      if (error) failed(error);
      else resolve();
    });
  });
}
