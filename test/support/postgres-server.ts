import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Client } from 'pg';
import { makeCertificates } from './certificates.ts';
import type { TestCertificates } from './certificates.ts';
import { freePort } from './free-port.ts';
import { copyAsStandby } from './postgres-base-copy.ts';
import { makeDataFolder } from './postgres-data-folder.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import type { PostgresBinaries, PostgresMajor } from './postgres-binaries.ts';
import { isRunning } from './processes.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { unprivilegedUser } from './unprivileged-user.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';
import { waitFor } from './wait-for.ts';

export interface PostgresServerOptions {
  major: PostgresMajor;
  /** Lines of postgresql.conf by name, after the harness's own; values as they stand there, quotes included. */
  settings?: Record<string, string | number | boolean>;
  /** The whole of pg_hba.conf; by default every role and database by scram password over 127.0.0.1. */
  hba?: readonly string[];
  /** Turns TLS on, with a certificate for these names (127.0.0.1 and localhost by default). */
  tls?: boolean | { names: readonly string[] };
  /**
   * Servers of one major share a `system_identifier`, because their data folders are copies of one template. With
   * this one is made anew (about a second more), where a test tells clusters apart.
   */
  ownIdentity?: boolean;
  /** Makes it a hot standby of this server, which it streams from; same major. */
  standbyOf?: PostgresServer;
}

export interface QueryOptions {
  database?: string;
  user?: string;
  password?: string;
}

export interface PostgresServer {
  host: '127.0.0.1';
  port: number;
  /** The superuser. */
  user: 'postgres';
  password: string;
  major: PostgresMajor;
  /** The postmaster. */
  pid: number;
  dataFolder: string;
  /** Null without `tls`. */
  certificates: TestCertificates | null;
  /** One statement in a session of its own, as the superuser in the database `postgres` unless said otherwise. */
  query<Row extends Record<string, unknown> = Record<string, unknown>>(sql: string, parameters?: readonly unknown[], options?: QueryOptions): Promise<Row[]>;
  /** What the server has logged so far. */
  readLog(): Promise<string>;
  /** Ends every session at once and removes the data. Safe to call twice. */
  stop(): Promise<void>;
  /** Kills the postmaster with SIGKILL, as a crash would; the data stay until `stop`. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Fast rather than durable: what these servers hold may be lost at any time. */
const baseSettings = {
  listen_addresses: `'127.0.0.1'`,
  unix_socket_directories: `''`,
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: 40,
  shared_buffers: '32MB',
  logging_collector: 'off',
  log_timezone: `'UTC'`,
  timezone: `'UTC'`,
};

/**
 * Runs the server and waits at a lifeline, descriptor 3: when the test process closes it or dies, however it dies,
 * the server is told to quit at once and its folder is removed. It is told again and again, because a signal that
 * comes before the server has set its handlers is lost, and is killed after four seconds. The keeper itself must
 * outlive its broken output, hence the trap; the server is started before it, because traps are inherited. Where the
 * folder is taken away under it, nobody is told any more: a number that was a server's may be anybody's by then.
 */
const keeper = `
folder=$1; shift
"$@" 3<&- >>"$folder/log" 2>&1 &
server=$!
trap '' PIPE
echo "server $server"
(
  while read -r _; do :; done <&3
  tries=0
  while [ -d "$folder" ] && [ ! -e "$folder/ended" ]; do
    if [ "$tries" -lt 80 ]; then kill -QUIT "$server"; else kill -KILL "$server"; fi
    tries=$((tries + 1))
    sleep 0.05
  done
) >/dev/null 2>&1 &
lifeline=$!
wait "$server"
status=$?
{ : >"$folder/ended"; } 2>/dev/null || kill -KILL "$lifeline"
echo "ended $status"
wait "$lifeline"
rm -rf "$folder"
`;

/**
 * Starts a private server on 127.0.0.1 with a port of its own, in under a second once the template of its major has
 * been made. It ends with the test process, whatever becomes of that.
 *
 * @throws Error with the server's log where it does not come up within 30 seconds.
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const account = unprivilegedUser();
  const binaries = findPostgresBinaries(options.major, account);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options, binaries, account);
    } catch (error) {
      // Between choosing a free port and binding it, another process may have taken it.
      if (attempt < 5 && error instanceof Error && error.message.includes('could not create any TCP/IP sockets')) continue;
      throw error;
    }
  }
}

async function startOnce(options: PostgresServerOptions, binaries: PostgresBinaries, account: UnprivilegedUser | null): Promise<PostgresServer> {
  const folder = await makeTemporaryFolder(`postgres-${options.major}`, account);
  const dataFolder = join(folder, 'data');
  const running: { keeper: ChildProcess | null } = { keeper: null };
  try {
    const primary = options.standbyOf;
    if (primary) await copyAsStandby(primary, dataFolder, account);
    const password = primary ? primary.password : makeDataFolder({ binaries, account, folder: dataFolder, ownIdentity: options.ownIdentity ?? false });
    const port = await freePort();
    const certificates = options.tls ? prepareTls(join(folder, 'tls'), options.tls, account) : null;
    await writeConfiguration(dataFolder, port, certificates, options);

    const child = spawn('/bin/sh', ['-c', keeper, 'postgres-keeper', folder, join(binaries.bin, 'postgres'), '-D', dataFolder], {
      cwd: folder,
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      detached: true,
      ...(account ? { uid: account.uid, gid: account.gid } : {}),
    });
    running.keeper = child;
    const { pid, ended } = await followKeeper(child);
    const server = describeServer({ child, pid, ended, folder, dataFolder, port, password, major: options.major, certificates });
    await waitFor(
      `Postgres ${options.major} to accept connections`,
      async () => {
        if (!isRunning(pid)) return 'ended';
        await server.query('select 1');
        return 'ready';
      },
      { within: 30_000 },
    );
    if (!isRunning(pid)) throw new Error(`Postgres ${options.major} ended while it was starting.`);
    detach(child);
    return server;
  } catch (error) {
    const log = await readFile(join(folder, 'log'), 'utf8').catch(() => '(no log)');
    // The keeper ends the server first: a folder taken away under it would leave a server that nobody ends.
    if (running.keeper) await endKeeper(running.keeper);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${log}`, { cause: error });
  }
}

function prepareTls(folder: string, tls: true | { names: readonly string[] }, account: UnprivilegedUser | null): TestCertificates {
  const certificates = makeCertificates(folder, tls === true ? ['127.0.0.1', 'localhost'] : tls.names);
  if (account) {
    for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))]) chownSync(path, account.uid, account.gid);
  }
  return certificates;
}

async function writeConfiguration(dataFolder: string, port: number, certificates: TestCertificates | null, options: PostgresServerOptions): Promise<void> {
  const tls = certificates ? { ssl: 'on', ssl_cert_file: `'${certificates.certificateFile}'`, ssl_key_file: `'${certificates.keyFile}'` } : {};
  const primary = options.standbyOf;
  const streaming = primary ? { primary_conninfo: `'host=${primary.host} port=${primary.port} user=${primary.user} password=${primary.password} application_name=standby'` } : {};
  const settings = { ...baseSettings, port, ...tls, ...streaming, ...options.settings };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value === true ? 'on' : value === false ? 'off' : value}`);
  await writeFile(join(dataFolder, 'postgresql.conf'), `${lines.join('\n')}\n`);
  const hba = options.hba ?? ['host all all 127.0.0.1/32 scram-sha-256', 'host replication all 127.0.0.1/32 scram-sha-256'];
  await writeFile(join(dataFolder, 'pg_hba.conf'), `${hba.join('\n')}\n`);
}

/** The keeper's first line names the server; its second says that the server ended. */
function followKeeper(child: ChildProcess): Promise<{ pid: number; ended: Promise<void> }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    if (!child.stdout) throw new Error('The keeper of the server has no output.');
    let serverEnded = () => {};
    const ended = new Promise<void>((resolveEnded) => {
      serverEnded = resolveEnded;
    });
    createInterface({ input: child.stdout })
      .on('line', (line) => {
        const [word, value] = line.split(' ');
        if (word === 'server') resolve({ pid: Number(value), ended });
        if (word === 'ended') serverEnded();
      })
      .on('close', () => {
        serverEnded();
        reject(new Error('The keeper of the server ended before it started one.'));
      });
  });
}

