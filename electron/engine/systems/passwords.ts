/** Where the password of a managed database comes from, in the order the person chose. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Vault } from '../vault/index.ts';

/** Passwords typed for this run of the engine, never written anywhere. */
export interface TypedPasswords {
  get(databaseId: string): Secret | null;
  set(databaseId: string, password: Secret): void;
  forget(databaseId: string): void;
}

export function createTypedPasswords(): TypedPasswords {
  const typed = new Map<string, Secret>();
  return { get: (id) => typed.get(id) ?? null, set: (id, password) => void typed.set(id, password), forget: (id) => void typed.delete(id) };
}

/** The vault's record of a database's password. */
export const passwordRecord = (databaseId: string) => `database:${databaseId}:password`;

/** @throws vault.absent, vault.locked with a hint that names the database */
export async function vaultPassword(vault: Vault, databaseId: string, label: string): Promise<Secret> {
  const secret = await vault.get(passwordRecord(databaseId));
  if (secret === null) throw new PilothouseError('postgres.password-needed', `The vault holds no password for ${label}.`, { hint: 'Open the database\'s settings and type it again.' });
  return secret;
}
