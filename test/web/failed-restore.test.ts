import { describe, expect, it } from 'vitest';
import { failedRestore } from '#test/web/fixture-work.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('a restore that failed', () => {
  const at = useConsole();
  const fail = (code = 'postgres.connection-lost') => {
    const { state } = at().fixture.engine;
    const { restore, operation } = failedRestore();
    const error = operation.error === null ? null : { ...operation.error, code: code as 'postgres.connection-lost' };
    state.restores = [{ ...restore, into: 'neff_site__again' }, ...state.restores];
    state.operations = [{ ...operation, error }, ...state.operations];
    return state;
  };
  const watch = '/systems/sys-neff/restore/run/op-restore';
  const primary = () => at().page.locator('[data-primary]').innerText();

  it.each([['where it was watched', watch], ['in its operation', '/operations/op-restore'], ['on its own screen', '/systems/sys-neff/restore/restore-failed']])('is tried again %s, with the same choices, after its plan was seen', async (_where, path) => {
    const { page, go, fixture } = at();
    fail();
    await go(path);
    await page.getByRole('button', { name: 'Try again…' }).waitFor();
    const first = await primary();
    await page.getByRole('button', { name: 'Try again…' }).click();
    await page.getByRole('dialog', { name: 'Restore neff_site beside the original, into neff_site__again?' }).waitFor();
    expect([first, fixture.engine.asked('restore.plan')]).toEqual(['Try again…', 1]);
  });
  it('only where it was interrupted when its copy stood already leads to that copy, and is not made again', async () => {
    const { page, go } = at();
    const state = fail();
    state.restores = state.restores.map((restore) => (restore.id === 'restore-failed' ? { ...restore, state: 'beside', outcome: 'clean', equal: true } : restore));
    state.operations = state.operations.map((operation) => (operation.id === 'op-restore' ? { ...operation, state: 'interrupted', error: null, advice: 'The restore was over: neff_site__again stands beside neff_site, equal to the backup. Open the restore to go on.' } : operation));
    await go('/operations/op-restore');
    await page.getByRole('link', { name: 'Compare the copy' }).waitFor();
    expect([await primary(), await page.getByRole('button', { name: 'Try again…' }).count()]).toEqual(['Compare the copy', 0]);
  });
  it('for the copy’s own fault is made of another copy first', async () => {
    fail('restore.counts-differ');
    await at().go(watch);
    await at().page.getByRole('button', { name: 'Try again…' }).waitFor();
    expect(await primary()).toBe('Choose another copy');
  });
  it('has what it left on the server shown and dropped, and nothing where it left nothing', async () => {
    const { page, go, fixture } = at();
    const state = fail();
    await go(watch);
    await page.getByRole('link', { name: 'See what it left' }).waitFor();
    const before = await page.getByRole('button', { name: 'Drop what was left…' }).count();
    state.leftBehind = 'neff_site__again';
    fixture.engine.change({ topics: ['restores'] });
    await page.getByRole('button', { name: 'Drop what was left…' }).waitFor();
    await page.getByRole('link', { name: 'See what it left' }).click();
    await page.getByText('neff_site__again is still there, half restored.').waitFor();
    await page.getByRole('button', { name: 'Drop what was left…' }).click();
    await page.getByRole('dialog', { name: 'Drop the restored copy?' }).waitFor();
    expect([before, fixture.engine.asked('restore.planDrop')]).toEqual([0, 1]);
  });
  it('says what went wrong once, and what is left beside it', async () => {
    const { page, go } = at();
    fail();
    await go('/operations/op-restore');
    await page.getByText(/^Left behind: the database neff_site__new/).waitFor();
    expect(await page.locator('.headx').getByText('the connection was lost').count()).toBe(1);
  });
});
