/** The screen of a walkthrough: unknown steps, waits, evidence, what came of it, and the sheet to print. */
import { describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { at as stepAt, further } from '#test/web/fixture-walkthroughs.ts';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

const main = (page: Page) => page.getByRole('region', { name: 'Current step' });
const acts = ({ fixture }: ConsoleInTest) => fixture.engine.state.walks.acts.map(({ act }) => act);

async function opened(current: ConsoleInTest, id: string): Promise<ConsoleInTest> {
  await current.go(`/walkthroughs/${id}`);
  await main(current.page).waitFor();
  return current;
}

describe('a step of which nobody knows whether it happened', () => {
  const at = useConsole();

  it('offers three equal ways, and lists every look', async () => {
    const { page } = await opened(at(), 'w-unknown');
    const ways = main(page).getByRole('group', { name: 'What happened' });
    await ways.waitFor();
    expect([await ways.getByRole('button').allInnerTexts(), await page.locator('main [data-primary]').count(), await main(page).getByRole('list', { name: 'Looks so far' }).getByRole('listitem').count()]).toEqual([['Record what I saw', 'It did not happen', 'Stop the runbook…'], 0, 2]);
  });

  it('has its ways on buttons that hold their words in the smallest window', async () => {
    const { page } = at();
    await page.setViewportSize({ width: 1024, height: 700 });
    await opened(at(), 'w-unknown');
    const room = await main(page).getByRole('group', { name: 'What happened' }).getByRole('button').evaluateAll((buttons) => Math.min(...buttons.map((button) => {
      const words = document.createRange();
      words.selectNodeContents(button);
      return button.getBoundingClientRect().height - words.getBoundingClientRect().height;
    })));
    expect(room).toBeGreaterThanOrEqual(8);
  });

  it('is settled by a key and by words, which are wanted', async () => {
    const current = await opened(at(), 'w-unknown');
    const { page } = current;
    await main(page).getByRole('group', { name: 'What happened' }).waitFor();
    await page.keyboard.press('1');
    const field = main(page).getByLabel('It happened: what you saw that says so');
    await field.waitFor();
    const focused = await field.evaluate((element) => document.activeElement === element);
    const before = await main(page).getByRole('button', { name: 'Record that it happened' }).isDisabled();
    await field.fill('1 is not in the list any more');
    await main(page).getByRole('button', { name: 'Record that it happened' }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'settle', key: 'drop', happened: true, evidence: '1 is not in the list any more' }]);
    expect([focused, before]).toEqual([true, true]);
  });

  it('takes no key from who writes', async () => {
    const { page } = await opened(at(), 'w-unknown');
    await page.getByLabel('Notes for this step').fill('rack ');
    await page.getByLabel('Notes for this step').press('End');
    await page.keyboard.type('23');
    expect([await page.getByLabel('Notes for this step').inputValue(), await page.getByRole('dialog').count(), await main(page).getByLabel('It did not happen: what you saw that says so').count()]).toEqual(['rack 23', 0, 0]);
  });

  it('is looked at by one press, since looking only reads', async () => {
    const { page, fixture } = await opened(at(), 'w-unknown');
    await main(page).getByRole('button', { name: 'Look now' }).click();
    await main(page).getByRole('region', { name: 'Operation of this step' }).waitFor();
    expect([await page.getByRole('dialog').count(), [...fixture.engine.state.plans.values()].map(({ kind }) => kind), fixture.engine.state.ran.length]).toEqual([0, ['runbook.look'], 1]);
  });
});

describe('a wait', () => {
  const at = useConsole();

  it('counts down to its instant, also over a reload', async () => {
    const current = await opened(at(), 'w-wait');
    const { page } = current;
    await page.clock.install();
    await page.reload();
    const left = main(page).locator('.countdown .big');
    await left.waitFor();
    await page.clock.fastForward(60_000);
    await expect.poll(() => left.innerText()).toMatch(/^(?:2 min \d+ s|3 min)$/);
  });

  it('that was over while nobody watched says so, and goes on by a word of somebody alone', async () => {
    const current = await opened(at(), 'w-stale');
    await main(current.page).getByText('while nobody watched').waitFor();
    await main(current.page).getByRole('button', { name: 'Go on…' }).click();
    await current.page.getByRole('dialog').getByLabel('Why').fill('still right');
    await current.page.getByRole('dialog').getByRole('button', { name: 'Go on', exact: true }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'end-wait', key: 'wal', reason: 'still right' }]);
  });
});

