/** Loaded first in a utility process: `process.parentPort`, and an end as sudden as that of the main process. */
import { registerHooks } from 'node:module';
import { asReal, Emitter, type Events } from './faithful.ts';
import { portOf } from './main-ports.ts';
import { createRemotePorts, isPortMessage } from './remote-ports.ts';
import type { FromUtility, ToUtility } from './utility-process.ts';

interface ParentEvents {
  message: [event: Electron.MessageEvent];
}
const parentEvents: Events<Electron.ParentPort['on'], ParentEvents> = { message: true };

class ParentPortDouble extends Emitter<ParentEvents> implements Pick<Electron.ParentPort, 'postMessage'> {
  private waiting: Electron.MessageEvent[] | null = [];

  constructor() {
    super('parentPort', parentEvents);
    // What was said before somebody listens waits for them.
    this.once('newListener', () => setImmediate(() => this.flush()));
  }
  private flush(): void {
    const messages = this.waiting ?? [];
    this.waiting = null;
    for (const message of messages) this.tell('message', message);
  }
  arrive(message: Electron.MessageEvent): void {
    if (this.waiting === null) this.tell('message', message);
    else this.waiting.push(message);
  }
  postMessage(message: unknown): void {
    say({ said: structuredClone(message) });
  }
}

function say(message: FromUtility): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {}); // A main process that is gone ends this one, below.
}

const remote = createRemotePorts(say, 1);
const parent = new ParentPortDouble();
process.on('message', (message: ToUtility) => {
  if (isPortMessage(message)) remote.receive(message);
  else parent.arrive({ data: message.told, ports: message.ports.map((number) => portOf(remote.take(number))) });
});
// Chromium ends its children at once when the browser process is gone: nothing of theirs runs any more.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
Object.assign(process, { parentPort: asReal<Electron.ParentPort>(parent), type: 'utility' });

registerHooks({
  resolve(specifier, context, next) {
    if (/^electron($|\/)/.test(specifier)) throw new Error('The double of Electron does not model the modules of a utility process.');
    return next(specifier, context);
  },
});
