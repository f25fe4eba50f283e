/** `ipcMain`: what pages say to the main process. */
import { createEvent, Emitter, faithful, asReal } from './faithful.ts';

type Listener = Parameters<Electron.IpcMain['handle']>[1];
type Sender = Pick<Electron.IpcMainEvent, 'sender' | 'senderFrame'>;

class IpcMainDouble extends Emitter<Record<string, unknown[]>> implements Pick<Electron.IpcMain, 'handle' | 'handleOnce' | 'removeHandler'> {
  private readonly handlers = new Map<string, Listener>();

  constructor() {
    super('ipcMain', null);
  }

  handle(channel: string, listener: Listener): void {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.handlers.set(channel, listener);
  }
  handleOnce(channel: string, listener: Listener): void {
    this.handle(channel, (event, ...args) => {
      this.removeHandler(channel);
      return listener(event, ...args) as unknown;
    });
  }
  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }

  /** `ipcRenderer.invoke` as it arrives. @throws Error with what the page is told of a failure */
  async invoked(sender: Sender, channel: string, args: unknown[]): Promise<unknown> {
    try {
      const handler = this.handlers.get(channel);
      if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
      const event: Electron.IpcMainInvokeEvent = asReal(createEvent({ type: 'frame', frameId: 1, processId: 1, ...sender }));
      return structuredClone(await handler(event, ...structuredClone(args)));
    } catch (error) {
      throw new Error(`Error invoking remote method '${channel}': ${String(error)}`, { cause: error });
    }
  }

  /** `ipcRenderer.send` and `postMessage` as they arrive. */
  sent(sender: Sender, channel: string, args: unknown[], ports: Electron.MessagePortMain[]): void {
    const event = createEvent({ type: 'frame', frameId: 1, processId: 1, ports, returnValue: undefined, ...sender });
    this.emit(channel, event, ...structuredClone(args));
  }
}

export const ipcMain = faithful('ipcMain', new IpcMainDouble());
