/** The way to a host: each machine is signed in to through the one before, and each shows its own key. */
import type { Client } from 'ssh2';
import { isPilothouseError } from '#shared/domain/errors.ts';
import { signInOver, defaultKeepAlive, defaultStepTimeoutMs, type SignedIn } from './dial.ts';
import { connectionLost, faultOf, watchWay } from './fault.ts';
import type { Handshakes } from './handshakes.ts';
import { labelOf } from './place.ts';
import { forwardLine, openLine } from './sockets.ts';
import type { SshDialOptions, SshHop, SshLayer } from './types.ts';

/** One machine on the way, as it turned out. */
export interface HopReport extends Pick<SignedIn, 'label' | 'hostKey' | 'report' | 'banner' | 'exchangeMs' | 'signInMs'> {
  /** The address that was connected to; null where the machine before looked it up. */
  address: string | null;
  lineMs: number;
}

export interface SshConnection {
  /** The machine at the end of the way. */
  client: Client;
  label: string;
  /** In the order of connecting; the last one is the host itself. */
  hops: HopReport[];
  /** Resolves when the connection is over, whoever ended it. */
  closed: Promise<void>;
  readonly isOpen: boolean;
  /** Ends every connection of the way. Safe to call twice. */
  close(): void;
}

export interface ChainOptions extends SshDialOptions {
  /** Gives each machine of the way its turn, and tries it again where it was busy: then its layers are told again too. Left out: each is tried once, at once. */
  handshakes?: Handshakes | undefined;
  /** A connection to one of the machines before, and how many of the way it passes: the way goes on from there, and leaves it open in the end. */
  over?: { connection: SshConnection; machines: number };
  /** Told of each machine as soon as it is signed in to. */
  onHop?: (hop: HopReport, index: number) => void;
  /** Told of each layer that was passed, with what was seen there. The name of a later machine is passed when the one before has connected to it. */
  onPassed?: (index: number, layer: SshLayer, detail: string) => void;
}

/** In the order in which they are passed. */
const layers: readonly SshLayer[] = ['name', 'network', 'host-key', 'sign-in'];

/**
 * Connects through every machine of the way.
 * @param way in the order of connecting; the last one is where one wants to be
 * @throws ssh.* naming the machine it is about, with the layer of it that failed in their details; what was connected
 * before is closed. The signal's reason
 */
export async function connectChain(way: readonly [SshHop, ...SshHop[]], options: ChainOptions = {}): Promise<SshConnection> {
  const { signal, onHop, onPassed = () => {}, handshakes, over } = options;
  const timeoutMs = options.stepTimeoutMs ?? defaultStepTimeoutMs;
  const clients: Client[] = [];
  const hops: HopReport[] = [...(over?.connection.hops ?? [])];
  const { everyMs, missed } = options.keepAlive ?? defaultKeepAlive;
  // Where one falls silent, so do all behind it: each is waited for a little longer than the one before, which is named then.
  const keepAliveOf = (index: number) => ({ everyMs, missed: missed + index });
  const watch = watchWay(over?.connection.client);
  const closeAll = (): void => {
    // The inner ones first, as long as their lines carry what they have to say.
    for (const client of clients.toReversed()) client.end();
  };
  try {
    for (const [index, hop] of way.entries()) {
      if (index < (over?.machines ?? 0)) continue;
      signal?.throwIfAborted();
      const label = labelOf(hop, way.slice(0, index));
      const before = clients.at(-1) ?? over?.connection.client;
      const through = way[index - 1]?.name ?? way[index - 1]?.host ?? '';
      // Whether a name leads anywhere from the machine before is not told apart from whether that could connect.
      const first: SshLayer = before === undefined ? 'name' : 'network';
      let layer: SshLayer = first;
      const passed = (which: SshLayer, detail: string): void => {
        layer = layers[layers.indexOf(which) + 1] ?? which;
        onPassed(index, which, detail);
      };
      const connect = async (): Promise<HopReport & { client: Client }> => {
        const startedAt = performance.now();
        layer = first;
        const line = before === undefined ? await openLine(hop, label, { timeoutMs, signal, onNamed: (addresses) => passed('name', addresses.join(', ')) }) : await forwardLine(before, hop, label, { name: through, label: hops[index - 1]?.label ?? '' }, { timeoutMs, signal });
        const lineMs = performance.now() - startedAt;
        if (before !== undefined) passed('name', `looked up by ${through}`);
        passed('network', line.address === null ? `port ${hop.port}, connected to by ${through}` : `${line.address} port ${hop.port}`);
        return { ...(await signInOver(line, hop, label, { ...options, keepAlive: keepAliveOf(index) }, passed)), address: line.address, lineMs };
      };
      const attempt = async (): Promise<HopReport & { client: Client }> => {
        try {
          return await connect();
        } catch (error) {
          if (isPilothouseError(error) && error.details['hop'] === label) Object.assign(error.details, { layer });
          const fault = before === undefined ? null : faultOf(before);
          if (fault === null || before === undefined || signal?.aborted === true) throw error;
          // It is not this machine that went away, but one before it.
          throw connectionLost({ client: before, label }, 'it was connected to', { hint: 'Try again. Where it happens again, look into the log of its sshd.', cause: error });
        }
      };
      const { client, ...report } = await (handshakes === undefined ? attempt() : handshakes.run(way.slice(0, index + 1).map(({ host, port }) => `${host}:${port}`).join(' '), attempt, signal));
      clients.push(client);
      watch({ client, label, silentMs: everyMs * keepAliveOf(index).missed });
      hops.push(report);
      onHop?.(report, index);
    }
  } catch (error) {
    closeAll();
    throw error;
  }
  const last = clients.at(-1) as Client;
  let open = true;
  const closed = new Promise<void>((resolve) => {
    last.once('close', () => {
      open = false;
      closeAll();
      resolve();
    });
  });
  return {
    client: last,
    label: hops.at(-1)?.label ?? '',
    hops,
    closed,
    get isOpen() {
      return open;
    },
    close: closeAll,
  };
}
