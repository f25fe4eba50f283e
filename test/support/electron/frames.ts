/** Frames as the main process knows them: who sends a message, and where it stands. */
import { asReal, faithful } from './faithful.ts';

/** Where a frame stands. A parent is the frame that holds it. */
export interface FramePlace {
  url: string;
  parent: FramePlace | null;
}

type Modelled = Pick<Electron.WebFrameMain, 'url' | 'origin' | 'parent' | 'top' | 'frames' | 'name' | 'detached' | 'isDestroyed'>;

/** The origin of an address, also of schemes that WHATWG knows nothing of: they were registered as standard. */
export function originOf(url: string): string {
  const { protocol, host, origin } = new URL(url);
  if (origin !== 'null') return origin;
  return host === '' ? 'null' : `${protocol}//${host}`;
}

export function createFrame({ url, parent }: FramePlace): Electron.WebFrameMain {
  const above = parent === null ? null : createFrame(parent);
  const frame: Modelled = faithful('WebFrameMain', { url, origin: originOf(url), parent: above, top: above?.top ?? above, frames: [], name: '', detached: false, isDestroyed: () => false } satisfies Modelled);
  return asReal(frame);
}
