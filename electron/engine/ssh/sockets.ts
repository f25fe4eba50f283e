/** A line to the next machine on the way: over the network, or through the machine before. */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { readRefusal } from './channel-refusal.ts';
import { hopFailure } from './place.ts';
import type { SshHop } from './types.ts';

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export interface Line {
  stream: Duplex;
  /** The address that was connected to; null through another machine, which looks the name up itself. */
  address: string | null;
}

type Resolver = (name: string) => Promise<LookupAddress[]>;

const ofThisComputer: Resolver = (name) => lookup(name, { all: true });

export interface LineOptions {
  /** Milliseconds for looking up the name, and again for each address. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
  onNamed?: (addresses: string[]) => void;
  resolver?: Resolver;
}

/** The resolver of this computer cannot be stopped, and may take minutes: whoever gives up leaves it to itself. @throws what it throws, ETIMEDOUT, the signal's reason */
function lookUp(name: string, { timeoutMs, signal, resolver = ofThisComputer }: LineOptions): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const timer = setTimeout(() => end(() => reject(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' }))), timeoutMs);
    const abort = (): void => end(() => reject(signal?.reason as Error));
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) return abort();
    resolver(name).then((found) => end(() => resolve(found)), (error: unknown) => end(() => reject(error)));
  });
}

/** @throws ssh.name-not-resolved, ssh.refused, ssh.unreachable, ssh.timeout, the signal's reason */
export async function openLine(hop: SshHop, label: string, options: LineOptions): Promise<Line> {
  let addresses: LookupAddress[];
  try {
    addresses = await lookUp(hop.host, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (codeOf(error) === 'ETIMEDOUT') throw hopFailure('ssh.name-not-resolved', label, `nobody said within ${options.timeoutMs / 1000} s to which address the name ${hop.host} leads.`, { hint: 'Check the network of this computer, and its name server.', retryable: true, cause: error });
    throw hopFailure('ssh.name-not-resolved', label, `the name ${hop.host} leads to no address (${codeOf(error) || messageOf(error)}).`, { hint: 'Check the spelling, and whether this computer is in the network that knows the name.', retryable: true, cause: error });
  }
  options.signal?.throwIfAborted();
  options.onNamed?.(addresses.map(({ address }) => address));
  let refusal: unknown = null;
  for (const { address } of addresses) {
    try {
      return { stream: await dialAddress(address, hop.port, options), address };
    } catch (error) {
      options.signal?.throwIfAborted();
      refusal ??= error;
    }
  }
  const code = codeOf(refusal);
  const where = `${addresses.map(({ address }) => address).join(', ')} port ${hop.port}`;
  if (code === 'ECONNREFUSED') throw hopFailure('ssh.refused', label, `nothing answers at ${where}: the connection was refused.`, { hint: 'Check the port, and that sshd runs there.', retryable: true, cause: refusal });
  if (code === 'ETIMEDOUT') throw hopFailure('ssh.timeout', label, `no answer from ${where} within ${options.timeoutMs / 1000} s.`, { hint: 'A firewall may drop the connection, or the machine is off. Check whether it has to be reached through another one.', retryable: true, cause: refusal });
  throw hopFailure('ssh.unreachable', label, `${where} cannot be reached (${code || messageOf(refusal)}).`, { hint: 'Check the network of this computer, and whether a VPN is needed.', retryable: true, cause: refusal });
}

function dialAddress(address: string, port: number, { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined }): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true, keepAlive: true });
    const end = (error: unknown): void => {
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(() => end(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })), timeoutMs);
    const abort = (): void => end(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', end).once('connect', () => {
      socket.removeListener('error', end);
      resolve(socket);
    });
    socket.once('close', () => cleared()).once('connect', () => cleared());
    const cleared = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  });
}

/** A channel stays half open until both sides have ended it. Whoever waits for a line to be over would wait for ever where the far end hung up. */
export function closeBothEnds(channel: Duplex): void {
  channel.once('end', () => channel.end());
}

/** @param through the machine before, by its name and by its label. @throws ssh.forwarding-refused, ssh.refused, ssh.channel-refused, ssh.connection-lost, ssh.timeout */
export function forwardLine(before: Client, hop: SshHop, label: string, { name: through, label: throughLabel }: { name: string; label: string }, options: { timeoutMs: number; signal: AbortSignal | undefined }): Promise<Line> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    let over = false;
    /** Also where it never answers: the connection to it may outlive many such attempts. */
    const finish = (): void => {
      over = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      before.removeListener('close', lost);
    };
    const end = (error: unknown): void => {
      if (over) return;
      finish();
      reject(error);
    };
    const abort = (): void => end(signal?.reason);
    const timer = setTimeout(() => end(hopFailure('ssh.timeout', label, `${through} did not say within ${timeoutMs / 1000} s whether it could connect to ${hop.host} port ${hop.port}.`, { hint: 'A firewall between the two may drop the connection. Check name and port as they are seen from there.', retryable: true })), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    const lost = (): void => end(hopFailure('ssh.connection-lost', label, `the connection to ${through} was lost.`, { hint: 'Try again.', retryable: true }));
    before.once('close', lost);
    try {
      before.forwardOut('127.0.0.1', 0, hop.host, hop.port, (error, stream) => {
        if (over) {
          stream?.destroy();
          return;
        }
        if (error === undefined) {
          finish();
          closeBothEnds(stream);
          resolve({ stream, address: null });
          return;
        }
        const { code, what, said, hint } = readRefusal(error);
        // What it does not let is its own; what it could not do is about the machine behind it.
        if (code === 'ssh.forwarding-refused') return end(hopFailure(code, throughLabel, `it ${what}, to ${hop.host} port ${hop.port}: ${said}.`, { hint, details: { to: label }, cause: error }));
        end(hopFailure(code, label, `${through} ${what}: ${said}.`, { hint, retryable: true, cause: error }));
      });
    } catch (error) {
      end(hopFailure('ssh.connection-lost', label, `the connection to ${through} was lost: ${messageOf(error)}.`, { hint: 'Try again.', retryable: true, cause: error }));
    }
  });
}
