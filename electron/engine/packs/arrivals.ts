/** What is added to a system of a pack takes the role that waits for it, where only one does. */
import type { Handlers } from '../dispatch/handlers.ts';
import type { RoleBinding } from '../store/adoption-repository.ts';

type Adding = Handlers<'host.add' | 'database.add' | 'import.applySsh' | 'import.applyDatabases'>;

/** @param give is told what was added; it never throws, as what was added is there */
export function takingRoles(adding: Adding, give: (systemId: string, added: RoleBinding) => void): Adding {
  /** Of several at once nobody knows which one is meant. */
  const only = (systemId: string, added: readonly RoleBinding[]): void => {
    const [one] = added;
    if (one !== undefined && added.length === 1) give(systemId, one);
  };
  return {
    async 'host.add'(input, call) {
      const done = await adding['host.add'](input, call);
      give(input.systemId, { hostId: done.host.id });
      return done;
    },
    async 'database.add'(input, call) {
      const done = await adding['database.add'](input, call);
      give(input.systemId, { databaseId: done.database.id });
      return done;
    },
    async 'import.applySsh'(input, call) {
      const done = await adding['import.applySsh'](input, call);
      only(input.systemId, done.added.map(({ id }) => ({ hostId: id })));
      return done;
    },
    async 'import.applyDatabases'(input, call) {
      const done = await adding['import.applyDatabases'](input, call);
      only(input.systemId, done.added.map(({ id }) => ({ databaseId: id })));
      return done;
    },
  };
}
