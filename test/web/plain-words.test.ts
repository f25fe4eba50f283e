import { describe, expect, it } from 'vitest';
import { waitFor } from '#test/wait-for.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('what the screens say', () => {
  const at = useConsole();

  it('counts every finding that one line of the overview stands for', async () => {
    const { page, go } = at();
    await go('/');
    await page.getByText('and 1 more to look at').waitFor();
    expect(await page.getByText('6 things need a person.').count()).toBe(1);
  });

  it('offers only commands to be copied as commands', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/health');
    await page.getByText('Wait until the statistics are a week old.').waitFor();
    expect(await page.getByRole('button', { name: /^Copy what would open/ }).count()).toBe(1);
  });

  it('gives limits of sizes in units people read', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: 'Thresholds' }).click();
    expect(await page.getByLabel('Warn limit of Replication slots, in GiB').inputValue()).toBe('1');
  });

  it('never calls all done what still runs', async () => {
    const { page, go, fixture } = at();
    const { state } = fixture.engine;
    state.events.set('op-running', (state.events.get('op-running') ?? []).map((event) => (event.kind === 'progress' ? { ...event, fraction: 1, leftMs: null } : event)));
    await go('/operations/op-running');
    await page.getByText('over 99 %').waitFor();
    expect(await page.getByText('100 %').count()).toBe(0);
  });

  it('gives the time left as planned until the progress knows it', async () => {
    const { page, go, fixture } = at();
    const { state } = fixture.engine;
    const startedAt = new Date().toISOString();
    state.events.set('op-running', []);
    state.operations = state.operations.map((operation) => (operation.id === 'op-running' ? { ...operation, startedAt, fraction: null, leftMs: null } : operation));
    await go('/operations/op-running');
    expect(await page.getByText(/^about \d+ s, as planned$/).innerText()).toMatch(/^about (3[0-9]|4[0-2]) s/);
  });

  it('counts the time so far while one looks', async () => {
    const { page, go } = at();
    await go('/operations/op-running');
    const soFar = page.locator('.stats div').filter({ hasText: 'So far' }).locator('dd');
    const before = await soFar.innerText();
    await page.waitForFunction((old) => [...document.querySelectorAll('.stats div')].some((each) => each.querySelector('dt')?.textContent === 'So far' && each.querySelector('dd')?.textContent !== old), before);
    expect(await soFar.innerText()).not.toBe(before);
  });

  it('shows a statement once in a find, with its match marked, and its log at the line that was found', async () => {
    const { page, go } = at();
    await go('/history');
    await page.getByLabel('Search history').fill('pg_dump --format');
    const find = page.locator('.pane.l .res .x').first();
    await find.locator('mark').first().waitFor();
    await page.locator('.out li.here mark').waitFor();
    const here = await page.locator('.out li.here').boundingBox();
    const log = await page.locator('.out ol').boundingBox();
    expect({ times: (await find.innerText()).split('pg_dump').length - 1, inSight: here !== null && log !== null && here.y >= log.y && here.y + here.height <= log.y + log.height + 1 }).toEqual({ times: 1, inSight: true });
  });

  it('says that an export is not all, and goes on with the next part', async () => {
    const { page, go } = at();
    await go('/history');
    await page.getByRole('button', { name: 'Export', exact: false }).first().click();
    const dialog = page.getByRole('dialog');
    const names: string[] = [];
    page.on('download', (download) => names.push(download.suggestedFilename()));
    await dialog.getByRole('button', { name: 'Export history' }).click();
    await dialog.getByText('That is not all').waitFor();
    await dialog.getByRole('button', { name: 'Export the next part' }).click();
    await dialog.getByText('9 events written to history-before-event-17.md').waitFor();
    await waitFor('both downloads', () => names.length === 2);
    expect({ names, more: await dialog.getByText('That is not all').count() }).toEqual({ names: ['history.md', 'history-before-event-17.md'], more: 0 });
  });

  it('keeps the buttons of a plan in sight on a low screen', async () => {
    const { page, go } = at();
    await page.setViewportSize({ width: 1024, height: 480 });
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    const button = page.getByRole('dialog').getByRole('button', { name: 'Back up neff_paving_admin' });
    await button.waitFor();
    const box = await button.boundingBox();
    expect(box !== null && box.y + box.height <= 480).toBe(true);
  });

  it('shows on a low screen that what a plan says was refused', async () => {
    const { page, go, fixture } = at();
    await page.setViewportSize({ width: 1024, height: 480 });
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    fixture.engine.fail('operation.run', { code: 'operation.busy', message: 'Something else is under way there.' });
    const button = page.getByRole('dialog').getByRole('button', { name: 'Back up neff_paving_admin' });
    await button.click();
    const refusal = page.getByRole('alert').getByText('Something else is under way there.');
    await refusal.waitFor();
    const above = async () => ((await button.boundingBox())?.y ?? 0) - ((await refusal.boundingBox())?.y ?? Infinity);
    await expect.poll(above).toBeGreaterThan(16);
  });

  it('names this computer where work belongs to no system', async () => {
    const { page, go, fixture } = at();
    const { state } = fixture.engine;
    state.operations = state.operations.map((operation) => ({ ...operation, systemId: null, systemName: null }));
    await go('/operations');
    expect(await page.getByRole('cell', { name: /this computer/ }).count()).toBe(state.operations.length);
  });
});
