/** One run of the command line: its engine, its options, and the secrets it may be asked for on the way. */
import type { EngineClient, MethodArgument, MethodName, MethodOutput } from '#shared/contract/index.ts';
import { hasCode, isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { connectOrStart, type EngineConnection } from '#engine/attach/connect-or-start.ts';
import { defaultHome, openHome } from '#engine/home.ts';
import { createFileLogger } from '#engine/logging/file-logger.ts';
import { silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import type { CliIo } from './io.ts';
import { obtainSecret } from './prompt.ts';

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
  readonly options: GlobalOptions;
  /** The data folder. */
  readonly root: string;
  /** Text for people on standard error. */
  say(text: string): void;
  /** Replaces what Ctrl-C does, which otherwise ends the command; returns what puts it back. */
  onInterrupt(handler: () => void): () => void;
  /** Whether the engine is another process's. Starts or attaches to it first. */
  attached(): Promise<boolean>;
}

export interface OpenSession extends Session {
  /** Rejects with `operation.cancelled` when the command was interrupted. */
  readonly interrupted: Promise<never>;
  close(): Promise<void>;
}

export function openSession(io: CliIo, options: GlobalOptions): OpenSession {
  const root = defaultHome(options.home);
  let connection: Promise<EngineConnection> | null = null;
  let closeLogger = (): void => {};
  let vaultTried = false;
  const say = (text: string): void => void io.stderr.write(`${text}\n`);

  const connect = (): Promise<EngineConnection> => {
    if (connection !== null) return connection;
    const logger = createFileLogger({ folder: openHome(root).logs, clock: systemClock, host: 'cli' });
    closeLogger = () => logger.close();
    const ports: Ports = { clock: systemClock, random: systemRandom, logger, keyWrapping: null, notifier: silentNotifier, host: 'cli' };
    connection = connectOrStart({ root, ports, caller: 'cli' });
    return connection;
  };

  let giveUp: (error: PilothouseError) => void = () => {};
  const interrupted = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  // Nobody may be waiting for it yet.
  interrupted.catch(() => {});
  const end = (): void => giveUp(new PilothouseError('operation.cancelled', 'Interrupted.', { retryable: true }));
  let handler = end;
  let interruptions = 0;
  const stopListening = io.onInterrupt(() => {
    interruptions += 1;
    if (interruptions > 1) io.endNow(130);
    else handler();
  });

  /** Opens the vault for a call that needs it. @returns whether it is worth asking again */
  const unlockVault = async (client: EngineClient): Promise<boolean> => {
    if (vaultTried) return false;
    vaultTried = true;
    const passphrase = await obtainSecret(io, options.passphraseFile, 'Passphrase of the vault: ');
    if (passphrase === null) return false;
    await client.call('vault.unlock', { passphrase });
    return true;
  };

  /** Gives the password of the database that an error names. @returns whether it is worth asking again */
  const givePassword = async (client: EngineClient, details: Record<string, unknown>): Promise<boolean> => {
    const { systems } = await client.call('system.list', {});
    const needed = systems
      .flatMap((system) => system.databases)
      .find(({ connection: { host, port, database, user } }) => host === details['host'] && port === details['port'] && database === details['database'] && user === details['user']);
    if (needed === undefined || needed.connection.password.source !== 'ask') return false;
    const password = await obtainSecret(io, options.passwordFile, `Password of ${needed.connection.user} for ${needed.label}: `);
    if (password === null) return false;
    await client.call('database.unlock', { databaseId: needed.id, password });
    return true;
  };

  const withSecrets = async <T>(client: EngineClient, work: () => Promise<T>): Promise<T> => {
    const asked = new Set<string>();
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isPilothouseError(error) || asked.has(error.code)) throw error;
        asked.add(error.code);
        const again = hasCode(error, 'vault.locked') ? await unlockVault(client) : hasCode(error, 'postgres.password-needed') && (await givePassword(client, error.details));
        if (!again) throw withHint(error);
      }
    }
  };

  return {
    io,
    options,
    root,
    say,
    interrupted,
    onInterrupt(replacement) {
      handler = replacement;
      return () => {
        handler = end;
      };
    },
    attached: async () => (await connect()).attached,
    async call<Name extends MethodName>(method: Name, input: MethodArgument<Name>, callOptions?: { signal?: AbortSignal }): Promise<MethodOutput<Name>> {
      const { client } = await connect();
      // Asking for a password first would only be in the way of these.
      if (method.startsWith('vault.')) return client.call(method, input, callOptions);
      return withSecrets(client, () => client.call(method, input, callOptions));
    },
    async *follow(stream, input, followOptions) {
      const { client } = await connect();
      yield* client.follow(stream, input, followOptions);
    },
    async close() {
      try {
        const opened = await connection?.catch(() => null);
        if (opened) {
          if (opened.guests() > 0) say('Other commands still use the engine of this one; it ends with them.');
          await opened.close();
        }
      } finally {
        stopListening();
        closeLogger();
      }
    },
  };
}

/** On the command line the way to unlock is an option, not a dialog. */
function withHint(error: unknown): unknown {
  if (!isPilothouseError(error)) return error;
  if (error.code === 'vault.locked') return new PilothouseError(error.code, error.message, { ...error, hint: 'Run this at a terminal to be asked for the passphrase, or name a file of yours alone that holds it: --passphrase-file FILE.' });
  if (error.code === 'postgres.password-needed') return new PilothouseError(error.code, error.message, { ...error, hint: 'Run this at a terminal to be asked for it, or name a file of yours alone that holds it: --password-file FILE.' });
  return error;
}
