/** The server of the practice system: made, started, found and stopped. */
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { CommandRecord } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { runChild } from '../children/run-child.ts';
import type { ChildResult } from '../children/types.ts';
import { consoleRole, writeConfiguration } from './configuration.ts';
import { removeInside } from './folder.ts';
import type { ClusterPlace, PracticePlace } from './place.ts';
import { endProcess, startOf, worksIn, type ProcessIdentity } from '../platform/process-identity.ts';

type Tell = (record: CommandRecord) => void;

const shellQuote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Runs one of the server's programs as the server's account, and tells history of it. */
async function runProgram(place: PracticePlace, version: string, name: 'initdb' | 'pg_ctl', args: string[], options: { signal?: AbortSignal; tell: Tell }): Promise<ChildResult> {
  const command = join(place.programs(version), 'bin', name);
  const result = await runChild({
    command,
    args,
    // A folder that the other account can be in; the engine's own may be closed to it.
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(place.account === null ? {} : { user: { uid: place.account.uid, gid: place.account.gid } }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const output = `${result.stdout}${result.stderr}`.trim();
  options.tell({ text: [command, ...args].join(' '), target: 'this computer', exitStatus: result.exitStatus, signal: result.signal, durationMs: Math.round(result.durationMs), output: output.slice(-4000) });
  return result;
}

function startFailed(what: string, output: string, cause?: unknown): PilothouseError {
  return new PilothouseError('practice.start-failed', `${what}${output === '' ? '' : ` It said: ${output}`}`, {
    hint: 'Read what it said, then start the practice system again, or reset it: a reset builds it anew.',
    retryable: true,
    cause,
  });
}

/** Makes a folder of the server's own, for its account alone. */
function makeOwnFolder(place: PracticePlace, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (place.account !== null) chownSync(folder, place.account.uid, place.account.gid);
}

/**
 * Makes an empty cluster, with checksums, in UTF-8 and the C locale (which every computer has).
 * @throws practice.start-failed with what initdb said
 */
export async function initialise(place: PracticePlace, version: string, password: Secret, options: { signal: AbortSignal; tell: Tell }): Promise<void> {
  mkdirSync(place.cluster.folder, { mode: 0o711 });
  chmodSync(place.cluster.folder, place.account === null ? 0o700 : 0o711);
  makeOwnFolder(place, place.cluster.data);
  // initdb reads it as the server's account; it is gone again before anything listens.
  const passwordFile = join(place.cluster.folder, 'first-password');
  writeFileSync(passwordFile, `${password.reveal()}\n`, { mode: 0o600, flag: 'wx' });
  try {
    if (place.account !== null) chownSync(passwordFile, place.account.uid, place.account.gid);
    const args = ['-D', place.cluster.data, '-U', consoleRole, '--encoding=UTF8', '--locale=C', '--data-checksums', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const result = await runProgram(place, version, 'initdb', args, options);
    if (result.aborted) throw new PilothouseError('operation.cancelled', 'Making the practice cluster was cancelled.');
    if (result.exitStatus !== 0) throw startFailed('initdb could not make the practice cluster.', result.stderr.trim());
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

export interface RunningServer extends ProcessIdentity {
  port: number;
}

/**
 * The server that runs from this cluster, or null. Another process that took its id is not taken for it.
 * @throws practice.start-failed where a process has that id and may not be looked at: it might be the server, so
 * nothing may be started beside it or removed under it
 */
export async function findServer(cluster: ClusterPlace): Promise<RunningServer | null> {
  let lines: string[];
  try {
    lines = readFileSync(join(cluster.data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    // No such file: no server has started here, or it was stopped in good order.
    return null;
  }
  // Lines of postmaster.pid: process, data folder, start, port, … (src/include/utils/pidfile.h).
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  const startedAt = await startOf(pid);
  if (startedAt === null) return null;
  const isOurs = await worksIn(pid, cluster.data);
  if (isOurs === null) {
    throw new PilothouseError('practice.start-failed', `Process ${pid} may be the practice server in ${cluster.data}, and this account may not look at it. Nothing was touched.`, {
      hint: `Run Pilothouse as the account that started it, or end that process and remove ${join(cluster.data, 'postmaster.pid')}.`,
    });
  }
  if (!isOurs) return null;
  return { pid, startedAt, port: Number(lines[3]) };
}

/** `pg_control` begins with the cluster's identifier, as 8 bytes in the computer's own order. Null where there is none. */
export function readIdentifier(cluster: ClusterPlace): string | null {
  const path = join(cluster.data, 'global', 'pg_control');
  if (!existsSync(path)) return null;
  return readFileSync(path).readBigUInt64LE(0).toString();
}

/** A port of 127.0.0.1 that is free now: the wanted one, else any. */
export function freePort(wanted: number | null): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (wanted === null) reject(error);
      else freePort(null).then(resolve, reject);
    });
    probe.listen(wanted ?? 0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error('The system named no port.'));
      });
    });
  });
}

