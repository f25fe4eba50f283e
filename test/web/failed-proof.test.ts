import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '#shared/domain/errors.ts';
import { operation } from '#test/web/fixture-work.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('a proof', () => {
  const at = useConsole();
  const open = async (kind: 'backup.run' | 'backup.verify', code: ErrorCode) => {
    const { fixture, go, page } = at();
    const message = 'Restoring into pilothouse_proof_1 on db-1.neffpaving.example:5432 stopped: the connection was lost.';
    const failed = operation('op-proof', 'Verify the backup of neff_site', { kind, state: 'failed', result: null, summary: message, error: { code, message, hint: 'Check the line and the server, then prove the backup again.', retryable: true, details: { backupId: 'b-site', upTo: 'L2' }, correlationId: 'c0ffee' } });
    fixture.engine.state.operations = [failed, ...fixture.engine.state.operations];
    await go('/operations/op-proof');
    return page;
  };
  it.each(['backup.run', 'backup.verify'] as const)('that could not be made is made again, as far as it was to go, after %s', async (kind) => {
    const page = await open(kind, 'postgres.connection-lost');
    await page.getByRole('button', { name: 'Prove again…' }).click();
    await page.getByRole('dialog', { name: 'Prove this copy of neff_site to L2?' }).waitFor();
    expect(await page.getByRole('link', { name: 'Back up again…' }).count()).toBe(0);
  });
  it('that found something is followed by the backup that it found wanting, and another one', async () => {
    const page = await open('backup.verify', 'backup.proof-failed');
    await page.getByRole('link', { name: 'Back up again…' }).waitFor();
    expect([await page.locator('[data-primary]').innerText(), await page.getByRole('button', { name: 'Prove again…' }).count()]).toEqual(['Open the backup', 0]);
  });
});
