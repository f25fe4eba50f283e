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
  /** Names the keychain; stored beside the ciphertext. Another one is not asked for what this one wrapped. */
  backend: string;
  wrap(key: Buffer): Promise<Buffer>;
  unwrap(wrapped: Buffer): Promise<Buffer>;
}

/** Tells a person who is not looking that work has finished or waits for them. Whether they look is the host's to know. */
export interface Notifier {
  /** @param notification.place where it leads, an address within the console: `/operations/ID` */
  notify(notification: { title: string; body: string; place: string }): void;
}

/** Scripts of ours that are processes of their own: what ends children on Windows, and the practice shop's traffic. */
export type ScriptName = 'supervise' | 'traffic';

export interface ScriptRunner {
  /** What runs the script with these arguments; null where this host has no way to, and it runs inside the engine. */
  command(name: ScriptName, args: readonly string[]): { command: string; args: string[] } | null;
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
  /** How scripts of ours are run. Hosts on plain Node leave it out (`node-scripts.ts`). */
  scripts?: ScriptRunner;
  /** What a person should know about what this host cannot do here, in words; hosts that can do everything leave it out. */
  notices?: readonly string[];
  /** Which host runs the engine; shown in About and recorded as who asked. */
  host: 'loopback' | 'cli' | 'desktop' | 'test';
}

export const systemClock: Clock = { now: () => Date.now() };
export const systemRandom: Random = { bytes: (length) => randomBytes(length), id: () => randomUUID() };
export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
export const silentNotifier: Notifier = { notify() {} };
