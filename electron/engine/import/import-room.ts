/** Importing what a person has already: OpenSSH's files, libpq's, pgAdmin's, and pasted text. Shown first, then added as it was shown. */
import type { importMethods } from '#shared/contract/imports.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { sortedByName } from '#shared/domain/natural-order.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { agentAddress } from '../platform/sockets.ts';
import { createHostSecrets } from '../ssh/host-secrets.ts';
import { createHostKeyRepository } from '../store/host-key-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { passwordsBehind } from '../systems/passwords-behind.ts';
import type { TypedPasswords } from '../systems/passwords.ts';
import { applyDatabases } from './apply-databases.ts';
import { applyHosts, choose } from './apply-hosts.ts';
import { previewDatabases, type DatabasePreview, type DatabaseSource } from './databases.ts';
import { thisPerson } from './person.ts';
import { previewHosts, type SshPreview } from './ssh-hosts.ts';
import type { SshSource } from './ssh-source.ts';

/** @throws operation.plan-changed */
function requireSame(shown: string, now: string): void {
  if (shown === now) return;
  throw new PilothouseError('operation.plan-changed', 'What would be imported is not what was shown: a file changed meanwhile, or what is here.', { hint: 'Nothing was added. Look at it again, and choose once more.', retryable: true });
}

export function createImportRoom(context: EngineContext, typed: TypedPasswords): { handlers: Handlers<keyof typeof importMethods> } {
  const { ports, store, systems, changes, vault, scrubber } = context;
  const hosts = createHostRepository(store);
  const hostKeys = createHostKeyRepository(store);
  const secrets = createHostSecrets({ vault, typed, scrubber, logger: ports.logger });

  const lookAtHosts = (systemId: string | undefined, source: SshSource): Promise<SshPreview> => {
    if (systemId !== undefined) systems.get(systemId);
    return previewHosts(source, { person: thisPerson(), hosts: systemId === undefined ? [] : hosts.list(systemId), hostKeys, agent: agentAddress() });
  };
  const lookAtDatabases = (systemId: string | undefined, viaId: string | null, source: DatabaseSource): DatabasePreview => {
    if (viaId !== null) hosts.get(viaId);
    return previewDatabases(source, { person: thisPerson(), databases: systemId === undefined ? [] : systems.get(systemId).databases, viaId });
  };

  return {
    handlers: {
      'import.previewSsh': async ({ systemId, ...source }) => {
        const { hash, files, problems, items } = await lookAtHosts(systemId, source);
        return { previewHash: hash, files, problems, hosts: sortedByName(items.map(({ shown }) => shown), ({ label }) => label) };
      },
      'import.applySsh': async ({ systemId, items: ids, previewHash, ...source }, { caller }) => {
        const { hash, items } = await lookAtHosts(systemId, source);
        requireSame(previewHash, hash);
        const passwords = passwordsBehind(context, typed, hosts.list(systemId).map(({ id }) => id));
        const { answer, before } = applyHosts(systemId, items, choose(items, ids), caller, { ports, hosts, hostKeys, operations: context.operations, transaction: (work) => store.transaction(work)() });
        if (before.length > 0 || answer.keys.revoked > 0) context.hosts.forget();
        for (const { host, now } of before) await secrets.forget(host, now, hosts.list());
        await passwords.forgetMoved();
        ports.logger.info({ systemId, added: answer.added.length, updated: answer.updated.length, ...answer.keys, by: caller }, 'Hosts were imported.');
        changes.changed('systems');
        return answer;
      },
      'import.previewDatabases': ({ systemId, viaId, ...source }) => {
        const { hash, files, problems, items } = lookAtDatabases(systemId, viaId, source);
        return { previewHash: hash, files, problems, databases: sortedByName(items.map(({ shown }) => shown), ({ label }) => label) };
      },
      'import.applyDatabases': async ({ systemId, items: ids, previewHash, viaId, passwordsTo, ...source }, { caller }) => {
        const { hash, items } = lookAtDatabases(systemId, viaId, source);
        requireSame(previewHash, hash);
        const added = await applyDatabases(systemId, choose(items, ids), { viaId, passwordsTo }, context, typed);
        ports.logger.info({ systemId, added: added.length, by: caller }, 'Databases were imported.');
        changes.changed('systems');
        return { added };
      },
    },
  };
}
