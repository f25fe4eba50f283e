/** Adds databases as they were shown: all of them with their passwords, or none. */
import type { Database, DatabaseConnection } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import { passwordRecord, requireOpenVault, type TypedPasswords } from '../systems/passwords.ts';
import type { DatabaseItem } from './databases.ts';

/** Where passwords go that stand in what is read. */
export type PasswordsTo = 'vault' | 'ask';

/** @throws contract.invalid-input where one of them is here already; vault.absent, vault.locked, store.unwritable, store.disk-full */
export async function applyDatabases(systemId: string, chosen: readonly DatabaseItem[], { viaId, passwordsTo }: { viaId: string | null; passwordsTo: PasswordsTo }, { ports, store, systems, vault, scrubber, accountOf }: EngineContext, typed: TypedPasswords): Promise<Database[]> {
  const wanted = chosen.map((item): { item: DatabaseItem; connection: DatabaseConnection } => {
    const { connection, passfile, password, shown } = item;
    if (connection === null || shown.state === 'known') throw new PilothouseError('contract.invalid-input', `${shown.label} cannot be imported: ${shown.reasons.join(' ')}`, { hint: 'Leave it out.' });
    const source: DatabaseConnection['password'] = password !== null ? { source: passwordsTo } : passfile !== null ? { source: 'passfile', path: passfile } : { source: 'ask' };
    return { item, connection: { ...connection, password: source, viaId } };
  });
  const given = wanted.flatMap(({ item: { password } }) => (password === null ? [] : [password]));
  if (passwordsTo === 'vault' && given.length > 0) requireOpenVault(vault, 'password');
  for (const password of given) scrubber.register(password);

  const at = ports.clock.now();
  const added = store.transaction(() => wanted.map(({ item, connection }) => ({ database: systems.insertDatabase({ id: ports.random.id(), systemId, label: item.shown.label, connection, at }), password: item.password })))();
  const kept: string[] = [];
  try {
    for (const { database, password } of added) {
      if (password === null) continue;
      const record = passwordRecord(database.id, accountOf(database.connection));
      if (passwordsTo === 'vault') await vault.set(record, password);
      else typed.set(record, password);
      kept.push(record);
    }
  } catch (error) {
    // Without their passwords they would stand there half added.
    store.transaction(() => added.forEach(({ database }) => systems.removeDatabase(database.id)))();
    for (const record of kept) typed.forget(record);
    for (const record of passwordsTo === 'vault' ? kept : []) await vault.delete(record).catch((left: unknown) => ports.logger.warn({ error: String(left) }, 'A password of a database that was not added stays in the vault: it could not be taken out.'));
    throw error;
  }
  return added.map(({ database }) => database);
}
