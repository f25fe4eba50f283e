import { expect, it } from 'vitest';
import { unfinishedDump } from '#test/web/fixture-work.ts';
import { useConsole } from '#test/web/use-console.ts';

const at = useConsole();

it('beside an interrupted backup nothing is offered until it is known whether its dump waits on a host', async () => {
  const { page, go, fixture } = at();
  fixture.engine.state.unfinished = [unfinishedDump()];
  const answer = fixture.engine.hold('backup.unfinished');
  await go('/operations/op-interrupted');
  await page.getByText('The half-made copy was removed at the next start.').waitFor();
  const offered = await page.getByRole('link', { name: 'Back up again…' }).count();
  answer();
  await page.getByRole('button', { name: 'Continue…' }).waitFor();
  expect(offered).toBe(0);
});
it('where that cannot be read, it is made again', async () => {
  const { page, go, fixture } = at();
  fixture.engine.fail('backup.unfinished', { code: 'store.unwritable', message: 'The disk is full.' });
  await go('/operations/op-interrupted');
  await page.getByRole('link', { name: 'Back up again…' }).waitFor();
  expect(await page.getByRole('button', { name: 'Continue…' }).count()).toBe(0);
});
