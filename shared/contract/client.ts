/** The contract over a channel, from the caller's side. The same client serves every transport. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import type { EngineClient } from './index.ts';
import { engineFrame, type Channel, type ClientFrame } from './protocol.ts';

interface Pending {
  output(value: unknown): void;
  item(value: unknown): void;
  end(): void;
  error(error: PilothouseError): void;
}

function disconnected(): PilothouseError {
  return new PilothouseError('contract.disconnected', 'The connection to the engine was lost.', {
    hint: 'Where the engine still runs, this reconnects by itself and its work goes on. Where it was ended, start Pilothouse again: what was interrupted is named there.',
    retryable: true,
  });
}

/** An error as it came over the wire, thrown again with all its fields. */
export function reviveError(shape: ErrorShape): PilothouseError {
  return new PilothouseError(shape.code, shape.message, shape);
}

/**
 * A client over a channel. When the channel closes, everything under way fails with `contract.disconnected`; the
 * client is not usable after that.
 */
export function createClient(channel: Channel): EngineClient & { close(): void } {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let open = true;

  channel.onMessage((text) => {
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch {
      channel.close(); // The other side does not speak the protocol; onClose tells every caller.
      return;
    }
    const frame = engineFrame.safeParse(raw);
    if (!frame.success) {
      channel.close();
      return;
    }
    const waiting = pending.get(frame.data.id);
    if (waiting === undefined) return;
    if (frame.data.type === 'item') return waiting.item(frame.data.item);
    pending.delete(frame.data.id);
    if (frame.data.type === 'output') waiting.output(frame.data.output);
    else if (frame.data.type === 'end') waiting.end();
    else waiting.error(reviveError(frame.data.error));
  });
  channel.onClose(() => {
    open = false;
    const waiting = [...pending.values()];
    pending.clear();
    for (const entry of waiting) entry.error(disconnected());
  });

  const send = (frame: ClientFrame): void => {
    void channel.send(JSON.stringify(frame));
  };

  const call = (method: string, input: unknown, signal?: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!open) return reject(disconnected());
      const id = nextId++;
      const leave = () => signal?.removeEventListener('abort', abort);
      const abort = () => {
        if (!pending.delete(id)) return;
        send({ type: 'cancel', id });
        reject(new PilothouseError('operation.cancelled', `The call ${method} was given up by its caller.`, { retryable: true }));
      };
      pending.set(id, {
        output: (value) => (leave(), resolve(value)),
        item: () => {},
        end: () => (leave(), resolve(undefined)),
        error: (error) => (leave(), reject(error)),
      });
      send({ type: 'call', id, method, input });
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });

  async function* follow(stream: string, input: unknown, signal?: AbortSignal): AsyncGenerator<unknown> {
    if (!open) throw disconnected();
    const id = nextId++;
    const items: unknown[] = [];
    let finished = false;
    let failure: PilothouseError | null = null;
    let wake = () => {};
    const stop = () => {
      finished = true;
      wake();
    };
    pending.set(id, {
      output: stop,
      item: (value) => {
        items.push(value);
        wake();
      },
      end: stop,
      error: (error) => {
        failure = error;
        stop();
      },
    });
    signal?.addEventListener('abort', stop, { once: true });
    send({ type: 'follow', id, stream, input });
    try {
      while (!signal?.aborted) {
        if (items.length > 0) {
          yield items.shift();
          continue;
        }
        if (failure !== null) throw failure;
        if (finished) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      if (pending.delete(id) && open) send({ type: 'cancel', id });
    }
  }

  // The dispatcher on the other side parses what it is sent and what it returns with the schemas of the contract, so
  // the two casts below state what was checked there.
  return {
    call: ((method: string, input: unknown, options?: { signal?: AbortSignal }) => call(method, input, options?.signal)) as EngineClient['call'],
    follow: ((stream: string, input: unknown, options?: { signal?: AbortSignal }) => follow(stream, input, options?.signal)) as EngineClient['follow'],
    close: () => channel.close(),
  };
}