/** What the server wrote before it could write to its log. */
async function earlyLog(place: PracticePlace): Promise<string> {
  try {
    return (await readFile(join(place.serverLogs, 'start.log'), 'utf8')).trim().slice(-2000);
  } catch {
    return '';
  }
}

const portAttempts = 5;

/**
 * Starts the server as a daemon of its own, in a session of its own: it goes on when the engine ends. Waits until it
 * accepts connections.
 * @param wantedPort the port it had before; another one where that is taken
 * @throws practice.start-failed with what the server said
 */
export async function startServer(place: PracticePlace, version: string, wantedPort: number | null, tell: Tell): Promise<RunningServer> {
  makeOwnFolder(place, place.serverLogs);
  const staleRecord = join(place.cluster.data, 'postmaster.pid');
  // Left by a power cut. A process that has its number by now would keep Postgres from starting.
  if (existsSync(staleRecord)) rmSync(staleRecord);
  for (let attempt = 1, wanted = wantedPort; ; attempt += 1, wanted = null) {
    const port = await freePort(wanted);
    writeConfiguration(place, port, { pendingRestart: false });
    const startLog = join(place.serverLogs, 'start.log');
    rmSync(startLog, { force: true });
    // Not to be aborted: a pg_ctl that is ended halfway leaves a server that nobody has seen yet.
    const result = await runProgram(place, version, 'pg_ctl', ['start', '-w', '-t', '25', '-D', place.cluster.data, '-l', startLog, '-o', `-c config_file=${shellQuote(place.configuration)}`], { tell });
    const server = await findServer(place.cluster);
    if (result.exitStatus === 0 && server !== null) return server;
    if (server !== null) await stopServer(place.cluster);
    const said = await earlyLog(place);
    // Between finding a free port and binding it, somebody else may have taken it.
    if (said.includes('could not create any TCP/IP sockets') && attempt < portAttempts) continue;
    throw startFailed('The practice server did not start.', said || result.stderr.trim());
  }
}

/**
 * Stops the server that runs from this cluster: in good order, else at once, else by force.
 * @returns how, or null where none ran
 * @throws practice.start-failed where it will not end
 */
export async function stopServer(cluster: ClusterPlace): Promise<'fast' | 'immediate' | 'killed' | null> {
  const server = await findServer(cluster);
  if (server === null) return null;
  // As pg_ctl's modes: SIGINT is fast, SIGQUIT immediate. pg_ctl itself would signal whoever has the number now.
  const ended = await endProcess(server, [
    { signal: 'SIGINT', waitMs: 4000 },
    { signal: 'SIGQUIT', waitMs: 2000 },
    { signal: 'SIGKILL', waitMs: 2000 },
  ]);
  if (ended === null) throw new PilothouseError('practice.start-failed', `The practice server (process ${server.pid}) does not end.`, { hint: 'Look at that process; a disk that does not answer keeps processes alive.', retryable: true });
  return ended === 'SIGINT' ? 'fast' : ended === 'SIGQUIT' ? 'immediate' : 'killed';
}

/** Puts in place what only a restart would bring in, and has the running server read it: it then waits for ever. */
export function raisePendingSetting(place: PracticePlace, server: RunningServer): void {
  writeConfiguration(place, server.port, { pendingRestart: true });
  process.kill(server.pid, 'SIGHUP');
}

/** Removes a cluster whose server is stopped. */
export function removeCluster(place: PracticePlace, cluster: ClusterPlace): void {
  if (lstatSync(cluster.folder, { throwIfNoEntry: false }) !== undefined) removeInside(place, cluster.folder);
}
