/** The frames that travel between a client and the engine, as JSON text, whatever carries them. */
import { z } from 'zod';
import { errorShape } from './common.ts';

/** Characters of one frame at most; larger ones are refused and the channel is closed. */
export const maximumFrameLength = 8 * 1024 * 1024;

const callId = z.number().int().nonnegative();

export const clientFrame = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('call'), id: callId, method: z.string().max(100), input: z.unknown() }),
  z.strictObject({ type: z.literal('follow'), id: callId, stream: z.string().max(100), input: z.unknown() }),
  /** Aborts a call or leaves a stream. */
  z.strictObject({ type: z.literal('cancel'), id: callId }),
]);
export type ClientFrame = z.infer<typeof clientFrame>;

export const engineFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('output'), id: callId, output: z.unknown() }),
  z.object({ type: z.literal('item'), id: callId, item: z.unknown() }),
  z.object({ type: z.literal('end'), id: callId }),
  z.object({ type: z.literal('error'), id: callId, error: errorShape }),
]);
export type EngineFrame = z.infer<typeof engineFrame>;

/** What carries frames: a WebSocket, a MessagePort, a socket, or a pair of functions in memory. */
export interface Channel {
  /** Resolves when the other side can take more. */
  send(text: string): void | Promise<void>;
  onMessage(listener: (text: string) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}
