/** How a command is declared: what it takes, what it does, and what it says at the end. */
import type { Command } from 'commander';
import type { Session } from './session.ts';

/** What came of a command. */
export interface Outcome {
  /** Printed with --json. */
  document: unknown;
  /** Printed for people otherwise. */
  text: string;
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
