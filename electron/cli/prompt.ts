/** Asking a person at a terminal. What is asked for in secret is not echoed. */
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { isOpenToOthers } from '#engine/platform/private-files.ts';
import { linesOf, textOf } from '#engine/platform/text.ts';
import type { CliIo } from './io.ts';
import { Interrupted, UsageError } from './failures.ts';
import { plain } from './text.ts';

export function canAsk(io: CliIo): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/** The question at each terminal: two at once would share what is typed. */
const turns = new WeakMap<CliIo, Promise<unknown>>();

/** Asks one question, when the one before is answered. @throws Interrupted; the signal's reason */
function askFor(io: CliIo, text: string, output: Writable, signal?: AbortSignal): Promise<string> {
  const before = turns.get(io) ?? Promise.resolve();
  const asked = before.then(() => askNow(io, text, output, signal), () => askNow(io, text, output, signal));
  turns.set(io, asked);
  return asked;
}

/** Ctrl-C and the end of input answer it too: by not answering. */
async function askNow(io: CliIo, text: string, output: Writable, signal?: AbortSignal): Promise<string> {
  signal?.throwIfAborted();
  // The terminal stops echoing here, before anybody can have begun to type.
  const lines = createInterface({ input: io.stdin, output, terminal: true, historySize: 0 });
  io.stderr.write(plain(text));
  let stopListening = (): void => {};
  const asked = new AbortController();
  try {
    return await new Promise<string>((resolve, reject) => {
      const giveUp = (): void => reject(new Interrupted());
      lines.once('line', resolve);
      // At a terminal in raw mode no signal comes: the line editor tells of Ctrl-C. Signals come from elsewhere.
      lines.once('SIGINT', giveUp);
      lines.once('close', giveUp);
      stopListening = io.onInterrupt(giveUp);
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: asked.signal });
    });
  } finally {
    stopListening();
    asked.abort();
    lines.close();
  }
}

export function ask(io: CliIo, text: string, signal?: AbortSignal): Promise<string> {
  return askFor(io, text, io.stderr, signal);
}

/** Nothing of what is typed appears. */
export async function askSecret(io: CliIo, text: string, signal?: AbortSignal): Promise<string> {
  try {
    return await askFor(io, text, new Writable({ write: (_chunk, _encoding, done) => done() }), signal);
  } finally {
    io.stderr.write('\n');
  }
}

const longestSecret = 4096;

/** The first line of a file that only its owner may read. */
export async function readSecretFile(path: string): Promise<string> {
  let text: string;
  try {
    if (isOpenToOthers((await stat(path)).mode)) {
      throw new UsageError(`${path} can be read by others.`, `Make it yours alone first: chmod 600 ${path}`);
    }
    text = textOf(await readFile(path));
  } catch (error) {
    if (isPilothouseError(error)) throw error;
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Name a file whose first line is the secret.');
  }
  const [line = ''] = linesOf(text);
  if (line === '' || line.length > longestSecret) throw new UsageError(`${path} has no secret in its first line.`, 'Put it into the first line, and nothing else.');
  return line;
}

/** A secret from a file, else from the person, else null. */
export async function obtainSecret(io: CliIo, file: string | undefined, question: string): Promise<string | null> {
  if (file !== undefined) return readSecretFile(file);
  return canAsk(io) ? askSecret(io, question) : null;
}