describe('the rail', () => {
  const at = useConsole();

  it('is walked by j and k, and opens a step with Enter, to read it', async () => {
    const { page } = await opened(at(), 'w-now');
    await page.getByRole('heading', { name: 'Drop the slot' }).waitFor();
    for (const key of ['k', 'k', 'k', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('heading', { name: 'Find who holds WAL back' }).waitFor();
    await main(page).getByRole('button', { name: 'Back to the current step' }).click();
    await page.getByRole('heading', { name: 'Drop the slot' }).waitFor();
    expect(await page.locator('.walk-rail [aria-current="step"]').innerText()).toContain('Drop the slot');
  });

  it('follows the step of now; the heading takes the focus, and what was just done stays in sight', async () => {
    const current = await opened(at(), 'w-decide');
    const { page } = current;
    current.fixture.engine.state.walks.onAct = (view) => further(stepAt(view, 'wanted', { state: 'succeeded', outcome: 'No', endedAt: new Date().toISOString(), can: [] }), 'drop', { state: 'eligible', can: ['run'] });
    await main(page).getByRole('button', { name: /^No/ }).click();
    await page.getByRole('heading', { name: 'Drop the slot' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Drop the slot');
    expect(await main(page).getByRole('status').filter({ hasText: 'Done:' }).innerText()).toContain('Ask: is reporting wanted? No');
  });
});

describe('evidence and notes', () => {
  const at = useConsole();

  it('show a text as text, whatever stands in it', async () => {
    const { page } = await opened(at(), 'w-now');
    await page.getByRole('button', { name: 'Show all of See how full /var is' }).click();
    const text = page.getByRole('dialog').getByLabel('Output of full', { exact: true });
    await text.waitFor();
    expect([(await text.innerText()).includes('<script>alert(1)</script>'), await page.getByRole('dialog').locator('script').count()]).toEqual([true, 0]);
  });

  it('show of a table its head, each row on one line', async () => {
    const { page } = await opened(at(), 'w-now');
    const table = page.getByLabel('Table of Find who holds WAL back');
    await table.waitFor();
    const [first, , row] = (await table.innerText()).split('\n');
    const lines = await table.evaluate((box) => Math.round((box.clientHeight - 8) / Number.parseFloat(getComputedStyle(box).lineHeight)));
    expect([first, row?.startsWith('reports_copy | f'), lines]).toEqual(['slot_name    | active | kept', true, 7]);
  });

  it('take a picture that is pasted', async () => {
    const current = await opened(at(), 'w-now');
    await current.page.getByLabel('Notes for this step').evaluate((field) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array([137, 80, 78, 71])], 'image.png', { type: 'image/png' }));
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await expect.poll(() => acts(current)).toEqual([{ kind: 'attach', key: 'drop', name: expect.stringMatching(/^pasted-.*\.png$/), media: 'image/png', data: 'iVBORw==' }]);
  });

  it('take no file that is neither text nor picture', async () => {
    const current = await opened(at(), 'w-now');
    await current.page.getByLabel('File to attach').setInputFiles({ name: 'dump.bin', mimeType: 'application/octet-stream', buffer: Buffer.from([1, 2]) });
    await current.page.getByRole('alert').filter({ hasText: 'dump.bin is neither a text nor a picture' }).waitFor();
    expect(acts(current)).toEqual([]);
  });

  it('are saved by Ctrl and Enter where one writes, and the step is not run by it', async () => {
    const current = await opened(at(), 'w-now');
    await current.page.getByLabel('Notes for this step').fill('first');
    await current.page.keyboard.press('Control+Enter');
    await expect.poll(() => acts(current)).toEqual([{ kind: 'comment', key: 'drop', text: 'first' }]);
    expect([await current.page.getByRole('dialog').count(), current.fixture.engine.asked('walkthrough.planStep')]).toEqual([0, 0]);
  });
});

describe('what is secret', () => {
  const at = useConsole();

  it('is typed again where nobody knows it, and stands nowhere afterwards', async () => {
    const current = await opened(at(), 'w-manual');
    const { page } = current;
    const form = page.getByRole('form', { name: 'Secrets that are needed again' });
    await form.getByLabel('Token of the pager').fill('hush-hush');
    const kept = await page.evaluate(() => JSON.stringify(window.sessionStorage));
    await form.getByRole('button', { name: 'Use these' }).click();
    await form.waitFor({ state: 'detached' });
    const afterwards = await page.evaluate(() => JSON.stringify(window.sessionStorage) + JSON.stringify(window.localStorage) + document.body.innerHTML);
    expect([current.fixture.engine.state.walks.secrets, kept.includes('hush'), afterwards.includes('hush')]).toEqual([['hush-hush'], false, false]);
  });
});

describe('a walkthrough as a whole', () => {
  const at = useConsole();

  it('tells at its end what was skipped and why, and what nobody knows', async () => {
    const { page } = await opened(at(), 'w-done');
    const listed = async (name: RegExp) => (await main(page).getByRole('region', { name }).getByRole('listitem').innerText()).replaceAll(/\s+/g, ' ');
    expect([await listed(/^What nobody knows/), await listed(/^What was skipped/)]).toEqual([expect.stringContaining('6. Drop the slot'), expect.stringContaining('Seen on the monitor already')]);
  });

  it('tells at its end what was done apart from what did not apply', async () => {
    const current = at();
    const view = current.fixture.engine.state.walks.views.get('w-done');
    if (view === undefined) throw new Error('It is not among the walkthroughs.');
    const steps = view.steps.map((step) => (step.key === 'tell' ? { ...step, state: 'not-applicable' as const, outcome: 'Passed over by a decision.' } : step));
    current.fixture.engine.state.walks.views.set('w-done', { ...view, steps, run: { ...view.run, done: 5, stateText: 'Walked to the end. Did not succeed: Checkpoint.' } });
    const { page } = await opened(current, 'w-done');
    expect([await main(page).locator('dd').first().innerText(), (await main(page).locator('.why').innerText()).trim()]).toEqual(['4 of 12 steps, 1 did not apply', 'Walked to the end. Did not succeed: Checkpoint.']);
  });

  it('says where it is paused what makes it go on', async () => {
    const current = at();
    const view = current.fixture.engine.state.walks.views.get('w-manual');
    if (view === undefined) throw new Error('It is not among the walkthroughs.');
    current.fixture.engine.state.walks.views.set('w-paused', { ...stepAt(view, 'close', { can: [] }, { id: 'w-paused', state: 'paused' }), canPause: false, canResume: true });
    const { page } = await opened(current, 'w-paused');
    expect(await main(page).getByText('It is paused. Resume it to go on.').count()).toBe(1);
  });

  it('is rolled back after it was seen what that takes back, with a reason', async () => {
    const current = await opened(at(), 'w-failed');
    const { page } = current;
    await main(page).getByRole('button', { name: 'Roll back…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Roll back what was done?' });
    const shown = await dialog.getByRole('listitem').allInnerTexts();
    await dialog.getByLabel('Why').fill('the site is down');
    await dialog.getByRole('button', { name: 'Begin the rollback' }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'rollback', reason: 'the site is down' }]);
    expect(shown).toEqual(['Undo of Stop the reports', 'Tell the commander']);
  });

  it('is aborted by no press without a reason', async () => {
    const current = await opened(at(), 'w-now');
    const { page } = current;
    await page.getByRole('button', { name: 'More…' }).click();
    await page.getByRole('button', { name: 'Abort…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Abort this walkthrough?' });
    const before = await dialog.getByRole('button', { name: 'Abort the walkthrough' }).isDisabled();
    await dialog.getByLabel('Why').fill('wrong runbook');
    await dialog.getByRole('button', { name: 'Abort the walkthrough' }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'abort', reason: 'wrong runbook' }]);
    expect(before).toBe(true);
  });

  it('is signed with what had happened by then', async () => {
    const current = await opened(at(), 'w-done');
    const { page } = current;
    await main(page).getByRole('button', { name: 'Sign off…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Role').fill('dba');
    await dialog.getByLabel('Who').fill('Ada');
    await dialog.getByRole('button', { name: 'Sign as approved' }).click();
    await expect.poll(() => acts(current)).toEqual([{ kind: 'sign', key: null, role: 'dba', who: 'Ada', decision: 'approved', note: '', seenSeq: 23 }]);
  });

  it('offers to begin again in a newer version, and says what is different', async () => {
    const { page } = await opened(at(), 'w-manual');
    await main(page).getByText('A newer version exists: 2.1.0.').waitFor();
    const link = await main(page).getByRole('link', { name: 'Start again with the new version' }).getAttribute('href');
    await main(page).getByText('What is different').click();
    expect([link?.endsWith('/start/own/wal-fills-the-disk/continues/w-manual'), await main(page).getByText('Step Checkpoint was taken out').isVisible()]).toEqual([true, true]);
  });

  it('says of a rehearsal that nothing is sent and nothing counts', async () => {
    const { page } = await opened(at(), 'w-rehearsal');
    expect(await page.getByText('Nothing is sent. No report counts it.').count()).toBe(1);
  });

  it('stays readable while the engine is lost; what was typed stays, and what needs it waits', async () => {
    const current = await opened(at(), 'w-paper');
    const { page, fixture } = current;
    await main(page).getByLabel('What it answered').fill('(1 row)');
    await fixture.server.close();
    await page.getByRole('status').filter({ hasText: 'Connection to the engine lost.' }).waitFor();
    const found = [await main(page).getByLabel('SQL', { exact: true }).innerText(), await main(page).getByLabel('What it answered').inputValue(), await main(page).getByRole('button', { name: 'Record result' }).isEnabled(), await page.getByRole('button', { name: 'Save note' }).isEnabled()];
    await fixture.restart();
    expect(found).toEqual(["SELECT pg_drop_replication_slot('reports_copy');", '(1 row)', false, false]);
  });

  it('is printed as a checklist with nothing of the console around it', async () => {
    const { page, go } = at();
    await page.addInitScript(() => {
      window.print = () => { document.title = 'printed'; };
    });
    await page.reload();
    await go('/walkthroughs/w-now/print');
    await page.getByRole('heading', { name: '6. Drop the slot' }).waitFor();
    await page.getByRole('button', { name: 'Print' }).click();
    const title = await page.title();
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const hidden = await page.locator('.top, .side, .no-print').evaluateAll((all) => all.every((element) => !element.checkVisibility()));
    const first = await page.locator('.sheet-step').first().innerText();
    const scheme = await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
    expect([title, hidden, first.startsWith('☑'), scheme]).toEqual(['printed', true, true, 'light']);
  });
});
