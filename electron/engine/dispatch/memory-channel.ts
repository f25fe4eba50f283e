/** Two channels joined in memory: the transport of a caller in the same process, and of tests. */
import type { Channel } from '#shared/contract/protocol.ts';

export function createMemoryChannels(): [Channel, Channel] {
  const sides = [0, 1].map(() => ({ message: [] as ((text: string) => void)[], close: [] as (() => void)[] }));
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    for (const side of sides) for (const listener of side.close) queueMicrotask(listener);
  };
  const channel = (own: number, other: number): Channel => ({
    send: (text) => {
      if (open) queueMicrotask(() => sides[other]?.message.forEach((listener) => listener(text)));
    },
    onMessage: (listener) => void sides[own]?.message.push(listener),
    onClose: (listener) => void sides[own]?.close.push(listener),
    close,
  });
  return [channel(0, 1), channel(1, 0)];
}
