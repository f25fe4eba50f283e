/** How the page comes to its engine: a browser over the origin it was served from, a window over the bridge around it. */
import type { DesktopBridge } from '#shared/contract/desktop.ts';
import type { Channel } from '#shared/contract/protocol.ts';
import { enter, forgetSession, type Refusal } from './session.ts';
import { openSocket, SessionRefused } from './socket-channel.ts';
import { startCommand } from './start-command.ts';

export type Opened = { kind: 'open'; channel: Channel; /** Once it has closed: why it will not be opened again; null where it may. */ whyRefused: () => Refusal | null } | { kind: 'refused'; why: Refusal };

export interface Way {
  /** Rejects where nobody answers at the moment. */
  open(): Promise<Opened>;
  /** What there is to do where the engine stays away. */
  hint: string;
  /** Calls whenever the engine is known to answer again, so that nobody waits for the next try. */
  onBack(listener: () => void): void;
  /** Nobody is let in any more: forgets what let one in. */
  onRefused(): void;
}

/** @param token what stood in the address, if anything did */
export function overLoopback(token: string | null): Way {
  let unusedToken = token;
  return {
    async open() {
      const entry = await enter(unusedToken);
      if (entry.kind === 'refused') return { kind: 'refused', why: entry.why };
      if (entry.kind === 'unreachable') throw new Error('The engine does not answer.');
      unusedToken = null;
      try {
        const channel = await openSocket(entry.session);
        return { kind: 'open', channel, whyRefused: () => (channel.refused() ? 'engine-restarted' : null) };
      } catch (error) {
        if (error instanceof SessionRefused) return { kind: 'refused', why: 'engine-restarted' };
        throw error;
      }
    },
    hint: `It reconnects by itself if the engine still runs. If Pilothouse was closed, type ${startCommand} and open the address that it prints; what ran is then in the history, perhaps interrupted.`,
    onBack: () => {},
    onRefused: forgetSession,
  };
}

/** A line over the bridge as a channel. */
export function overBridge(bridge: DesktopBridge): Way {
  return {
    async open() {
      const messages: ((text: string) => void)[] = [];
      const closes: (() => void)[] = [];
      const line = await bridge.connect({
        message: (text) => {
          for (const listener of messages) listener(text);
        },
        close: () => {
          for (const listener of closes) listener();
        },
      });
      return {
        kind: 'open',
        channel: { send: line.send, onMessage: (listener) => void messages.push(listener), onClose: (listener) => void closes.push(listener), close: line.close },
        whyRefused: () => null,
      };
    },
    hint: 'The engine is started again by itself, and this window finds it. What ran is in Operations, perhaps interrupted.',
    onBack: (listener) =>
      bridge.onEngineState(({ state }) => {
        if (state === 'running') listener();
      }),
    onRefused: () => {},
  };
}
