/** The screen of a walkthrough: what a press does, what it sends, and what stays where somebody else was faster. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import type { WalkedStep, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { at as stepAt, failedStep, further } from '#test/web/fixture-walkthroughs.ts';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

/** Opens a walkthrough, after the fixture was told how it stands. */
async function opened(current: ConsoleInTest, id: string, change: (view: WalkthroughView) => WalkthroughView = (view) => view): Promise<ConsoleInTest> {
  const { walks } = current.fixture.engine.state;
  const view = walks.views.get(id);
  if (view === undefined) throw new Error(`No walkthrough ${id} is known.`);
  walks.views.set(id, change(view));
  await current.go(`/walkthroughs/${id}`);
  await current.page.getByRole('region', { name: 'Current step' }).waitFor();
  return current;
}

const main = (page: Page) => page.getByRole('region', { name: 'Current step' });
const readingStep = (more: Partial<WalkedStep> = {}) => (view: WalkthroughView): WalkthroughView => further({ ...view, steps: view.steps.map((step) => (step.key === 'archiving' ? { ...step, state: 'pending' as const } : step)) }, 'archiving', { state: 'eligible', can: ['run', 'record', 'skip'], ...more });
const acts = ({ fixture }: ConsoleInTest) => fixture.engine.state.walks.acts.map(({ act }) => act);

/** Somebody else does something in the same walkthrough; this window has not heard of it. */
function elsewhere({ fixture }: ConsoleInTest, id: string, change: (view: WalkthroughView) => WalkthroughView): void {
  const { views } = fixture.engine.state.walks;
  const view = views.get(id);
  if (view === undefined) throw new Error(`No walkthrough ${id} is known.`);
  const next = change(view);
  views.set(id, { ...next, run: { ...next.run, seq: view.run.seq + 1 } });
}

describe('a step that only reads', () => {
  const at = useConsole();

  it('is run by one press, with no question', async () => {
    const current = await opened(at(), 'w-now', readingStep());
    await main(current.page).getByRole('button', { name: 'Run it', exact: true }).click();
    await main(current.page).getByRole('region', { name: 'Operation of this step' }).waitFor();
    expect([await current.page.getByRole('dialog').count(), current.fixture.engine.asked('walkthrough.planStep'), current.fixture.engine.state.ran.length]).toEqual([0, 1, 1]);
  });

  it('asks all the same where its plan wants something', async () => {
    const current = await opened(at(), 'w-now', readingStep());
    current.fixture.engine.state.walks.plan = { confirmName: 'neff_paving_admin' };
    await main(current.page).getByRole('button', { name: 'Run it', exact: true }).click();
    await current.page.getByRole('dialog').getByLabel('Type its name: neff_paving_admin').waitFor();
    expect(current.fixture.engine.state.ran).toEqual([]);
  });

  it('ends without a word over the screen that shows it', async () => {
    const current = await opened(at(), 'w-now', readingStep());
    const { page, fixture: { engine } } = current;
    await main(page).getByRole('button', { name: 'Run it', exact: true }).click();
    await main(page).getByRole('region', { name: 'Operation of this step' }).waitFor();
    engine.state.walks.views.set('w-now', further(engine.state.walks.views.get('w-now') as WalkthroughView, 'base', { state: 'eligible', can: ['run'] }));
    const operation = engine.state.operations.find(({ kind }) => kind === 'runbook.step');
    const asked = engine.asked('operation.get');
    engine.finish(operation?.id ?? '', {});
    engine.change({ topics: ['runbooks'] });
    await page.getByRole('heading', { name: 'Take a new base backup', level: 1 }).waitFor();
    await expect.poll(() => engine.asked('operation.get')).toBeGreaterThan(asked);
    // What ends elsewhere is told, and comes after.
    engine.finish('op-running', { summary: 'the last one' });
    await page.locator('.toast').filter({ hasText: 'the last one' }).waitFor();
    expect(await page.locator('.toast').count()).toBe(1);
  });

  it('whose operation came to nothing says why, and can be run again', async () => {
    const current = await opened(at(), 'w-now', readingStep());
    const { page, fixture: { engine } } = current;
    await main(page).getByRole('button', { name: 'Run it', exact: true }).click();
    await main(page).getByRole('region', { name: 'Operation of this step' }).waitFor();
    const operation = engine.state.operations.find(({ kind }) => kind === 'runbook.step');
    engine.finish(operation?.id ?? '', { state: 'failed', summary: 'It was not sent', error: { code: 'ssh.unreachable', message: 'db-1 did not answer.', hint: 'Look whether it runs.', retryable: true, details: {}, correlationId: '' } });
    const panel = main(page).getByRole('alert').filter({ hasText: 'db-1 did not answer.' });
    await panel.getByRole('button', { name: 'Try again' }).click();
    await page.waitForFunction(() => document.body.innerText.includes('Cancel step'));
    expect(engine.asked('walkthrough.planStep')).toBe(2);
  });
});

