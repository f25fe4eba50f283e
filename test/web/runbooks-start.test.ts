import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

const start = '/systems/sys-neff/runbooks/start/neff-paving/connections-run-out';

describe('before a runbook is started', () => {
  const at = useConsole({ start });
  const begin = () => at().page.getByRole('button', { name: /^Start (?:it|the)/ });

  it('cannot be started while something is missing, and begins with what was filled in', async () => {
    const { page, fixture } = at();
    await page.getByText('To fill in: Slot to drop').waitFor();
    const before = await begin().isDisabled();
    await page.getByLabel('Slot to drop').fill('reports_copy');
    await page.getByLabel('Token of the pager').fill('a token of the pager');
    await page.getByLabel('On paper').check();
    await begin().and(page.locator(':enabled')).click();
    await page.waitForFunction(() => window.location.hash === '#/walkthroughs/w-now');
    expect([before, fixture.engine.state.runbooks.started]).toEqual([
      true,
      [expect.objectContaining({ ref: 'neff-paving/connections-run-out', systemId: 'sys-neff', mode: 'paper', bindings: { db: { databaseId: 'db-admin' }, pager: { url: 'https://pager.example/' } }, values: { slot: 'reports_copy', why: 'planned', tell: ['dba@neff.example'] } })],
    ]);
  });

  it('shows each command with what was typed, and what is not known yet as such', async () => {
    const { page } = at();
    const command = page.getByLabel('Step 3, SQL', { exact: true });
    await command.locator('mark').waitFor();
    await page.getByLabel('Slot to drop').fill('reports_copy');
    await page.getByText("SELECT pg_drop_replication_slot('reports_copy')").waitFor();
    expect(await command.locator('mark').count()).toBe(0);
  });

  it('asks a parameter only where its condition holds', async () => {
    const { page } = at();
    await page.getByLabel('Ticket').waitFor();
    await page.getByLabel('Why now').selectOption('emergency');
    await page.getByLabel('Ticket').waitFor({ state: 'detached' });
    await page.getByLabel('Why now').selectOption('planned');
    await page.getByLabel('Ticket').waitFor();
    expect(await page.getByLabel('Ticket').count()).toBe(1);
  });

  it('sends a local time as the instant that it is', async () => {
    const { page, fixture } = at();
    await page.getByLabel('Slot to drop').fill('reports_copy');
    await page.getByLabel('Since when').fill('2026-03-04T22:15');
    await begin().and(page.locator(':enabled')).click();
    await page.waitForFunction(() => window.location.hash === '#/walkthroughs/w-now');
    const instant = await page.evaluate(() => new Date(2026, 2, 4, 22, 15).toISOString().replace('.000Z', 'Z'));
    expect(fixture.engine.state.runbooks.started).toEqual([expect.objectContaining({ values: expect.objectContaining({ since: instant }) })]);
  });

  it('says beside a field what is wrong with it', async () => {
    const { page } = at();
    await page.getByLabel('Slot to drop').fill('two words');
    await page.getByText('A slot has no space in its name.').waitFor();
    expect([await page.getByLabel('Slot to drop').getAttribute('aria-invalid'), await begin().isDisabled()]).toEqual(['true', true]);
  });

  it('asks a server for choices only when somebody presses, and shows before what is sent', async () => {
    const { page, fixture } = at();
    await page.getByRole('button', { name: 'Ask Server whose disk fills for choices…' }).click();
    await page.getByText('SELECT slot_name FROM pg_replication_slots WHERE NOT active').waitFor();
    const before = fixture.engine.asked('runbook.options');
    await page.getByRole('button', { name: 'Ask Server whose disk fills for Slot to drop' }).click();
    await page.getByRole('button', { name: 'standby_2' }).click();
    expect([before, fixture.engine.asked('runbook.options'), await page.getByRole('textbox', { name: 'Slot to drop' }).inputValue()]).toEqual([0, 1, 'standby_2']);
  });

  it('keeps what was filled in over a reload, and no secret', async () => {
    const { page } = at();
    await page.getByLabel('Slot to drop').fill('reports_copy');
    await page.getByLabel('Token of the pager').fill('a-token-that-is-secret');
    await page.getByLabel('Rehearsal').check();
    await page.reload();
    await page.getByLabel('Slot to drop').waitFor();
    const kept = await page.evaluate(() => JSON.stringify({ ...window.sessionStorage, ...window.localStorage }));
    expect([await page.getByLabel('Slot to drop').inputValue(), await page.getByLabel('Token of the pager').inputValue(), await page.getByLabel('Rehearsal').isChecked(), kept.includes('a-token-that-is-secret')]).toEqual(['reports_copy', '', true, false]);
  });

  it('warns of what is overdue, never walked, and destructive on production', async () => {
    const { page } = at();
    const warning = page.locator('.begin .tint.warn');
    await warning.getByText('on production').waitFor();
    const live = await warning.innerText();
    await page.getByLabel('On paper').check();
    await expect.poll(() => warning.innerText()).not.toContain('on production');
    expect(live).toMatch(/review was due[\s\S]*never walked[\s\S]*destroys something on production/);
  });

  it('names the earlier walkthrough that it takes the place of', async () => {
    const { page, fixture, go } = at();
    await go(`${start}/continues/w-before`);
    await page.getByLabel('Slot to drop').fill('reports_copy');
    await begin().and(page.locator(':enabled')).click();
    await page.waitForFunction(() => window.location.hash === '#/walkthroughs/w-now');
    expect(fixture.engine.state.runbooks.started).toEqual([expect.objectContaining({ continues: 'w-before' })]);
  });

  it('cannot be started with errors in its file, and leads to them', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/runbooks/start/own/wal-fills-the-disk');
    await page.getByText('1 error in the file keeps it from being started.').waitFor();
    await page.getByLabel('Slot to drop').fill('reports_copy');
    expect([await begin().isDisabled(), await page.getByRole('link', { name: 'Open the editor' }).getAttribute('href')]).toEqual([true, '#/systems/sys-neff/runbooks/edit/own/wal-fills-the-disk']);
  });

  it('is chosen for a system where it is opened for none', async () => {
    const { page, go } = at();
    await go('/runbooks/start/neff-paving/connections-run-out');
    await page.getByLabel('For which system').selectOption({ label: 'Practice' });
    await page.getByLabel('Slot to drop').fill('reports_copy');
    await begin().and(page.locator(':enabled')).click();
    await page.waitForFunction(() => window.location.hash === '#/walkthroughs/w-now');
    expect(at().fixture.engine.state.runbooks.started).toEqual([expect.objectContaining({ systemId: 'sys-practice' })]);
  });

  it('is saved as a checklist', async () => {
    const { page } = at();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the checklist' }).click();
    expect((await download).suggestedFilename()).toBe('connections-run-out-checklist.html');
  });

  it('is printed with what was filled in, without the frame around it', async () => {
    const { page } = at();
    await page.getByLabel('Slot to drop').fill('reports_copy');
    await page.getByRole('link', { name: 'Print…' }).click();
    await page.getByText("SELECT pg_drop_replication_slot('reports_copy')").waitFor();
    await page.emulateMedia({ media: 'print' });
    expect([await page.getByRole('navigation', { name: 'Main' }).count(), await page.getByRole('button', { name: 'Print the checklist' }).isVisible(), await page.getByRole('heading', { name: '3. Drop the slot' }).isVisible()]).toEqual([0, false, true]);
  });
});
