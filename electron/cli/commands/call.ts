import { methods, streams, type MethodName, type StreamName } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Outcome, Register } from '../command.ts';
import { errorOf, exitStatus, paragraph, UsageError } from '../failures.ts';
import { failureOf, runToEnd } from '../run-plan.ts';
import { openVault } from '../open-vault.ts';
import type { Session } from '../session.ts';
import { json, table } from '../text.ts';

/** What is read from standard input at most; the contract refuses longer input anyway. */
const longestInput = 8 * 1024 * 1024;

async function readInput(session: Session): Promise<unknown> {
  const { stdin } = session.io;
  if (stdin.isTTY === true) return {};
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer | string>) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > longestInput) throw new PilothouseError('contract.too-large', `The input is longer than ${longestInput} bytes.`, { hint: 'Ask for less at once.' });
    chunks.push(bytes);
  }
  const text = Buffer.concat(chunks).toString('utf8').trim();
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Standard input is not JSON: ${error instanceof Error ? error.message : String(error)}.`, 'Give one JSON document, or nothing for a method that takes nothing.');
  }
}

/** Collects what a stream says until it ends by itself or Ctrl-C leaves it. */
async function collect(session: Session, name: StreamName, input: unknown): Promise<unknown[]> {
  const leaving = new AbortController();
  const restore = session.onInterrupt(() => leaving.abort());
  const items: unknown[] = [];
  try {
    // The engine parses the input with the stream's own schema; what it refuses is what the caller gets to read.
    for await (const item of session.follow(name, input as never, { signal: leaving.signal })) items.push(item);
  } finally {
    restore();
  }
  return items;
}

/** What it answers at once is not the end of it, and may be the end of the engine, which is ours: the status says what came of it. */
async function runOperation(session: Session, input: unknown): Promise<Outcome> {
  const operation = await runToEnd(session, input as never);
  const failure = failureOf(operation);
  const output = { operationId: operation.id };
  if (failure === null) return { document: output, text: json(output, 2) };
  const error = errorOf(failure);
  session.say(paragraph(error));
  return { document: { ...output, error }, text: json(output, 2), status: exitStatus.failed };
}

export const registerCall: Register = (program, act) => {
  program
    .command('call [method]')
    .description('any method of the contract, its input as JSON on standard input; a stream is collected, and an operation followed, until its end')
    .option('--list', 'list the methods')
    .action(
      act(async (session, [name], options) => {
        if (options['list'] === true) {
          const all = [
            ...Object.entries(methods).map(([method, { kind, summary }]) => ({ name: method, kind, summary })),
            ...Object.entries(streams).map(([stream, { summary }]) => ({ name: stream, kind: 'stream' as const, summary })),
          ].sort((a, b) => a.name.localeCompare(b.name));
          return { document: { methods: all }, text: table(['METHOD', 'KIND', 'SUMMARY'], all.map((one) => [one.name, one.kind, one.summary]), 'None.') };
        }
        if (name === undefined) throw new UsageError('Name the method to call.', '"call --list" names them all.');
        if (!Object.hasOwn(methods, name) && !Object.hasOwn(streams, name)) throw new PilothouseError('contract.unknown-method', `There is no method called ${name}.`, { hint: '"call --list" names them all.' });
        const input = await readInput(session);
        if (session.options.passphraseFile !== undefined) await openVault(session);
        // Whether the input is right is said by the engine.
        if (name === 'operation.run') return runOperation(session, input);
        const output = Object.hasOwn(streams, name) ? { items: await collect(session, name as StreamName, input) } : await session.call(name as MethodName, input as never);
        return { document: output, text: json(output, 2) };
      }),
    );
};
