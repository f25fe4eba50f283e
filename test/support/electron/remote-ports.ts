/** Ports across the channel between two processes: ends that one of them holds are numbered on both sides. */
import { createPortEnds, type PortEnd } from './port-ends.ts';

export type PortMessage = { port: number; data: unknown; ports: number[] } | { port: number; closed: true };

export function isPortMessage(message: unknown): message is PortMessage {
  return typeof message === 'object' && message !== null && 'port' in message;
}

export interface RemotePorts {
  /** Hands an end over to the other process. @returns its number there and here */
  give(end: PortEnd): number;
  /** The end that the other process handed over. */
  take(number: number): PortEnd;
  receive(message: PortMessage): void;
  /** The other process is gone, and every end that it held with it. */
  closeAll(): void;
}

/** @param first numbers of both sides must not meet: one gives even ones, the other odd ones */
export function createRemotePorts(send: (message: PortMessage) => void, first: 0 | 1): RemotePorts {
  const known = new Map<number, PortEnd>();
  let next = first;
  const tie = (number: number, end: PortEnd): void => {
    known.set(number, end);
    end.listen((arrival) => {
      if (arrival !== 'closed') return send({ port: number, data: arrival.data, ports: arrival.ports.map(give) });
      known.delete(number);
      send({ port: number, closed: true });
    });
  };
  const give = (end: PortEnd): number => {
    next += 2;
    tie(next, end);
    return next;
  };
  return {
    give,
    take(number) {
      const [here, there] = createPortEnds();
      tie(number, there);
      return here;
    },
    receive(message) {
      const end = known.get(message.port);
      if (end === undefined) return;
      if ('closed' in message) {
        known.delete(message.port);
        end.close();
      } else {
        end.post(
          message.data,
          message.ports.map((number) => this.take(number)),
        );
      }
    },
    closeAll() {
      for (const end of known.values()) end.close();
      known.clear();
    },
  };
}
