/** The hosts of a system on its own screen. */
import { describe, expect, it } from 'vitest';
import type { Host } from '#shared/contract/hosts.ts';
import { awayError, changedKeyError, manyHosts } from '#test/web/fixture-hosts.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('the hosts of a system', () => {
  const at = useConsole();

  /** Its own screen, with these hosts instead of those that it has. */
  const open = async (change: (hosts: Host[]) => Host[], system = 'sys-neff') => {
    const { page, go, fixture } = at();
    fixture.engine.state.hosts = change(fixture.engine.state.hosts);
    await go(`/systems/${system}`);
    const panel = page.getByRole('region', { name: /^Hosts/ });
    await panel.waitFor();
    return panel;
  };
  const names = (panel: Awaited<ReturnType<typeof open>>) => panel.getByRole('rowheader').evaluateAll((cells) => cells.map((cell) => cell.firstChild?.textContent));

  it.each([['Test web-1', 'Test the way to web-1'], ['Look what runs on web-1', 'What runs on web-1'], ['Edit web-1', 'Edit web-1']])('are told with when each was reached and by what way, and "%s" is one press away', async (button, title) => {
    const panel = await open((hosts) => hosts);
    const row = panel.getByRole('row').filter({ has: at().page.getByRole('rowheader', { name: 'web-1' }) });
    expect([await row.getByText('Reached').count(), await row.getByText('8 h ago').count(), await row.getByText('through bastion').count()]).toEqual([1, 1, 1]);
    await panel.getByRole('button', { name: button }).click();
    expect(await at().page.getByRole('dialog', { name: title }).innerText()).toContain(title);
  });

  it('that need a person come first, with why and what to do', async () => {
    const panel = await open((hosts) => hosts.map((host) => (host.id === 'host-web' ? { ...host, lastError: changedKeyError } : host)));
    expect(await names(panel)).toEqual(['web-1', 'bastion']);
    const row = panel.getByRole('row').nth(1);
    expect([await row.getByText('Not reached').count(), await row.getByText('its key is another one than is known').count(), await row.getByText('Somebody may stand in between, or the machine was rebuilt.').count(), await row.getByText('last reached 8 h ago').count()]).toEqual([1, 1, 1, 1]);
    await row.getByRole('button', { name: 'Keys of web-1' }).click();
    await at().page.getByRole('button', { name: 'Replace the known key…' }).waitFor();
  });

  it('behind a machine that is away say which it is, and what to do stands there once', async () => {
    const panel = await open(() => manyHosts().map((host) => (host.id === 'host-bastion' ? { ...host, lastError: awayError } : host)));
    expect([(await names(panel)).slice(0, 3), await panel.getByText('at bastion: out of reach').count(), await panel.getByText('Check the network of this computer').count()]).toEqual([['bastion', 'app-1', 'app-2'], 7, 1]);
    await at().page.getByText('21 hosts not reached').waitFor();
    expect(await at().page.getByText('bastion: out of reach, and 20 hosts behind it').count()).toBe(1);
  });

  it('push the databases out of no small window, however many there are', async () => {
    const { page } = at();
    await page.setViewportSize({ width: 1024, height: 700 });
    const panel = await open(manyHosts);
    const few = await names(panel);
    const inSight = await page.getByRole('region', { name: /^Databases/ }).getByRole('row').evaluateAll((rows) => rows.every((row) => row.getBoundingClientRect().bottom <= window.innerHeight));
    await panel.getByRole('button', { name: 'Show all 21 hosts' }).click();
    expect([few.length, few[0], inSight, (await names(panel)).length]).toEqual([8, 'app-19', true, 21]);
  });

  it('can be checked where there is no database yet', async () => {
    const { fixture, page } = at();
    for (const system of fixture.engine.state.systems) system.databases = [];
    await open((hosts) => hosts);
    await page.getByRole('main').getByRole('link', { name: 'Run checks' }).click();
    await expect.poll(() => fixture.engine.state.ran.length).toBe(1);
  });

  it('that keep a database from being reached leave it its sentence, whose code stands in one piece', async () => {
    const { fixture, page } = at();
    await page.setViewportSize({ width: 1024, height: 700 });
    const [database] = fixture.engine.state.systems[0]?.databases ?? [];
    if (database !== undefined) database.lastError = awayError;
    await open((hosts) => hosts);
    const code = page.getByRole('region', { name: /^Databases/ }).getByText(awayError.code, { exact: true });
    const { lines, height } = await code.evaluate((element) => ({ lines: element.getClientRects().length, height: element.getBoundingClientRect().height }));
    expect([lines, height < 24]).toEqual([1, true]);
  });

  it('are one sentence and the way to the first where there is none', async () => {
    const panel = await open(() => []);
    await panel.getByText('None is known yet').waitFor();
    await panel.getByRole('button', { name: 'Add host' }).click();
    expect(await at().page.getByRole('dialog', { name: 'Add a host' }).innerText()).toContain('Name or address');
  });
});
