import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from 'pg';
import { isPilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { withDeadline } from './deadline.ts';
import { cancelled, startupFailure } from './failures.ts';
import { dial, offersTls, type DialOptions } from './dial.ts';
import { failure, type Place } from './place.ts';
import { valueTypes } from './value-types.ts';

/** A session that has been opened, and on which nothing was asked yet. */
export interface OpenedClient {
  client: Client;
  socket: Duplex;
  tls: boolean;
  processId: number;
  secretKey: number;
}

export interface StartupOptions extends DialOptions {
  applicationName: string;
  /** Called only where the server asks for a password. Null: there is none. */
  password: () => Promise<Secret | null>;
}

/** `pg` would add what it finds in PGOPTIONS and similar variables, and would not say that we speak UTF-8. */
class ExplicitClient extends Client {
  readonly #startup: Record<string, string>;

  constructor(config: ConstructorParameters<typeof Client>[0], startup: Record<string, string>) {
    super(config);
    this.#startup = startup;
  }

  getStartupConf(): Record<string, string> {
    return this.#startup;
  }
}

/**
 * The socket as `pg` wants one: it connects when it is told to, and what its parser throws over a malformed message
 * ends the connection instead of the process.
 */
function asPgStream(socket: Duplex): Socket {
  const on = socket.on.bind(socket);
  const guardedOn = (event: string, listener: (...parameters: unknown[]) => void): Duplex => {
    if (event !== 'data') return on(event, listener);
    return on('data', (chunk) => {
      try {
        listener(chunk);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : new Error(String(error)));
      }
    });
  };
  // A line through a host lacks what only sockets have.
  const nothing = (): void => {};
  const missing = Object.fromEntries(['setNoDelay', 'setKeepAlive', 'ref', 'unref'].filter((name) => !(name in socket)).map((name) => [name, nothing]));
  return Object.assign(socket, missing, {
    on: guardedOn,
    connect: () => {
      process.nextTick(() => {
        socket.emit('connect');
        // It was paused after the question for TLS, so that nothing is lost before `pg` listens.
        socket.resume();
      });
      return socket;
    },
  }) as unknown as Socket;
}

const passwordRequests = { authenticationSASL: 'scram-sha-256', authenticationMD5Password: 'md5', authenticationCleartextPassword: 'password in the clear' } as const;

/** Whether everything between here and the server is on this computer. */
function staysHere(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Anybody on the way can say that there is no TLS, and then ask for the password itself.
 * @throws postgres.tls-required before anything of the password is sent
 */
function refuseInTheClear(place: Place, way: string, tls: boolean): void {
  if (way !== passwordRequests.authenticationCleartextPassword || tls || staysHere(place.host)) return;
  throw failure('postgres.tls-required', place, `what answers there asks for the password of ${place.user} in the clear, over a line that is not encrypted. It was not sent.`, {
    hint: 'Let the server offer TLS and choose verify-full, or let pg_hba.conf ask this user for scram-sha-256.',
  });
}

/** A server that refuses an unencrypted session may only want it encrypted: whether it can be is asked, not guessed. */
async function explainRefusal(error: unknown, place: Place, options: DialOptions): Promise<unknown> {
  const isPlain = options.connection.tls.mode === 'disable' && !place.host.startsWith('/');
  if (!isPlain || !isPilothouseError(error) || error.details['sqlState'] !== '28000' || !(await offersTls(place, options.timeoutMs, options.lines))) return error;
  return failure('postgres.tls-required', place, `the server refuses this session without TLS: ${String(error.details['serverMessage'])}.`, {
    hint: 'Choose the TLS mode require or, better, verify-full. If it is refused then too, pg_hba.conf has no line for this user, database and address.',
    details: error.details,
    cause: error,
  });
}

/**
 * Reaches a server and opens a session: name, network, TLS, authentication, database.
 * @throws everything `dial` throws, and postgres.authentication, .password-needed, .no-such-database, .privilege,
 * .too-many-connections, .not-accepting, .timeout
 */
export async function openClient(place: Place, options: StartupOptions): Promise<OpenedClient> {
  const line = await dial(place, options);
  const { socket } = line;
  let way = 'no password was asked for';
  const client = new ExplicitClient(
    {
      host: place.host,
      port: place.port,
      user: place.user,
      database: place.database,
      ssl: false,
      stream: () => asPgStream(socket),
      types: valueTypes,
      password: async () => {
        refuseInTheClear(place, way, line.tls);
        const password = await options.password();
        if (password === null) {
          throw failure('postgres.password-needed', place, `the server asks for a password of the user ${place.user}, and this connection has none.`, { hint: 'Choose in the database\'s settings where the password comes from.' });
        }
        return password.reveal();
      },
    },
    { user: place.user, database: place.database, application_name: options.applicationName, client_encoding: 'UTF8' },
  );
  // A session can die while nobody asks anything; whoever asks next is told.
  client.on('error', () => {});

  for (const [event, name] of Object.entries(passwordRequests)) client.connection.once(event, () => void (way = name));
  client.connection.once('authenticationOk', () => options.report('authentication', `${place.user}, ${way}`, way === 'password in the clear' && !line.tls ? 'warn' : 'ok'));
  let keyData = { processID: 0, secretKey: 0 };
  client.connection.once('backendKeyData', (message: typeof keyData) => void (keyData = message));

  try {
    await withDeadline(client.connect(), {
      timeoutMs: options.timeoutMs,
      signal: options.signal,
      onTimeout: () => failure('postgres.timeout', place, `the server accepted the connection but opened no session within ${options.timeoutMs} ms.`, { hint: 'It is overloaded, or waits for something itself (a name server, LDAP). Its log says more.', retryable: true }),
      onAbort: () => cancelled(place),
    });
  } catch (error) {
    socket.destroy();
    throw await explainRefusal(startupFailure(error, place), place, options);
  }
  options.report('database', place.database);
  return { client, socket, tls: line.tls, processId: keyData.processID, secretKey: keyData.secretKey };
}
