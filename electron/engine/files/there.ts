/** The host that files are of: who it is, and programs of it, as the account that may read them. */
import type { Readable } from 'node:stream';
import type { FilesAccess } from '#shared/contract/files.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { ChildResult } from '../children/types.ts';
import type { EngineContext } from '../engine-context.ts';
import { fingerprintOf } from '../ssh/host-key.ts';
import { quoteCommand } from '../ssh/quote.ts';
import { runProgram } from '../ssh/program.ts';
import { createHostRepository } from '../store/host-repository.ts';

/** What a program there is given. */
export interface ThereRun {
  argv: readonly [string, ...string[]];
  stdin?: Readable;
  onStdoutChunk?: (chunk: Buffer) => void | Promise<void>;
  onStderrLine?: (line: string) => void;
  keepBytes?: number;
  signal: AbortSignal;
}

export interface There {
  /** "db-1", "db-1 as root". */
  label: string;
  /** "ssh-ed25519 SHA256:…": who it is. */
  hostKey: string;
  /** Runs it to its end; the caller judges. @throws as `runProgram` */
  run(run: ThereRun): Promise<ChildResult>;
}

/** What is needed of the rest of the engine to work on a host. */
export interface FilesReach {
  context: EngineContext;
  /** For sudo; null where it has to do without. */
  sudoPassword(hostId: string): Promise<Secret | null>;
}

export const accessLabel = (host: string, access: FilesAccess): string => (access.kind === 'plain' ? host : `${host} as ${access.user}`);

/** A command as a person would type it there. */
export const lineThere = (access: FilesAccess, argv: readonly [string, ...string[]]): string => quoteCommand(access.kind === 'plain' ? argv : ['sudo', '-u', access.user, ...argv]);

/**
 * Lends a host to some work.
 * @throws store.not-found, ssh.*, vault.* (a password for sudo), and what the work throws
 */
export async function onHost<T>({ context, sudoPassword }: FilesReach, { hostId, access }: { hostId: string; access: FilesAccess }, signal: AbortSignal, work: (there: There) => Promise<T>): Promise<T> {
  const { random } = context.ports;
  const { label } = createHostRepository(context.store).get(hostId);
  const pin = access.kind === 'plain' ? null : context.pin(hostId);
  const as = access.kind === 'plain' ? null : { user: access.user, password: await sudoPassword(hostId), random };
  return context.hosts.use(
    hostId,
    async (connection) => {
      pin?.();
      const key = connection.hops.at(-1)?.hostKey;
      return work({
        label: accessLabel(label, access),
        hostKey: key === undefined ? '' : `${key.type} ${fingerprintOf(key)}`,
        run: ({ argv, stdin, ...rest }) => runProgram(connection, { argv, mark: `pilothouse-${random.bytes(12).toString('hex')}`, through: [], ...(as === null ? {} : { as }), folder: null, files: [], stdin: stdin ?? null, ...rest }),
      });
    },
    signal,
  );
}
