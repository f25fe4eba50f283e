import type { Channel } from '#shared/contract/protocol.ts';
import { lineGreeting } from '#shared/contract/desktop.ts';
import type { Port } from './parent-port.ts';

/**
 * A channel over the port of a window. What is no text breaks the protocol and closes it, as does whatever
 * `serveChannel` refuses. `greet` says that somebody serves it: until then the window waits.
 */
export function createPortChannel(port: Port): Channel & { greet(): void } {
  const messages: ((text: string) => void)[] = [];
  const closes: (() => void)[] = [];
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    for (const listener of closes) listener();
  };
  const hangUp = (): void => {
    port.close();
    // The port that closes hears nothing of it itself, and what came behind is not handed on.
    close();
  };
  port.on('message', ({ data }) => {
    if (typeof data !== 'string') return hangUp();
    if (open) for (const listener of [...messages]) listener(data);
  });
  port.on('close', close);
  return {
    send: (text) => {
      if (open) port.postMessage(text);
    },
    onMessage: (listener) => void messages.push(listener),
    onClose: (listener) => void closes.push(listener),
    close: hangUp,
    greet: () => {
      port.postMessage(lineGreeting);
      port.start();
    },
  };
}
