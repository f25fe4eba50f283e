/** Gets at what commands need before they connect: the vault opened, passwords typed. */
import type { Database } from '#shared/contract/systems.ts';
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import { openVault } from './open-vault.ts';
import { obtainSecret } from './prompt.ts';
import { answeringQuestions } from './questions.ts';
import type { Session } from './session.ts';
import { testHost } from './test-host.ts';

async function givePassword(session: Session, database: Database): Promise<void> {
  // A console that is running may have been told already.
  const { error } = await answeringQuestions(session, () => session.call('database.test', { databaseId: database.id }));
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
 * A host on the way is tried where it, or one before it, may need something of a person; that it is away the operation
 * says better.
 * @throws vault.locked, vault.wrong-passphrase, postgres.password-needed
 */
export async function prepareSecrets(session: Session, databases: readonly Database[]): Promise<void> {
  const ways = new Set(databases.flatMap(({ connection }) => (connection.viaId === null ? [] : [connection.viaId])));
  await prepareHosts(session, [...ways]);
  if (databases.some((database) => database.connection.password.source === 'vault')) await openVault(session);
  for (const database of databases) if (database.connection.password.source === 'ask') await givePassword(session, database);
}

/** As prepareSecrets, for hosts. */
export async function prepareHosts(session: Session, hostIds: readonly string[]): Promise<void> {
  if (hostIds.length === 0) return;
  const { hosts } = await session.call('host.list', {});
  const needsPerson = (hostId: string): boolean => {
    const host = hosts.find(({ id }) => id === hostId);
    if (host === undefined) return false;
    const { signIn, viaId } = host.connection;
    const own = signIn.password.source !== 'none' || signIn.questions || signIn.keys.some(({ passphrase }) => passphrase.source !== 'none');
    return own || (viaId !== null && needsPerson(viaId));
  };
  for (const hostId of hostIds.filter(needsPerson)) await testHost(session, hostId, undefined);
}

/** As prepareSecrets, for the database of that id, where it is still managed. */
export async function prepareSecretsOf(session: Session, databaseId: string | null): Promise<void> {
  const { systems } = await session.call('system.list', {});
  await prepareSecrets(session, systems.flatMap((system) => system.databases).filter((database) => database.id === databaseId));
}
