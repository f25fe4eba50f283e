/** What is reached through hosts, over the connections that everybody shares: lines to what is behind them, and programs of theirs. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { hasCode } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Random } from '../ports.ts';
import type { ChildResult } from '../children/types.ts';
import type { SshPool } from './pool.ts';
import { runProgram, type ProgramRun } from './program.ts';
import { openTunnel, type TunnelTarget } from './tunnel.ts';

export interface HostLines {
  /**
   * Opens a line through a host. It lasts until it is closed, or the connection to the host is lost.
   * @throws what connecting to the host throws; ssh.forwarding-refused, ssh.refused, ssh.channel-refused,
   * ssh.connection-lost with the target in their details; the signal's reason
   */
  open(hostId: string, target: TunnelTarget, signal?: AbortSignal): Promise<Duplex>;
  /**
   * Runs a program of a host to its end.
   * @param program.sudoAs another account, by sudo, with the password that is known for it at this host
   * @param program.pin where it is given secrets; asked once there is a connection, what it throws is thrown
   * @throws what connecting to the host throws, and as `runProgram`; vault.*, ssh.password-needed where sudo has one that
   * is not to be had
   */
  run(hostId: string, program: Omit<ProgramRun, 'mark' | 'as'> & { sudoAs?: string; pin?: () => void }): Promise<ChildResult>;
  /** As `Reach.pin`. */
  pin(hostId: string): () => void;
}

export interface HostLinesOptions {
  random: Pick<Random, 'bytes'>;
  /** Null: sudo is known to want none, or nobody has said it. */
  sudoPassword: (hostId: string) => Promise<Secret | null>;
  pin: HostLines['pin'];
}

export function createHostLines(pool: SshPool, { random, sudoPassword, pin: pinNow }: HostLinesOptions): HostLines {
  const open: HostLines['open'] = (hostId, target, signal) =>
    new Promise((resolve, reject) => {
      const work = pool.use(
        hostId,
        async (connection) => {
          const channel = await openTunnel(connection, target, signal);
          const closed = once(channel, 'close');
          // A line can fail between two of its users; whoever reads from it next sees that it is closed.
          channel.on('error', () => {});
          resolve(channel);
          await closed.catch(() => undefined);
        },
        signal,
        'tunnel',
      );
      work.catch(reject);
    });
  return {
    pin: pinNow,
    async run(hostId, { sudoAs, pin, ...program }) {
      // What cannot be read is told by whoever reads it; until then nobody may be there yet.
      program.stdin?.on('error', () => {});
      try {
        const ofSudo = sudoAs === undefined ? undefined : pinNow(hostId);
        const as = sudoAs === undefined ? {} : { as: { user: sudoAs, password: await sudoPassword(hostId), random } };
        return await pool.use(
          hostId,
          async (connection) => {
            pin?.();
            ofSudo?.();
            return runProgram(connection, { ...program, ...as, mark: `pilothouse-${random.bytes(12).toString('hex')}` });
          },
          program.signal,
        );
      } finally {
        program.stdin?.destroy();
      }
    },
    async open(hostId, target, signal) {
      try {
        return await open(hostId, target, signal);
      } catch (error) {
        // That a connection is dead may show only when it is used. Nothing was begun over the line, so another is opened.
        if (!hasCode(error, 'ssh.connection-lost') || signal?.aborted === true) throw error;
        return open(hostId, target, signal);
      }
    },
  };
}
