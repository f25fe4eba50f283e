/** The line to the main process, and what a port of Electron's looks like from here. */
import { fromEngine, type FromEngine } from '#shared/contract/desktop.ts';

/** As much of Electron's MessagePortMain as is used here: nothing in this process imports electron. */
export interface Port {
  on(event: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

export interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown; ports: Port[] }) => void): unknown;
  postMessage(message: unknown): void;
}

/** @throws Error in any other process than the desktop's utility process */
export function parentPort(): ParentPort {
  const { parentPort: port } = process as typeof process & { parentPort?: ParentPort };
  if (port === undefined) throw new Error('This is the engine of the desktop: the main process starts it.');
  return port;
}

export function tell(port: Pick<ParentPort, 'postMessage'>, message: FromEngine): void {
  port.postMessage(fromEngine.parse(message));
}
