/** A clock was set back: what is proven is dated ahead of it, and how old it is nobody knows. */
import { beforeEach, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

const at = useConsole();
beforeEach(() => at().page.clock.setSystemTime(Date.now() - 24 * 3_600_000));

it('a proven copy that is dated ahead of the clock is within no limits, and has no age', async () => {
  const { page, go } = at();
  await go('/systems/sys-neff/backups');
  const head = page.getByRole('region', { name: 'neff_paving_admin', exact: true });
  await head.getByText('An unknown time').waitFor();
  expect(await head.innerText()).toMatch(/An unknown time\s+Unknown\s+Dated ahead of this computer's clock, so nobody knows how old it is/);
});

it('the overview does not say how long ago such a copy was taken', async () => {
  const { page, go } = at();
  await go('/');
  const row = page.getByRole('row', { name: /Neff Paving/ });
  await row.getByText('an unknown time', { exact: true }).waitFor();
  expect(await row.innerText()).toMatch(/an unknown time\s+L3\s+neff_paving_admin/);
});
