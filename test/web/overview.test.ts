import { describe, expect, it } from 'vitest';
import type { Need } from '#shared/contract/systems.ts';
import { useConsole } from '#test/web/use-console.ts';

const minute = 60_000;

describe('the overview of a console that was left open', () => {
  const at = useConsole();

  /** Its clock is the test's from here on. */
  async function openWithClock(): Promise<void> {
    const { page } = at();
    await page.clock.install();
    await page.reload();
    await page.getByRole('heading', { name: 'One system is critical' }).waitFor();
  }

  it('says what has grown old although nothing happened', async () => {
    const { page, fixture } = at();
    await openWithClock();
    fixture.engine.state.systems = fixture.engine.state.systems.map((system) => ({ ...system, name: `${system.name}, overdue` }));
    await page.clock.fastForward(minute + 1000);
    await page.getByRole('navigation').getByText('Neff Paving, overdue').waitFor();
    expect(await page.getByRole('main').getByRole('link', { name: 'Neff Paving, overdue' }).count()).toBe(1);
  });

  it('marks its own age where it could not be read anew', async () => {
    const { page, fixture } = at();
    await openWithClock();
    expect(await page.locator('.lede .age.stale').count()).toBe(0);
    fixture.engine.hold('overview.get');
    await page.clock.fastForward(4 * minute);
    await page.locator('.lede .age.stale').waitFor();
    expect(await page.locator('.lede .age').innerText()).toMatch(/^4 min/);
  });
});

describe('what needs a person', () => {
  const at = useConsole();

  it('is counted as what is shown and what is folded into it, and says so', async () => {
    const section = at().page.getByRole('region', { name: /^Needs you/ });
    await section.waitFor();
    const rows = await section.getByRole('listitem').count();
    expect([rows, await section.getByRole('heading').innerText(), await section.getByText('5 rows, and 1 more named in them').count(), await section.getByText('and 1 more to look at').count()]).toEqual([5, 'Needs you 6', 1, 1]);
  });

  it('shows each of two that read the same once, also when what stood before them is done with', async () => {
    const { fixture, page, go } = at();
    const [need] = fixture.engine.state.needs;
    const twice = ['op-1', 'op-2'].map((id) => ({ ...need, text: 'Check Neff Paving failed: the disk is full', more: 0, action: { label: 'See what failed', kind: 'open-operation', id } }) as Need);
    fixture.engine.state.needs = [{ ...need, text: 'Something else', more: 0 } as Need, ...twice];
    await page.reload();
    await go('/');
    const rows = page.getByRole('region', { name: /^Needs you/ }).getByRole('listitem');
    await page.getByText('Something else').waitFor();
    fixture.engine.state.needs = twice;
    fixture.engine.change({ topics: ['operations'] });
    await page.getByText('Something else').waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(2);
  });
  it('says of a database that is not reached when it was last seen, not since when it is so', async () => {
    const { page, fixture, go } = at();
    const [need] = fixture.engine.state.needs;
    fixture.engine.state.needs = [{ ...need, state: 'unknown', text: 'shop is not reached', since: new Date(Date.now() - 180_000).toISOString(), action: { label: 'Test connection', kind: 'test-connection', id: 'db-site' } } as Need];
    await page.reload();
    await go('/');
    await page.getByText('shop is not reached').waitFor();
    expect(await page.locator('.need .when').allInnerTexts()).toEqual(['seen 3 min ago']);
  });
});

describe('the screen of a system that was left open', () => {
  const at = useConsole({ start: '/systems/sys-neff' });

  it('is read anew by the clock', async () => {
    const { page, fixture } = at();
    await page.clock.install();
    await page.reload();
    await page.getByRole('heading', { name: 'Neff Paving', level: 1 }).waitFor();
    fixture.engine.state.systems = fixture.engine.state.systems.map((system) => ({ ...system, name: `${system.name}, overdue` }));
    await page.clock.fastForward(minute + 1000);
    await page.getByRole('heading', { name: 'Neff Paving, overdue', level: 1 }).waitFor();
    expect(fixture.engine.asked('system.get')).toBeGreaterThan(1);
  });
});
