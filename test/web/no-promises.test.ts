import { describe, expect, it } from 'vitest';
import type { ProcedureKind } from '#shared/contract/operations.ts';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

/** What stands under "Cancelling" while an operation of a kind runs. */
async function cancelling({ page, go, fixture }: ConsoleInTest, kind: ProcedureKind): Promise<string> {
  const { state } = fixture.engine;
  state.operations = state.operations.map((operation) => (operation.id === 'op-running' ? { ...operation, kind } : operation));
  await go('/operations/op-running');
  return page.locator('.stats div').filter({ hasText: 'Cancelling' }).locator('dd').innerText();
}

const leftBehind = 'the database neff_site__new on db-1 (the connection was lost)';
const message = 'The server closed the connection.';

/** The restore, failed, with a database that could not be taken back. */
function failed({ fixture }: ConsoleInTest, details: Record<string, unknown>): void {
  const { state } = fixture.engine;
  state.restores = state.restores.map((restore) => ({ ...restore, operationId: 'op-failed', state: 'failed', outcome: 'failed', equal: null }));
  state.operations = state.operations.map((operation) =>
    operation.id === 'op-failed' ? { ...operation, kind: 'restore.beside', summary: `${message} Left behind: ${leftBehind}.`, error: { code: 'postgres.connection-lost', message, retryable: true, details, correlationId: 'c0ffee' } } : operation,
  );
}

describe('what is said before anybody knows how it ends', () => {
  const at = useConsole();

  it('of cancelling a backup is that a whole copy stays', async () => {
    expect(await cancelling(at(), 'backup.run')).toContain('one that is whole stays');
  });

  it('of cancelling a swap is that it may be done by then', async () => {
    expect(await cancelling(at(), 'restore.swap')).toContain('then it is done');
  });

  it('of a failed restore is what its operation says it left', async () => {
    const current = at();
    failed(current, { leftBehind: [leftBehind] });
    await current.go('/systems/sys-neff/restore/restore-1');
    await current.page.getByText(`Left behind: ${leftBehind}`).waitFor();
    expect(await current.page.getByText('was dropped').count()).toBe(0);
  });

  it('of a restore that failed while one watched is no claim that nothing is left', async () => {
    const current = at();
    failed(current, { leftBehind: [leftBehind] });
    await current.go('/systems/sys-neff/restore/run/op-failed');
    await current.page.getByText(`Left behind: ${leftBehind}`).waitFor();
    expect(await current.page.getByText('nothing is left behind').count()).toBe(0);
  });
});