/** A server that somebody forgets to stop must not keep the test process alive: the lifeline ends it. */
function detach(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) if (stream instanceof Socket) stream.unref();
}

function letGo(child: ChildProcess): void {
  child.stdio[3]?.destroy();
}

async function endKeeper(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.ref();
  letGo(child);
  if (child.exitCode === null && child.signalCode === null) await gone;
}

interface Parts {
  child: ChildProcess;
  pid: number;
  ended: Promise<void>;
  folder: string;
  dataFolder: string;
  port: number;
  password: string;
  major: PostgresMajor;
  certificates: TestCertificates | null;
}

function describeServer({ child, pid, ended, folder, dataFolder, port, password, major, certificates }: Parts): PostgresServer {
  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password,
    major,
    pid,
    dataFolder,
    certificates,
    async query<Row extends Record<string, unknown>>(sql: string, parameters: readonly unknown[] = [], options: QueryOptions = {}) {
      const client = new Client({
        host: '127.0.0.1',
        port,
        user: options.user ?? 'postgres',
        password: options.password ?? password,
        database: options.database ?? 'postgres',
        ssl: certificates ? { rejectUnauthorized: false } : false,
      });
      // A session that the server ends on purpose reports it twice: once by the failed query, once here.
      client.on('error', () => {});
      try {
        await client.connect();
        const result = await client.query<Row>(sql, [...parameters]);
        return result.rows;
      } finally {
        await client.end();
      }
    },
    readLog: () => readFile(join(folder, 'log'), 'utf8'),
    stop: () => endKeeper(child),
    async kill() {
      process.kill(pid, 'SIGKILL');
      await waitFor('the killed server to be gone', () => !isRunning(pid));
      await ended;
    },
  };
}
