/**
 * The SSH server of the practice system: on 127.0.0.1, for one key. Whoever holds the key may run commands as whoever
 * runs the engine, which is who may read the key; nobody else gets past signing in.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel, type Session } from 'ssh2';
import type { Logger } from '../../ports.ts';
import { runCommand, type RunningCommand } from './command.ts';
import { serveFiles } from './files.ts';
import type { HostKeys } from './keys.ts';

export interface HostServerOptions {
  keys: HostKeys;
  user: string;
  home: string;
  /** What commands find in their environment. */
  environment: () => Promise<Record<string, string>>;
  /** The port of the practice server: the only one that is connected to for others. Null: it does not run. */
  forwardPort: () => Promise<number | null>;
  logger: Logger;
}

export interface HostServer {
  port: number;
  /** Ends every connection and what runs for it. */
  close(): Promise<void>;
}

/** Milliseconds to sign in, how many may be at it at a time, and how often one may try. */
const graceToSignInMs = 20_000;
const strangersAtOnce = 32;
const attempts = 6;

/** Takes as long for values that differ early as for those that differ late. */
function isSame(one: Buffer, other: Buffer): boolean {
  const digest = (value: Buffer): Buffer => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** As ssh2 asks for it: the user, the key by its type and its bytes, and where there is a signature, that it was made by the key. */
function isAllowed(context: AuthContext, user: string, key: ParsedKey): boolean {
  if (context.method !== 'publickey') return false;
  const isUser = isSame(Buffer.from(context.username), Buffer.from(user));
  const isKey = isSame(Buffer.from(context.key.algo), Buffer.from(key.type)) && isSame(context.key.data, key.getPublicSSH());
  if (!isUser || !isKey) return false;
  // Without one it is only asked whether the key would do; ssh2 lets nobody in for that.
  if (context.signature === undefined) return true;
  // What cannot be checked comes back as an error, whatever the types say, and an error is no "yes".
  const verdict: unknown = context.blob === undefined ? false : key.verify(context.blob, context.signature, context.hashAlgo);
  return verdict === true;
}

/** Connects to the practice server for somebody who may not reach it otherwise. */
function forward(port: number, accept: () => ServerChannel, reject: () => void): void {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.removeListener('error', reject);
    const channel = accept();
    socket.on('error', () => channel.close());
    channel.on('error', () => socket.destroy());
    channel.once('close', () => socket.destroy());
    channel.pipe(socket);
    socket.pipe(channel);
  });
}

/**
 * Listens on a port.
 * @param port 0: any
 * @throws what listening throws (EADDRINUSE)
 */
export async function startHostServer(port: number, options: HostServerOptions): Promise<HostServer> {
  const { keys, user, home, logger } = options;
  const running = new Set<RunningCommand>();
  const sockets = new Set<Socket>();

  /** @param open what is to be ended with the connection */
  const serveSession = (session: Session, open: Set<() => void>): void => {
    let command: RunningCommand | null = null;
    let isClosed = false;
    let closeFiles = (): void => {};
    const end = (): void => {
      isClosed = true;
      open.delete(end);
      command?.end();
      closeFiles();
    };
    open.add(end);
    session.once('close', end);
    session.on('signal', (accept, reject, { name }) => {
      if (command?.signal(name) === true) accept?.();
      else reject?.();
    });
    session.once('exec', (accept, reject, { command: line }) => {
      void options.environment().then(
        (environment) => {
          if (isClosed) return;
          const begun = runCommand(accept(), line, { home, environment });
          command = begun;
          running.add(begun);
          void begun.ended.then(() => running.delete(begun));
        },
        (error: unknown) => {
          logger.warn({ error: String(error) }, 'The practice host could not run a command.');
          reject();
        },
      );
    });
    session.once('sftp', (accept) => {
      closeFiles = serveFiles(accept(), home);
    });
  };

  const serveClient = (client: Connection, signedIn: () => void): void => {
    let tries = 0;
    const open = new Set<() => void>();
    client.once('close', () => {
      for (const end of open) end();
    });
    // What a stranger sends is theirs to get wrong; the connection ends by it.
    client.on('error', () => {});
    client.on('authentication', (context) => {
      if (isAllowed(context, user, keys.clientKey)) {
        context.accept();
        return;
      }
      tries += 1;
      context.reject(['publickey']);
      if (tries >= attempts) client.end();
    });
    client.once('ready', () => {
      signedIn();
      client.on('session', (accept) => serveSession(accept(), open));
      client.on('tcpip', (accept, reject, { destIP, destPort }) => {
        void options.forwardPort().then((allowed) => {
          if (destPort === allowed && ['127.0.0.1', 'localhost'].includes(destIP)) forward(destPort, accept, reject);
          else reject();
        }, reject);
      });
    });
  };

  /** Who is not signed in yet, by where they come from: all of 127.0.0.0/8 is this computer. */
  const strangers = new Map<string, () => void>();
  const ssh = new ssh2.Server({ hostKeys: [keys.hostKeyText], ident: 'pilothouse-practice' }, (client, { ip, port: from }) => serveClient(client, () => strangers.get(`${ip} ${from}`)?.()));
  // Errors of its own socket, which it does not have: connections are handed to it.
  ssh.on('error', (error: unknown) => logger.warn({ error: String(error) }, 'The practice host met an error.'));

  const listener: Server = createServer({ noDelay: true }, (socket) => {
    const from = `${socket.remoteAddress} ${socket.remotePort}`;
    if (strangers.size >= strangersAtOnce) {
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), graceToSignInMs);
    const signedIn = (): void => {
      clearTimeout(timer);
      if (strangers.get(from) === signedIn) strangers.delete(from);
    };
    strangers.set(from, signedIn);
    sockets.add(socket);
    socket.once('close', () => {
      signedIn();
      sockets.delete(socket);
    });
    ssh.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, '127.0.0.1', () => {
      listener.removeListener('error', reject);
      listener.on('error', (error) => logger.warn({ error: String(error) }, 'The practice host met an error.'));
      resolve();
    });
  });
  // It is there for the engine, and keeps no engine from ending.
  listener.unref();
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = new Promise((resolve) => listener.close(resolve));
      for (const socket of sockets) socket.destroy();
      for (const command of running) command.end();
      await Promise.all([closed, ...[...running].map(({ ended }) => ended)]);
    },
  };
}
