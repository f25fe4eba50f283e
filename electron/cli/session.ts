/** One run of the command line: its options, its engine, and what Ctrl-C does. */
import type { EngineClient, MethodArgument, MethodName, MethodOutput } from '#shared/contract/index.ts';
import { connectOrStart, type EngineConnection } from '#engine/attach/connect-or-start.ts';
import { defaultHome, openHome } from '#engine/home.ts';
import { createFileLogger, type FileLogger } from '#engine/logging/file-logger.ts';
import { silentNotifier, systemClock, systemRandom, type Ports, type ScriptRunner } from '#engine/ports.ts';
import { Interrupted, type FailureShape } from './failures.ts';
import type { CliIo } from './io.ts';
import { answeringQuestions } from './questions.ts';
import { plain } from './text.ts';

export interface GlobalOptions {
  home?: string;
  json?: boolean;
  yes?: boolean;
  confirm?: string[];
  passphraseFile?: string;
  passwordFile?: string;
}

export interface Session extends EngineClient {
  readonly io: CliIo;
  /** The engine as it is, without looking whether a server asks something meanwhile. */
  readonly engine: EngineClient;
  readonly options: GlobalOptions;
  /** The data folder. */
  readonly root: string;
  /** Text for people on standard error. */
  say(text: string): void;
  /** Replaces what Ctrl-C does, which otherwise ends the command; returns what puts it back. */
  onInterrupt(handler: () => void): () => void;
  /** What is done and stays, should the command fail from here on: it is told beside the failure. */
  keep(document: Record<string, unknown>, text: string): void;
  /** Whether the engine is another process's. Starts or attaches to it first. */
  attached(): Promise<boolean>;
}

export interface OpenSession extends Session {
  /** Rejects with `operation.cancelled` when the command was interrupted. */
  readonly interrupted: Promise<never>;
  readonly kept: { document: Record<string, unknown>; text: string } | null;
  /** Writes what was not thrown on purpose into the log, for its correlation id to be found there. */
  record(failure: FailureShape, error: unknown): void;
  close(): Promise<void>;
}

export function openSession(io: CliIo, options: GlobalOptions, scripts?: ScriptRunner): OpenSession {
  const root = defaultHome(options.home);
  let connection: Promise<EngineConnection> | null = null;
  let logger: FileLogger | null = null;
  let kept: OpenSession['kept'] = null;
  const say = (text: string): void => void io.stderr.write(`${plain(text)}\n`);
  const openLogger = (): FileLogger => (logger ??= createFileLogger({ folder: openHome(root).logs, clock: systemClock, host: 'cli' }));

  const connect = (): Promise<EngineConnection> => {
    if (connection !== null) return connection;
    const ports: Ports = { clock: systemClock, random: systemRandom, logger: openLogger(), keyWrapping: null, notifier: silentNotifier, host: 'cli', ...(scripts === undefined ? {} : { scripts }) };
    connection = connectOrStart({ root, ports, caller: 'cli' });
    return connection;
  };

  let giveUp: (error: Interrupted) => void = () => {};
  const interrupted = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  // Nobody may be waiting for it yet.
  interrupted.catch(() => {});
  const end = (): void => giveUp(new Interrupted());
  let handler = end;
  let interruptions = 0;
  const stopListening = io.onInterrupt(() => {
    interruptions += 1;
    if (interruptions > 1) io.endNow(130);
    else handler();
  });

  const engine: EngineClient = {
    async call<Name extends MethodName>(method: Name, input: MethodArgument<Name>, callOptions?: { signal?: AbortSignal }): Promise<MethodOutput<Name>> {
      const { client } = await connect();
      return client.call(method, input, callOptions);
    },
    async *follow(stream, input, followOptions) {
      const { client } = await connect();
      yield* client.follow(stream, input, followOptions);
    },
  };

  const session: OpenSession = {
    io,
    engine,
    options,
    root,
    say,
    interrupted,
    get kept() {
      return kept;
    },
    keep(document, text) {
      kept = { document, text };
    },
    record(failure, error) {
      try {
        openLogger().error({ correlationId: failure.correlationId, stack: error instanceof Error ? error.stack : null }, failure.message);
      } catch (unwritable) {
        say(`The log cannot be written: ${unwritable instanceof Error ? unwritable.message : String(unwritable)}`);
      }
    },
    onInterrupt(replacement) {
      handler = replacement;
      return () => {
        handler = end;
      };
    },
    attached: async () => (await connect()).attached,
    call: (method, input, callOptions) => answeringQuestions(session, () => engine.call(method, input, callOptions)),
    follow: (stream, input, followOptions) => engine.follow(stream, input, followOptions),
    async close() {
      try {
        const opened = await connection?.catch(() => null);
        if (opened) {
          const hurry = new AbortController();
          if (opened.guests() > 0) {
            say('Other commands still use the engine of this one; it ends with them. Ctrl-C cuts them off.');
            // What the first Ctrl-C did is done; the next one is the first here.
            interruptions = 0;
            handler = () => {
              say('Cutting them off and cleaning up. Ctrl-C again ends at once; the next start then cleans up.');
              hurry.abort();
            };
          }
          await opened.close(hurry.signal);
        }
      } finally {
        stopListening();
        logger?.close();
      }
    },
  };
  return session;
}
