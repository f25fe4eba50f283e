/** How a command is declared: what it takes, what it does, and what it says at the end. */
import type { Command } from 'commander';
import { UsageError } from './failures.ts';
import type { Session } from './session.ts';

/** What came of a command. */
export interface Outcome {
  /** Printed with --json. */
  document: unknown;
  /** Printed for people otherwise, without what a terminal would obey. */
  text: string;
  /** The text is a document: byte for byte where no terminal reads it. */
  verbatim?: boolean;
  /** 0 unless said otherwise. */
  status?: number;
}

export type Action = (session: Session, positionals: (string | undefined)[], options: Record<string, unknown>) => Promise<Outcome>;

/** Makes a commander action out of what a command does. */
export type Act = (work: Action) => (...parts: unknown[]) => Promise<void>;

/** Adds commands of one area to the program. */
export type Register = (program: Command, act: Act) => void;

export function textOption(options: Record<string, unknown>, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** A whole number. @throws UsageError where it is none, or out of range */
export function integerOption(options: Record<string, unknown>, name: string, range: { min: number; max: number }): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < range.min || value > range.max) throw new UsageError(`--${name} takes a whole number from ${range.min} to ${range.max}, not "${text}".`);
  return value;
}

/** A comma-separated list. */
export function listOption(options: Record<string, unknown>, name: string): string[] | undefined {
  return textOption(options, name)
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A positional that commander has made sure of. */
export function required(value: string | undefined): string {
  return value ?? '';
}
