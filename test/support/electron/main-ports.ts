/** MessagePortMain and MessageChannelMain, in the main process and in a utility process. */
import { asReal, Emitter, type Events } from './faithful.ts';
import { createPortEnds, type PortEnd } from './port-ends.ts';

interface PortEvents {
  message: [event: Electron.MessageEvent];
  close: [];
}
const portEvents: Events<Electron.MessagePortMain['on'], PortEvents> = { message: true, close: true };

type Modelled = Pick<Electron.MessagePortMain, 'postMessage' | 'start' | 'close'>;

export class MessagePortMainDouble extends Emitter<PortEvents> implements Modelled {
  end: PortEnd | null;

  constructor(end: PortEnd) {
    super('MessagePortMain', portEvents);
    this.end = end;
  }

  postMessage(message: unknown, transfer: Electron.MessagePortMain[] = []): void {
    this.end?.post(message, takeEnds(transfer));
  }

  start(): void {
    this.end?.listen((arrival) => {
      if (arrival === 'closed') this.tell('close');
      else this.tell('message', { data: arrival.data, ports: arrival.ports.map(portOf) });
    });
  }

  /** The other end hears of it; this one, as documented, does not. */
  close(): void {
    this.end?.close();
  }

  /** Takes the end away, to be held by somebody else. */
  take(): PortEnd {
    const { end } = this;
    if (end === null || end.closed) throw new Error('Port at index 0 is already neutered or closed.');
    end.listen(null);
    this.end = null;
    return end;
  }
}

export function portOf(end: PortEnd): Electron.MessagePortMain {
  return asReal(new MessagePortMainDouble(end));
}

/** @throws TypeError for anything but ports of the main process */
export function takeEnds(ports: readonly Electron.MessagePortMain[]): PortEnd[] {
  return ports.map((port: object) => {
    if (!(port instanceof MessagePortMainDouble)) throw new TypeError('Port at index 0 is not a valid port');
    return port.take();
  });
}

export class MessageChannelMainDouble implements Electron.MessageChannelMain {
  port1: Electron.MessagePortMain;
  port2: Electron.MessagePortMain;

  constructor() {
    const [one, two] = createPortEnds();
    this.port1 = portOf(one);
    this.port2 = portOf(two);
  }
}
