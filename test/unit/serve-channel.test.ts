import { expect, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Dispatcher } from '#engine/dispatch/dispatcher.ts';
import { createMemoryChannels } from '#engine/dispatch/memory-channel.ts';
import { serveChannel } from '#engine/dispatch/serve-channel.ts';

test('an error that cannot be sent closes the channel, and nothing is rejected unheard', async () => {
  const [here, there] = createMemoryChannels();
  const unheard: unknown[] = [];
  const listen = (reason: unknown): void => void unheard.push(reason);
  process.on('unhandledRejection', listen);
  // What JSON cannot hold, as a row of Postgres may bring it.
  const failing: Pick<Dispatcher, 'call'> = { call: () => Promise.reject(new PilothouseError('store.damaged', 'A row is wrong.', { details: { row: 1n } })) };
  serveChannel(there, failing as Dispatcher, 'test');
  const closed = new Promise<void>((resolve) => here.onClose(resolve));
  await here.send('{"type":"call","id":1,"method":"system.list","input":{}}');
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', listen);
  expect(unheard).toEqual([]);
});
