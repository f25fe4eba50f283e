import type { z } from 'zod';

/**
 * One thing that can be asked. `query` only reads; `command` changes something small and at once. Anything that takes
 * longer than a moment is planned by a method that returns a `Plan` and then run by `operation.run`.
 */
export interface Method<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  kind: 'query' | 'command';
  /** One sentence: what it answers or does. Shown by `cli call --help`. */
  summary: string;
  input: Input;
  output: Output;
}

/** Something that can be followed: items arrive until the subscriber leaves. */
export interface Stream<Input extends z.ZodType = z.ZodType, Item extends z.ZodType = z.ZodType> {
  summary: string;
  input: Input;
  item: Item;
}

export function query<Input extends z.ZodType, Output extends z.ZodType>(summary: string, input: Input, output: Output): Method<Input, Output> {
  return { kind: 'query', summary, input, output };
}

export function command<Input extends z.ZodType, Output extends z.ZodType>(summary: string, input: Input, output: Output): Method<Input, Output> {
  return { kind: 'command', summary, input, output };
}

export function stream<Input extends z.ZodType, Item extends z.ZodType>(summary: string, input: Input, item: Item): Stream<Input, Item> {
  return { summary, input, item };
}
