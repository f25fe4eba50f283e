/** Gets at what commands need before they connect: the vault opened, passwords typed. */
import type { Database } from '#shared/contract/systems.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import { obtainSecret } from './prompt.ts';
import type { Session } from './session.ts';

/**
 * Opens the vault where it is locked, by the file that was named or by asking.
 * @throws vault.locked when there is neither, vault.wrong-passphrase
 */
export async function openVault(session: Session): Promise<void> {
  if ((await session.call('vault.status', {})).state !== 'locked') return;
  const passphrase = await obtainSecret(session.io, session.options.passphraseFile, 'Passphrase of the vault: ');
  if (passphrase === null) {
    throw new PilothouseError('vault.locked', 'The vault is locked, and what is in it is needed.', { hint: 'Run this at a terminal to be asked for the passphrase, or name a file of yours alone that holds it: --passphrase-file FILE.', retryable: true });
  }
  await session.call('vault.unlock', { passphrase });
}

/**
 * As openVault, for those who are about to put a password into it.
 * @param elsewhere where it could be kept otherwise
 * @throws vault.absent where it still has to be made, and what openVault throws
 */
export async function openVaultToKeep(session: Session, elsewhere = '--password-from ask asks at each start, --passfile FILE reads it from a file of libpq\'s format.'): Promise<void> {
  if ((await session.call('vault.status', {})).state === 'absent') {
    throw new PilothouseError('vault.absent', 'There is no vault yet to keep the password in.', { hint: `Make one with "vault create", then run this again. Or keep it elsewhere: ${elsewhere}` });
  }
  await openVault(session);
}

async function givePassword(session: Session, database: Database): Promise<void> {
  // A console that is running may have been told already.
  const { error } = await session.call('database.test', { databaseId: database.id });
  if (!hasCode(error, 'postgres.password-needed')) return;
  const password = await obtainSecret(session.io, session.options.passwordFile, `Password of ${database.connection.user} for ${database.label}: `);
  if (password === null) {
    throw new PilothouseError('postgres.password-needed', `The password of ${database.connection.user} for ${database.label} is needed.`, { hint: 'Run this at a terminal to be asked for it, or name a file of yours alone that holds it: --password-file FILE.', retryable: true });
  }
  await session.call('database.unlock', { databaseId: database.id, password });
}

/**
 * Makes sure that these databases can be connected to, as far as secrets go. Call it before planning anything that
 * connects: an operation has nobody to ask.
 * @throws vault.locked, vault.wrong-passphrase, postgres.password-needed
 */
export async function prepareSecrets(session: Session, databases: readonly Database[]): Promise<void> {
  if (databases.some((database) => database.connection.password.source === 'vault')) await openVault(session);
  for (const database of databases) if (database.connection.password.source === 'ask') await givePassword(session, database);
}

/** As prepareSecrets, for the database of that id, where it is still managed. */
export async function prepareSecretsOf(session: Session, databaseId: string | null): Promise<void> {
  const { systems } = await session.call('system.list', {});
  await prepareSecrets(session, systems.flatMap((system) => system.databases).filter((database) => database.id === databaseId));
}