describe('a step that changes something', () => {
  const at = useConsole();

  it('shows what goes out in its question, and wants the typed name', async () => {
    const current = await opened(at(), 'w-now');
    await main(current.page).getByRole('button', { name: 'Run it…' }).click();
    const dialog = current.page.getByRole('dialog', { name: 'Run "Drop the slot"?' });
    const focused = await dialog.getByRole('button', { name: 'Cancel' }).evaluate((button) => document.activeElement === button);
    const shown = await dialog.getByLabel('SQL', { exact: true }).innerText();
    await dialog.getByLabel('Type its name: neff_paving_admin').fill('neff_paving_admin');
    await dialog.getByRole('button', { name: 'Drop the slot' }).click();
    await main(current.page).getByRole('region', { name: 'Operation of this step' }).waitFor();
    expect([focused, shown, current.fixture.engine.state.ran[0]?.confirmName]).toEqual([true, "SELECT pg_drop_replication_slot('reports_copy');", 'neff_paving_admin']);
  });

  it('that failed is tried again as it stands then: reopened first, then planned', async () => {
    const current = await opened(at(), 'w-failed');
    const { walks } = current.fixture.engine.state;
    walks.onAct = (view, act) => (act.kind === 'retry' ? stepAt(view, 'drop', { state: 'eligible', attempt: 2, can: ['run', 'record'] }) : view);
    await main(current.page).getByRole('button', { name: 'Try again…' }).click();
    await current.page.getByRole('dialog', { name: 'Run "Drop the slot"?' }).waitFor();
    expect(acts(current)).toEqual([{ kind: 'retry', key: 'drop' }]);
  });

  it('that cannot be skipped has no button for it, and says so', async () => {
    const current = await opened(at(), 'w-now');
    expect([await main(current.page).getByRole('button', { name: 'Skip…' }).count(), await main(current.page).getByText('Cannot be skipped').count()]).toEqual([0, 1]);
  });

  it('that wants a secret which nobody knows any more has it typed on its screen', async () => {
    const current = await opened(at(), 'w-now');
    const { page, fixture: { engine } } = current;
    engine.fail('walkthrough.planStep', { code: 'runbook.secret-needed', message: 'token has to be typed once more.', hint: 'Type it in the walkthrough, then run the step.', details: { names: ['token'] } });
    await main(page).getByRole('button', { name: 'Run it…' }).click();
    await page.getByRole('dialog').getByText('token has to be typed once more.').waitFor();
    await page.keyboard.press('Escape');
    engine.fail('walkthrough.planStep', null);
    await main(page).getByLabel('Token of the pager').fill('hush-hush');
    await main(page).getByRole('button', { name: 'Use these' }).click();
    await main(page).getByLabel('Token of the pager').waitFor({ state: 'detached' });
    expect(engine.state.walks.secrets).toEqual(['hush-hush']);
  });

  it('on a system that is read only says so before it is pressed', async () => {
    const current = await opened(at(), 'w-now', (view) => ({ ...view, readOnly: true }));
    expect(await main(current.page).getByRole('status').filter({ hasText: 'Neff Paving is read only, and this step changes something.' }).count()).toBe(1);
  });

  it('whose target is lost is on paper, and may be tried from here all the same', async () => {
    const current = await opened(at(), 'w-lost');
    const words = await main(current.page).getByRole('status').filter({ hasText: 'No connection to neff_paving_admin on db-1' }).innerText();
    expect([/so this step is on paper/.test(words), await main(current.page).getByRole('button', { name: 'Record result' }).isEnabled(), await main(current.page).getByRole('button', { name: 'Try to run it from here' }).isEnabled()]).toEqual([true, true, true]);
  });
});

