/** Files that were being brought back to a host when the engine died: cleaned up after as soon as the host can be reached. */
import { expect, onTestFinished, test } from 'vitest';
import { PilothouseError } from '#shared/domain/errors.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { recoverRestoreFiles } from '#engine/files/restore-files.ts';
import type { FilesReach } from '#engine/files/there.ts';
import { openDatabase } from '#engine/store/database.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createSystemRepository } from '#engine/store/system-repository.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

async function recover(hostId: string, failure: PilothouseError): Promise<string> {
  const root = await temporaryFolder('restored');
  const store = openDatabase(root, root, 0);
  onTestFinished(() => void store.close());
  createSystemRepository(store).insert({ id: 'shop', name: 'Shop', environment: 'production', policy: systemPolicy.parse({}), at: 0 });
  createHostRepository(store).insert({ id: 'web', systemId: 'shop', label: 'web', connection: { host: 'web.example', port: 22, user: 'ann', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null }, at: 0 });
  const reach = { context: { store, ports: {}, hosts: { use: () => Promise.reject(failure) } }, sudoPassword: () => Promise.resolve(null) } as unknown as FilesReach;
  return recoverRestoreFiles(reach, { backupId: 'b', paths: ['/etc'], here: null, there: { hostId, access: { kind: 'plain' }, hostKey: 'k', beside: [{ path: '/etc', into: '/etc.pilothouse-1' }] } }, {} as Operation);
}
const away = new PilothouseError('ssh.unreachable', 'web cannot be reached.', { retryable: true });

test('where the host is away it is asked again, and told where it lies', async () => {
  await expect(recover('web', away)).rejects.toMatchObject({ code: 'ssh.unreachable', retryable: true, details: { notYet: true }, message: 'web cannot be reached. What was half brought back lies there still, where it is: /etc.pilothouse-1.restoring.' });
});
test('where the host was removed from the list nobody goes there, and that is told', async () => {
  expect(await recover('gone', away)).toBe('The host is none of those here any more. Remove there by hand, where they are: /etc.pilothouse-1.restoring');
});
