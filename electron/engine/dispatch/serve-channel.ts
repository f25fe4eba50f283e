/** The contract over a channel, from the engine's side: one of these per window, browser tab or attached CLI. */
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { StreamName } from '#shared/contract/index.ts';
import { clientFrame, maximumFrameLength, type Channel, type EngineFrame } from '#shared/contract/protocol.ts';
import type { Dispatcher } from './dispatcher.ts';

/** Calls and streams that one channel may have under way at once. */
const maximumUnderWay = 256;

/** Streams that go on for as long as somebody listens: whoever follows one is not waiting for anything to be done. */
const endless: ReadonlySet<string> = new Set<StreamName>(['changes.follow']);

export interface ServedChannel {
  /** Whether the other side waits for an answer, or follows an operation that is under way. */
  isAtWork(): boolean;
}

/** Serves a channel until it closes. A frame that breaks the protocol closes it: nothing after it can be trusted. */
export function serveChannel(channel: Channel, dispatcher: Dispatcher, caller: string): ServedChannel {
  const underWay = new Map<number, AbortController>();
  const listening = new Set<number>();
  let open = true;

  const send = async (frame: EngineFrame): Promise<void> => {
    if (open) await channel.send(JSON.stringify(frame));
  };
  /** An answer that cannot be sent leaves its caller waiting for ever; a closed channel tells it. */
  const giveUp = (): void => channel.close();
  const fail = (id: number, error: unknown) => send({ type: 'error', id, error: toErrorShape(error, '') });

  channel.onClose(() => {
    open = false;
    for (const controller of underWay.values()) controller.abort();
    underWay.clear();
    listening.clear();
  });

  const start = (id: number, work: (signal: AbortSignal) => Promise<void>): void => {
    if (underWay.has(id)) return channel.close();
    if (underWay.size >= maximumUnderWay) {
      const busy = new PilothouseError('operation.busy', `More than ${maximumUnderWay} calls are under way on this connection.`, { retryable: true });
      return void fail(id, busy).catch(giveUp);
    }
    const controller = new AbortController();
    underWay.set(id, controller);
    void work(controller.signal)
      .catch((error: unknown) => (controller.signal.aborted ? undefined : fail(id, error)))
      .catch(giveUp)
      .finally(() => {
        underWay.delete(id);
        listening.delete(id);
      });
  };

  channel.onMessage((text) => {
    if (text.length > maximumFrameLength) return channel.close();
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      return channel.close();
    }
    const parsed = clientFrame.safeParse(raw);
    if (!parsed.success) return channel.close();
    const frame = parsed.data;
    if (frame.type === 'cancel') {
      underWay.get(frame.id)?.abort();
    } else if (frame.type === 'call') {
      start(frame.id, async (signal) => send({ type: 'output', id: frame.id, output: await dispatcher.call(frame.method, frame.input, { caller, signal }) }));
    } else {
      start(frame.id, async (signal) => {
        if (endless.has(frame.stream)) listening.add(frame.id);
        for await (const item of dispatcher.follow(frame.stream, frame.input, { caller, signal })) {
          if (signal.aborted) return;
          await send({ type: 'item', id: frame.id, item });
        }
        await send({ type: 'end', id: frame.id });
      });
    }
  });
  return { isAtWork: () => underWay.size > listening.size };
}
