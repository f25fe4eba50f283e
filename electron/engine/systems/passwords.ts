/** Where the password of a managed database comes from, in the order the person chose. */
import { createHash } from 'node:crypto';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Logger } from '../ports.ts';
import type { Vault } from '../vault/index.ts';

/** Whom a password was typed for: a role of one server. */
export interface Account {
  host: string;
  port: number;
  user: string;
  /** The machines that it is reached through, in the order of connecting: behind others the same address is another server. */
  way: readonly { host: string; port: number; user: string }[];
}

/** Passwords typed for this run of the engine, never written anywhere. */
export interface TypedPasswords {
  get(record: string): Secret | null;
  set(record: string, password: Secret): void;
  forget(record: string): void;
}

export function createTypedPasswords(): TypedPasswords {
  const typed = new Map<string, Secret>();
  return { get: (record) => typed.get(record) ?? null, set: (record, password) => void typed.set(record, password), forget: (record) => void typed.delete(record) };
}

/**
 * The name under which a database's password is kept. It holds the account that the password was typed for: whatever
 * becomes of the record when the database, or a host on the way to it, is reached elsewhere (a locked vault, a full disk,
 * a kill in between), under the new account's name it is not found, and so never sent there. Records of unreleased forms
 * without the account, or without the machines on the way, are not read: which server they were typed for cannot be told
 * any more.
 */
export function passwordRecord(databaseId: string, { host, port, user, way }: Account): string {
  const machines = way.map((machine) => [machine.host.toLowerCase(), machine.port, machine.user]);
  const account = createHash('sha256').update(JSON.stringify(machines.length === 0 ? [host, port, user] : [host, port, user, machines])).digest('hex').slice(0, 32);
  return `database:${databaseId}:${account}:password`;
}

/** Where the vault is locked or cannot be written, the record stays in it, sealed: no other account's name leads to it. */
export async function forgetPassword(databaseId: string, account: Account, { vault, typed, logger }: { vault: Pick<Vault, 'status' | 'delete'>; typed: TypedPasswords; logger: Logger }): Promise<void> {
  const record = passwordRecord(databaseId, account);
  typed.forget(record);
  if (vault.status().state !== 'unlocked') return;
  try {
    await vault.delete(record);
  } catch (error) {
    logger.warn({ databaseId, error: String(error) }, 'A password that is not needed any more stays in the vault: it could not be taken out.');
  }
}

/**
 * Where something is to go into the vault, that is checked before anything is stored: a locked vault leaves nothing half added.
 * @throws vault.absent, vault.locked
 */
export function requireOpenVault(vault: Pick<Vault, 'status'>, what: 'password' | 'passphrase'): void {
  const { state } = vault.status();
  if (state === 'absent') throw new PilothouseError('vault.absent', `There is no vault yet to keep this ${what} in.`, { hint: 'Make one in Settings or with "vault create", or choose to be asked at each start.' });
  if (state === 'locked') throw new PilothouseError('vault.locked', 'The vault is locked.', { hint: 'Unlock it, then save again.', retryable: true });
}

/** @throws postgres.password-needed; vault.absent, vault.locked with a hint that names the database */
export async function vaultPassword(vault: Pick<Vault, 'get'>, databaseId: string, account: Account & { label: string }): Promise<Secret> {
  const secret = await vault.get(passwordRecord(databaseId, account));
  if (secret === null) throw new PilothouseError('postgres.password-needed', `The vault holds no password for ${account.label}.`, { hint: 'Open the database\'s settings and type it again.' });
  return secret;
}