describe('what is recorded by hand', () => {
  const at = useConsole();

  it('is sent with what was ticked, pasted, counted and noted', async () => {
    const current = await opened(at(), 'w-paper', (view) => stepAt(view, 'drop', { kind: 'sh', captures: ['size'] }));
    const { page } = current;
    await main(page).getByLabel('One row, and no error').check();
    await main(page).getByLabel('What it answered').fill('dropped');
    await main(page).getByLabel('Exit status').fill('0');
    await main(page).getByLabel('size').fill('38');
    await main(page).getByLabel('When it was done').fill('2026-11-26T14:40');
    await page.getByLabel('Notes for this step').fill('at the console of the provider');
    const hint = await main(page).getByText('1 of 2 expectations seen').innerText();
    await main(page).getByRole('button', { name: 'Record result' }).click();
    await expect.poll(() => acts(current).length).toBe(1);
    const doneAt = await page.evaluate(() => new Date('2026-11-26T14:40').toISOString());
    expect([acts(current)[0], /counts as not seen/.test(hint)]).toEqual([{ kind: 'record', key: 'drop', worked: true, exitStatus: 0, output: 'dropped', expectations: [true, false], captured: { size: '38' }, doneAt, note: 'at the console of the provider' }, true]);
  });

  it('survives a reload before it is sent', async () => {
    const current = await opened(at(), 'w-paper');
    const { page } = current;
    await main(page).getByLabel('One row, and no error').check();
    await main(page).getByLabel('What it answered').fill('(1 row)');
    await page.getByLabel('Notes for this step').fill('half a thought');
    await page.reload();
    await main(page).getByLabel('What it answered').waitFor();
    expect([await main(page).getByLabel('One row, and no error').isChecked(), await main(page).getByLabel('What it answered').inputValue(), await page.getByLabel('Notes for this step').inputValue()]).toEqual([true, '(1 row)', 'half a thought']);
  });

  it('that went wrong is recorded as that', async () => {
    const current = await opened(at(), 'w-paper');
    await main(current.page).getByRole('button', { name: 'It went wrong' }).click();
    await expect.poll(() => acts(current)).toEqual([expect.objectContaining({ kind: 'record', worked: false })]);
  });
});

describe('two windows', () => {
  const at = useConsole();

  it('that act on one step: the slower is told how it stands, and keeps what was typed', async () => {
    const current = await opened(at(), 'w-manual', (view) => ({ ...view, secretsNeeded: [], newer: null }));
    const { page } = current;
    await main(page).getByLabel('What you counted').fill('7');
    elsewhere(current, 'w-manual', (view) => ({ ...stepAt(view, 'close', { state: 'succeeded', outcome: '0', can: [], endedAt: new Date().toISOString() }), current: null }));
    await main(page).getByRole('button', { name: 'Record answer' }).click();
    await main(page).getByRole('alert').filter({ hasText: 'Somebody else was faster: this is how it stands now.' }).waitFor();
    const left = main(page).getByRole('region', { name: 'You had typed here' });
    expect([acts(current), await left.getByText('7', { exact: true }).count()]).toEqual([[], 1]);
  });

  it('take nothing from under the hands of who writes', async () => {
    const current = await opened(at(), 'w-paper');
    const { page, fixture } = current;
    await main(page).getByLabel('What it answered').fill('(1 row)');
    elsewhere(current, 'w-paper', (view) => further(stepAt(view, 'drop', { state: 'succeeded', outcome: 'Done by hand', endedAt: new Date().toISOString(), can: [] }), 'checkpoint', { state: 'eligible', can: ['record'] }));
    fixture.engine.change({ topics: ['runbooks'] });
    await main(page).getByRole('alert').filter({ hasText: 'Somebody else was faster' }).waitFor();
    const heading = await main(page).getByRole('heading', { level: 1 }).innerText();
    await main(page).getByRole('button', { name: 'Back to the current step' }).click();
    await page.getByRole('heading', { name: 'Checkpoint', level: 1 }).waitFor();
    expect([heading, acts(current)]).toEqual(['Drop the slot', []]);
  });

  it('lose no note: one that crossed something else is sent again', async () => {
    const current = await opened(at(), 'w-now');
    const { page } = current;
    await page.getByLabel('Notes for this step').fill('the rack is down');
    elsewhere(current, 'w-now', (view) => view);
    await page.getByRole('button', { name: 'Save note' }).click();
    await page.getByRole('region', { name: 'Notes', exact: true }).getByText('the rack is down').waitFor();
    // The walkthrough may have told of the note before its answer empties the field.
    await expect.poll(() => page.getByLabel('Notes for this step').inputValue()).toBe('');
    expect(acts(current)).toEqual([{ kind: 'comment', key: 'drop', text: 'the rack is down' }]);
  });
});

