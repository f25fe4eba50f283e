/** The two ends of a message channel, whoever holds them: the main process, a preload script, or a utility process. */

export interface Delivery {
  data: unknown;
  ports: PortEnd[];
}

type Arrival = Delivery | 'closed';

/** One end. What arrives waits until somebody listens; that the other end is gone arrives last. */
export class PortEnd {
  peer: PortEnd | null = null;
  closed = false;
  private arrived: Arrival[] = [];
  private listener: ((arrival: Arrival) => void) | null = null;

  /** @throws DataCloneError for what cannot be copied */
  post(data: unknown, ports: readonly PortEnd[]): void {
    const delivery: Delivery = { data: structuredClone(data), ports: [...ports] };
    if (!this.closed) this.peer?.arrive(delivery);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.listener = null;
    this.arrived = [];
    this.peer?.arrive('closed');
  }

  /** From now on whoever holds this end gets everything, in order, each in a turn of its own. Null: the end changes hands. */
  listen(listener: ((arrival: Arrival) => void) | null): void {
    this.listener = listener;
    this.flush();
  }

  private arrive(arrival: Arrival): void {
    if (this.closed) return;
    this.arrived.push(arrival);
    this.flush();
  }

  private flush(): void {
    if (this.listener === null || this.arrived.length === 0) return;
    setImmediate(() => {
      const listener = this.listener;
      const next = listener === null ? undefined : this.arrived.shift();
      if (next === undefined || listener === null) return;
      if (next === 'closed') this.closed = true;
      listener(next);
      this.flush();
    });
  }
}

export function createPortEnds(): [PortEnd, PortEnd] {
  const ends: [PortEnd, PortEnd] = [new PortEnd(), new PortEnd()];
  [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
  return ends;
}
