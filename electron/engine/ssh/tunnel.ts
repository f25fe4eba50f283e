/** A database on the other side of a host, reached through its connection. */
import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { SshConnection } from './chain.ts';
import { readRefusal } from './channel-refusal.ts';
import { connectionLost } from './fault.ts';
import { closeBothEnds } from './sockets.ts';

/** Where it is, as the host sees it. */
export type TunnelTarget = { kind: 'tcp'; host: string; port: number } | { kind: 'socket'; path: string };

export const tunnelWords = (target: TunnelTarget): string => (target.kind === 'tcp' ? `${target.host} port ${target.port}` : target.path);

/** @throws ssh.forwarding-refused, ssh.refused, ssh.channel-refused, ssh.connection-lost; the signal's reason: a host may wait for minutes for what does not answer it */
export function openTunnel(connection: SshConnection, target: TunnelTarget, signal?: AbortSignal): Promise<Duplex> {
  const { client, label } = connection;
  const lost = (cause: unknown): PilothouseError => connectionLost(connection, `a line to ${tunnelWords(target)} was opened`, { hint: 'Try again.', cause });
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason as Error);
    if (signal?.aborted === true) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    const done = (error: Error | undefined, channel: ClientChannel): void => {
      signal?.removeEventListener('abort', abort);
      if (error === undefined) {
        if (signal?.aborted === true) return void channel.destroy();
        closeBothEnds(channel);
        resolve(channel);
        return;
      }
      const { code, what, said, hint } = readRefusal(error);
      if (code === 'ssh.connection-lost') return reject(lost(error));
      // OpenSSH gives the same answer where it may not forward to sockets.
      const more = target.kind === 'socket' && code === 'ssh.refused' ? ' It may also be that its sshd_config says AllowStreamLocalForwarding no, or that this account may not use the socket.' : '';
      reject(new PilothouseError(code, `${label} ${what} (${tunnelWords(target)}): ${said}.`, { hint: `${hint}${more}`, retryable: code !== 'ssh.forwarding-refused', details: { host: label, target: tunnelWords(target) }, cause: error }));
    };
    try {
      if (target.kind === 'tcp') client.forwardOut('127.0.0.1', 0, target.host, target.port, done);
      else client.openssh_forwardOutStreamLocal(target.path, done);
    } catch (error) {
      reject(lost(error));
    }
  });
}
