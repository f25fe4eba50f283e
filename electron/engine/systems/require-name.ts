import { PilothouseError } from '#shared/domain/errors.ts';

/** @param what is about to be done, as the beginning of a sentence. @throws operation.name-not-confirmed */
export function requireName(typed: string | undefined, name: string, what: string): void {
  if (typed === name) return;
  throw new PilothouseError('operation.name-not-confirmed', `${what} wants the name ${name} typed.`, { hint: `Type ${name} exactly.` });
}
