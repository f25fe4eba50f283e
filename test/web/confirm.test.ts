import { describe, expect, it } from 'vitest';
import { waitFor } from '#test/wait-for.ts';
import { useConsole } from '#test/web/use-console.ts';

describe('a confirmation', () => {
  const at = useConsole();

  it('names the environment, asks a question and has Cancel focused', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('dialog', { name: 'Back up neff_paving_admin now?' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === 'Cancel');
    expect(await page.getByRole('dialog').getByText('Production').count()).toBe(1);
  });

  it('with a typed name runs nothing before the name is right', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/restore/restore-1');
    await page.getByLabel('Type its name: neff_site').fill('neff_sit');
    expect(await page.getByRole('button', { name: 'Swap neff_site' }).isDisabled()).toBe(true);
  });

  it('sends the typed name with the plan', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/restore/restore-1');
    await page.getByLabel('Type its name: neff_site').fill('neff_site');
    await page.getByRole('button', { name: 'Swap neff_site' }).click();
    await page.getByRole('button', { name: 'Cancel swap' }).waitFor();
    expect(fixture.engine.state.ran.map(({ confirmName }) => confirmName)).toEqual(['neff_site']);
  });

  it('is not pressed by Ctrl Enter where it destroys', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/backups/b-site');
    await page.getByRole('button', { name: 'Delete copy…' }).click();
    await page.getByLabel(/Type its name/).fill('neff_site');
    await page.getByRole('button', { name: 'Cancel' }).focus();
    await page.keyboard.press('Control+Enter');
    expect(fixture.engine.state.ran).toEqual([]);
  });

  it('that expired says so where it stands and plans again', async () => {
    const { page, go, fixture } = at();
    fixture.engine.fail('operation.run', { code: 'operation.plan-expired', message: 'This plan is too old.', hint: 'Plan again.' });
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back up neff_paving_admin' }).click();
    await page.getByRole('alert').getByText('operation.plan-expired').waitFor();
    const before = fixture.engine.asked('backup.plan');
    await page.getByRole('alert').getByRole('button', { name: 'Plan again' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    expect(fixture.engine.asked('backup.plan')).toBe(before + 1);
  });

  it('shows the plan of the chosen options, not of earlier ones', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText('One new copy of neff_paving_admin as a folder').waitFor();
    await page.getByLabel('Database').selectOption({ label: 'neff_site' });
    await page.getByLabel('Form').selectOption({ label: 'One file' });
    await page.getByText('One new copy of neff_site as one file').waitFor();
    expect(await page.getByRole('button', { name: 'Back up neff_site' }).isEnabled()).toBe(true);
  });

  it('is closed by Escape and nothing has run', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/backups');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByRole('button', { name: 'Back up neff_paving_admin' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(fixture.engine.state.ran).toEqual([]);
  });

  it('is not asked for checks that only read', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/health');
    await page.getByRole('button', { name: 'Run checks' }).click();
    await page.getByRole('link', { name: 'Watch the log' }).waitFor();
    expect({ ran: fixture.engine.state.ran.length, dialogs: await page.getByRole('dialog').count() }).toEqual({ ran: 1, dialogs: 0 });
  });

  it('that was closed while it was worked out starts nothing, not even checks', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/health');
    const answer = fixture.engine.hold('health.plan');
    await page.getByRole('button', { name: 'Run checks' }).click();
    await page.getByRole('dialog', { name: 'Run checks' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    answer();
    // The answers come in their order: whoever has this one had the plan before, and would have run it.
    await go('/operations/op-failed');
    await page.getByRole('button', { name: 'Mark as seen' }).click();
    await waitFor('the call after it', () => fixture.engine.asked('operation.acknowledge') === 1);
    expect(fixture.engine.state.ran).toEqual([]);
  });

  it('is gone with its screen', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/backups');
    await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor();
    await go('/systems/sys-neff/backups/b-site');
    await page.getByRole('button', { name: 'Delete copy…' }).click();
    await page.getByRole('dialog', { name: 'Delete this copy of neff_site?' }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Backups', level: 1 }).waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('that is gone with its screen does not come back when its plan is there', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/backups/b-site');
    const answer = fixture.engine.hold('backup.planDelete');
    await page.getByRole('button', { name: 'Delete copy…' }).click();
    await page.getByRole('dialog').waitFor();
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    answer();
    await go('/operations/op-failed');
    await page.getByRole('button', { name: 'Mark as seen' }).click();
    await waitFor('the call after it', () => fixture.engine.asked('operation.acknowledge') === 1);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });
});
