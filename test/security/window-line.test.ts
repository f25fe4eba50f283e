/** A line from the page to the engine's process: text and nothing else goes over it. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPortChannel } from '../../electron/utility/port-channel.ts';
import { lineGreeting } from '#shared/contract/desktop.ts';
import { waitFor } from '#test/wait-for.ts';

/** A port of Node as one of Electron's: messages come in an event. */
function portOfEngine(port: MessagePort) {
  return {
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) => void port.on(event, (data: unknown) => listener({ data })),
    postMessage: (message: unknown) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

let page: MessagePort;
let engine: MessagePort;
let heard: string[];
let told: unknown[];
beforeEach(() => {
  ({ port1: page, port2: engine } = new MessageChannel());
  heard = [];
  told = [];
  page.on('message', (text: unknown) => told.push(text));
  const line = createPortChannel(portOfEngine(engine));
  line.onMessage((text) => heard.push(text));
  line.greet();
});
afterEach(() => page.close());

describe('a line of the window', () => {
  test('brings text', async () => {
    page.postMessage('{"type":"cancel","id":1}');
    page.postMessage('second');
    await waitFor('both, and the greeting', () => heard.length === 2 && told.length === 1);
    expect([told, heard]).toEqual([[lineGreeting], ['{"type":"cancel","id":1}', 'second']]);
  });
  test.each<[string, unknown]>([
    ['an object', { type: 'call', id: 1, method: 'system.list', input: {} }],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a number', 7],
    ['nothing', null],
    ['a list', ['{"type":"cancel","id":1}']],
    ['an object that says it is text', { toString: 'x' }],
  ])('is closed by what is no text, and that is handed to nobody: %s', async (_what, said) => {
    let closed = false;
    page.once('close', () => (closed = true));
    page.postMessage(said);
    page.postMessage('more');
    await waitFor('the line to be closed, or to go on', () => closed || heard.length > 0);
    expect([closed, heard]).toEqual([true, []]);
  });
});
