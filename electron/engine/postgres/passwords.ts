import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { failure, placeOf, type Place } from './place.ts';
import { readPassfile } from './passfile.ts';
import type { PostgresTarget } from './types.ts';

/** Where passwords come from. */
export interface Passwords {
  /**
   * The password of a target; null where its connection says that none is sent.
   * @throws postgres.password-needed, vault.absent, vault.locked, vault.damaged
   */
  passwordFor(target: PostgresTarget): Promise<Secret | null>;
}

export interface PasswordSources {
  scrubber: Pick<Scrubber, 'register' | 'keepReadable'>;
  /** One that a person typed for this run of the engine, for this very account. */
  typed: (databaseId: string, place: Place) => Secret | null;
  /** One from the vault, kept for this very account. */
  fromVault: (databaseId: string, place: Place) => Promise<Secret>;
}

async function lookUp(target: PostgresTarget, sources: PasswordSources): Promise<Secret | null> {
  if (target.password !== undefined) return target.password;
  const { password } = target.connection;
  const place = placeOf(target);
  const typed = target.databaseId === null ? null : sources.typed(target.databaseId, place);
  switch (password.source) {
    case 'none':
      return null;
    case 'passfile':
      return readPassfile(password.path, place);
    case 'vault':
      if (target.databaseId !== null) return sources.fromVault(target.databaseId, place);
      break;
    case 'ask':
      if (typed !== null) return typed;
  }
  // Whoever shows this may ask for it right there: by which database it is given.
  const asked = password.source === 'ask' && target.databaseId !== null ? { databaseId: target.databaseId } : {};
  throw failure('postgres.password-needed', place, `the password of the user ${place.user} is needed.`, { hint: 'Type it in the database\'s settings.', details: asked });
}

/** Passwords from where each connection says. Every one that is handed out is known to the scrubber from then on. */
export function createPasswords(sources: PasswordSources): Passwords {
  return {
    async passwordFor(target) {
      const password = await lookUp(target, sources);
      if (password === null) return null;
      const { user, database } = target.connection;
      sources.scrubber.keepReadable([user, database]);
      sources.scrubber.register(password);
      return password;
    },
  };
}
