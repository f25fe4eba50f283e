import { describe, expect, it } from 'vitest';
import { openHome } from '#engine/home.ts';
import type { EngineState } from '#shared/contract/desktop.ts';
import { MessageChannelMain } from '#test/electron/double.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { createEngineProcess } from '../../electron/main/engine-process.ts';

describe('an engine whose process cannot be made', () => {
  it('has failed, says why, and leaves no line waiting for it', async () => {
    const states: EngineState[] = [];
    const logged: string[] = [];
    const log = (_fields: object, message: string): void => void logged.push(message);
    const failed = Promise.withResolvers<void>();
    const engine = createEngineProcess({
      home: openHome(await temporaryFolder('engine-start')),
      keychain: Promise.reject(new Error('There is no process to be had.')),
      logger: { info: log, warn: log, error: log },
      onState: (state) => {
        states.push(state);
        if (state.state === 'failed') failed.resolve();
      },
      onTold: () => {},
    });
    const { port1: page, port2: line } = new MessageChannelMain();
    const closed = new Promise<string>((resolve) => page.on('close', () => resolve('closed')));
    page.start();
    engine.start();
    engine.line(line);
    await failed.promise;
    expect([states.map(({ state }) => state), await closed, engine.state(), logged]).toEqual([['starting', 'failed'], 'closed', { state: 'failed', error: expect.objectContaining({ message: expect.any(String) }) }, ['The process of the engine could not be started.']]);
  });
});