describe('what a person says', () => {
  const at = useConsole();

  it('of one step is not said of the next by a press too many', async () => {
    const current = await opened(at(), 'w-now', (view) => stepAt(view, 'drop', { kind: 'manual', title: 'First', state: 'awaiting-input', expectations: [], can: ['answer'] }));
    const { page, fixture } = current;
    fixture.engine.state.walks.onAct = (view) => further(stepAt(view, 'drop', { state: 'succeeded', endedAt: new Date().toISOString(), can: [] }), 'archiving', { kind: 'manual', title: 'Second', text: '', can: ['answer'] });
    const button = main(page).getByRole('button', { name: 'Done, go on' });
    await button.click();
    await page.getByRole('heading', { name: 'Second', level: 1 }).waitFor();
    await button.dispatchEvent('click');
    await button.click();
    await expect.poll(() => fixture.engine.state.walks.acts.length).toBe(2);
    expect(acts(current).map((act) => ('key' in act ? act.key : null))).toEqual(['drop', 'archiving']);
  });

  it('is sent once for two presses, with the number as it was seen and a name of its own', async () => {
    const current = await opened(at(), 'w-decide');
    await main(current.page).getByRole('button', { name: /^No/ }).dblclick();
    await expect.poll(() => current.fixture.engine.state.walks.acts.length).toBe(1);
    const [sent] = current.fixture.engine.state.walks.acts;
    expect([sent?.act, sent?.expectedSeq, (sent?.commandId.length ?? 0) >= 8]).toEqual([{ kind: 'decide', key: 'wanted', choice: 'No' }, 23, true]);
  });

  it('in a role is kept with what was seen', async () => {
    const current = await opened(at(), 'w-approve');
    const { page } = current;
    const before = await main(page).getByRole('button', { name: 'Approve' }).isDisabled();
    await main(page).getByLabel('Who').fill('Grace');
    await main(page).getByLabel('Note', { exact: true }).fill('go');
    await main(page).getByRole('button', { name: 'Approve' }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'approve', key: 'close', role: 'incident-commander', who: 'Grace', decision: 'approved', note: 'go', seenSeq: 23 }]);
    expect(before).toBe(true);
  });

  it('is a number where one is asked for', async () => {
    const current = await opened(at(), 'w-manual', (view) => ({ ...view, secretsNeeded: [], newer: null }));
    const { page } = current;
    await main(page).getByLabel('What you counted').fill('many');
    const words = await main(page).getByText('A number, such as 0 or 12.5').count();
    await main(page).getByLabel('What you counted').fill('0');
    await page.keyboard.press('Control+Enter');
    await expect.poll(() => acts(current)).toEqual([{ kind: 'answer', key: 'close', value: 0, note: '' }]);
    expect(words).toBe(1);
  });

  it('that something went wrong takes words, and so does skipping', async () => {
    const current = await opened(at(), 'w-manual', (view) => ({ ...view, secretsNeeded: [], newer: null }));
    const { page } = current;
    await main(page).getByRole('button', { name: 'Skip…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Skip "No connection is left"?' });
    const before = await dialog.getByRole('button', { name: 'Skip this step' }).isDisabled();
    await dialog.getByLabel('Why').fill('no load balancer here');
    await dialog.getByRole('button', { name: 'Skip this step' }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'skip', key: 'close', reason: 'no load balancer here' }]);
    expect(before).toBe(true);
  });

  it('about a failed step is left behind with a reason', async () => {
    const current = await opened(at(), 'w-failed', (view) => stepAt(view, 'drop', { ...failedStep, can: ['retry', 'pass'] }));
    await main(current.page).getByRole('button', { name: 'Leave it behind…' }).click();
    await current.page.getByRole('dialog').getByLabel('Why it does not stop the rest').fill('it is gone by another way');
    await current.page.getByRole('dialog').getByRole('button', { name: 'Leave it behind' }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'pass', key: 'drop', reason: 'it is gone by another way' }]);
  });
});
