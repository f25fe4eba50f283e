/** Asking a person at a terminal. What is asked for in secret is not echoed. */
import { readFile, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { CliIo } from './io.ts';
import { UsageError } from './failures.ts';

export function canAsk(io: CliIo): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

export async function ask(io: CliIo, question: string): Promise<string> {
  const lines = createInterface({ input: io.stdin, output: io.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

/** Nothing of what is typed appears. */
export async function askSecret(io: CliIo, question: string): Promise<string> {
  io.stderr.write(question);
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: io.stdin, output: silence, terminal: true, historySize: 0 });
  try {
    return await lines.question('');
  } finally {
    lines.close();
    io.stderr.write('\n');
  }
}

const longestSecret = 4096;

/** The first line of a file that only its owner may read. */
export async function readSecretFile(path: string): Promise<string> {
  let text: string;
  try {
    if (process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
      throw new UsageError(`${path} can be read by others.`, `Make it yours alone first: chmod 600 ${path}`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isPilothouseError(error)) throw error;
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Name a file whose first line is the secret.');
  }
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  if (line === '' || line.length > longestSecret) throw new UsageError(`${path} has no secret in its first line.`, 'Put it into the first line, and nothing else.');
  return line;
}

/** A secret from a file, else from the person, else null. */
export async function obtainSecret(io: CliIo, file: string | undefined, question: string): Promise<string | null> {
  if (file !== undefined) return readSecretFile(file);
  return canAsk(io) ? askSecret(io, question) : null;
}
