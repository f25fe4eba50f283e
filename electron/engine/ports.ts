/**
 * What a host supplies to the engine. The engine reads no clock, draws no random number and shows no dialog by any
 * other way, so that tests can supply their own.
 */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export interface Random {
  bytes(length: number): Buffer;
  /** A fresh identifier for a row. */
  id(): string;
}

/** Structured log lines. Values pass the scrubber before they are written. */
export interface Logger {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/**
 * A keychain that can wrap the vault's data key (Electron's safeStorage). Hosts without one pass null and the vault
 * asks for a passphrase.
 */
export interface KeyWrapping {
  /** Names the keychain; stored beside the ciphertext, and refused when it changes. */
  backend: string;
  wrap(key: Buffer): Promise<Buffer>;
  unwrap(wrapped: Buffer): Promise<Buffer>;
}

/** Tells a person who is not looking that work has finished or waits. */
export interface Notifier {
  notify(notification: { title: string; body: string; operationId: string }): void;
}

export interface Ports {
  clock: Clock;
  random: Random;
  logger: Logger;
  keyWrapping: KeyWrapping | null;
  notifier: Notifier;
  /**
   * Told of named points between steps that no transaction holds together. Tests kill the engine there, or put a fault
   * on the line; hosts leave it out.
   */
  checkpoint?: (name: string) => Promise<void>;
  /** Which host runs the engine; shown in About and recorded as who asked. */
  host: 'loopback' | 'cli' | 'desktop' | 'test';
}

export const systemClock: Clock = { now: () => Date.now() };
export const systemRandom: Random = { bytes: (length) => randomBytes(length), id: () => randomUUID() };
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
export const silentNotifier: Notifier = { notify() {} };
