import { describe, expect, it } from 'vitest';
import { healthOfFleet, healthOfHosts } from '#test/web/fixture-health.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('what was found on hosts', () => {
  const at = useConsole();
  const open = async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.health = healthOfHosts();
    await go('/systems/sys-neff/health');
    await page.getByRole('heading', { name: /^Critical/ }).waitFor();
    return page;
  };
  it('is told by the name of the host, with the machine on the way and the cure', async () => {
    const page = await open();
    const row = page.getByRole('button', { name: /Connection over SSH/ });
    expect(await row.textContent()).toContain('files-1');
    await page.getByText('ssh.timeout').waitFor();
    await page.getByText('reached through bastion').waitFor();
  });
  it('is said once where a host is away, however many checks wait for it', async () => {
    const page = await open();
    expect(await page.getByText('Not asked: the host could not be reached').count()).toBe(1);
    await page.getByText('3 checks', { exact: true }).waitFor();
  });
  it('is said once of twenty hosts that lack the same, and leads to where each is given it', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.health = healthOfFleet();
    await go('/systems/sys-neff/health');
    const rows = page.getByRole('region', { name: /^Could not look/ }).locator('.blindrow');
    await rows.first().waitFor();
    expect([await rows.count(), await rows.getByText('3 checks', { exact: true }).count(), (await rows.first().innerText()).includes(' and 18 more'), await rows.getByRole('link', { name: 'Test these 20…' }).count()]).toEqual([1, 1, true, 1]);
    await rows.getByText('Which checks, and where').click();
    expect([await rows.getByRole('listitem').count(), await rows.getByText('Clock, Connection over SSH, Memory').count()]).toEqual([20, 1]);
    await rows.getByRole('link', { name: 'Test web-1' }).click();
    await page.getByRole('dialog', { name: 'Test the way to web-1' }).waitFor();
  });
  it('that is wrong with several alike is one row, with each of them inside', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.health = healthOfFleet();
    await go('/systems/sys-neff/health');
    const critical = page.getByRole('region', { name: /^Critical 5/ });
    const row = critical.getByRole('button', { name: /app-1, app-2 and 3 more/ });
    await row.waitFor();
    expect([await row.getAttribute('aria-expanded'), await critical.getByRole('button', { name: /^Critical app-\d / }).count()]).toEqual(['true', 5]);
  });
  it('is mended in a shell, and shows what was asked of the host', async () => {
    const page = await open();
    await page.getByRole('button', { name: /Disk space/ }).click();
    expect(await page.getByLabel('DO', { exact: true }).textContent()).toContain("du -xk '/srv/my data'");
    await page.getByRole('button', { name: 'Show what was asked' }).last().click();
    await page.getByText('df -P -k').waitFor();
  });
  it('that nobody could see has a command to be copied', async () => {
    const page = await open();
    expect(await page.getByRole('button', { name: 'Copy what would open the eyes of Errors in the journal' }).textContent()).toContain('Copy command');
  });
  it('that nobody could see lies over nothing on a narrow screen', async () => {
    const page = await open();
    await page.setViewportSize({ width: 720, height: 900 });
    const [title, opener] = await page.locator('.blindrow').first().evaluate((row) => [row.children[1], row.lastElementChild].map((element) => element?.getBoundingClientRect().toJSON() as { top: number; bottom: number }));
    expect((opener?.top ?? 0) >= (title?.bottom ?? Infinity)).toBe(true);
  });
  it('goes by limits that stand apart from those of Postgres', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'Thresholds' }).click();
    const rows = page.getByRole('dialog').getByRole('row');
    await page.getByRole('dialog').getByText('Disk space').waitFor();
    const texts = await rows.allTextContents();
    expect([texts.findIndex((text) => text === 'Postgres'), texts.findIndex((text) => text === 'Hosts') > texts.findIndex((text) => text.startsWith('Connections')), texts.findIndex((text) => text.startsWith('Disk space')) > texts.findIndex((text) => text === 'Hosts')]).toEqual([1, true, true]);
  });
});
