/** Attaching to the engine that already runs on a data folder. */
import { connect, type Socket } from 'node:net';
import { createClient, reviveError } from '#shared/contract/client.ts';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Channel } from '#shared/contract/protocol.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Home } from '../home.ts';
import { findAddress } from './address.ts';
import { answer, greetingTimeoutMs, parseJson, type Answer, type Greeting } from './greeting.ts';
import { createLineChannel } from './line-channel.ts';

export interface AttachedClient extends EngineClient {
  close(): void;
}

/** Outgoing answers may be long (an exported history); they come from our own engine. */
const longestAnswer = 512 * 1024 * 1024;

function open(path: string): Promise<Socket | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Nobody there: no socket, one that a killed engine left, or an engine that is just closing.
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET' || error.code === 'EPIPE') return resolve(null);
      reject(new PilothouseError('store.locked', `The running Pilothouse of this data folder cannot be reached over ${path}: ${error.message}.`, { hint: 'Run this as the person who started it.', details: { path }, cause: error }));
    });
  });
}

/** Says hello and waits for the answer. Null: whoever was there left without a word, or said none in time. */
function greet(socket: Socket, words: Greeting): Promise<{ channel: Channel; answer: Answer } | null> {
  return new Promise((resolve) => {
    const channel = createLineChannel(socket, longestAnswer);
    let answered = false;
    const giveUp = (): void => {
      socket.destroy();
      resolve(null);
    };
    const impatience = setTimeout(giveUp, greetingTimeoutMs);
    channel.onClose(() => {
      clearTimeout(impatience);
      if (!answered) giveUp();
    });
    channel.onMessage((text) => {
      if (answered) return;
      clearTimeout(impatience);
      const heard = answer.safeParse(parseJson(text));
      if (!heard.success) return giveUp();
      answered = true;
      resolve({ channel, answer: heard.data });
    });
    void channel.send(JSON.stringify(words));
  });
}

async function ask(home: Home, words: Greeting): Promise<{ channel: Channel; answer: Answer } | null> {
  const path = findAddress(home);
  const socket = path === null ? null : await open(path);
  const heard = socket === null ? null : await greet(socket, words);
  if (heard !== null && 'error' in heard.answer) {
    heard.channel.close();
    throw reviveError(heard.answer.error);
  }
  return heard;
}

/** A line to the running engine, for frames. Null: none answers there now. @throws store.locked when it cannot be reached by this person */
export async function attachChannel(home: Home, caller: string): Promise<Channel | null> {
  return (await ask(home, { hello: 'contract', caller }))?.channel ?? null;
}

/** Attaches to the running engine. Null: none answers there now. @throws store.locked when it cannot be reached by this person */
export async function attach(home: Home, caller: string): Promise<AttachedClient | null> {
  const channel = await attachChannel(home, caller);
  return channel === null ? null : createClient(channel);
}

/**
 * Asks the host of the running engine for a fresh one-time address of its console. Null: none answers there now.
 * @throws operation.busy when that host has no console
 */
export async function requestLink(home: Home): Promise<string | null> {
  const heard = await ask(home, { hello: 'host.link' });
  if (heard === null) return null;
  heard.channel.close();
  return 'link' in heard.answer ? heard.answer.link : null;
}
