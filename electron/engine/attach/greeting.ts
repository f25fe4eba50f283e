/** The first words on the attach socket; frames of the contract follow a `contract` greeting only. */
import { z } from 'zod';
import { errorShape } from '#shared/contract/common.ts';

export const greeting = z.discriminatedUnion('hello', [
  /** Speaks the contract from here on. `caller` is recorded with what it runs. */
  z.strictObject({ hello: z.literal('contract'), caller: z.string().regex(/^[a-z-]{1,20}$/) }),
  /** Asks the host for a fresh one-time address of its console. Only here: it never crosses the contract. */
  z.strictObject({ hello: z.literal('host.link') }),
]);
export type Greeting = z.infer<typeof greeting>;

export const answer = z.union([z.strictObject({ ready: z.literal(true) }), z.strictObject({ link: z.string() }), z.strictObject({ error: errorShape })]);
export type Answer = z.infer<typeof answer>;

/** Characters of a greeting or its answer at most. */
export const longestGreeting = 4096;
/** Milliseconds that each side waits for the other's first word. */
export const greetingTimeoutMs = 5000;

/** Text as JSON; undefined, which no schema takes, where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The schema that it is held against says so.
  }
}
