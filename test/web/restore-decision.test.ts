import { describe, expect, it } from 'vitest';
import type { ProcedureKind } from '#shared/contract/operations.ts';
import type { Restore } from '#shared/contract/restores.ts';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

/** Ends the operation of a kind that runs, as the engine would, and opens the restore that it left. */
async function carriedOut({ page, fixture }: ConsoleInTest, kind: ProcedureKind, change: Partial<Restore>): Promise<void> {
  await page.getByRole('region', { name: 'Log' }).waitFor();
  const { state } = fixture.engine;
  const running = state.operations.find((operation) => operation.kind === kind && operation.state === 'running');
  if (running === undefined) throw new Error(`No ${kind} runs.`);
  state.restores = state.restores.map((restore) => ({ ...restore, ...change }));
  fixture.engine.finish(running.id, { result: { restoreId: 'restore-1' } });
  await page.getByRole('link', { name: 'Open the restore' }).click();
}

const swapped: Partial<Restore> = { state: 'swapped', setAside: 'neff_site__old_1432', undoUntil: new Date(Date.now() + 7 * 86_400_000).toISOString() };
const undone: Partial<Restore> = { state: 'undone', setAside: null, undoUntil: null };

const written: Partial<Restore> = { ...undone, equal: false, differences: ['Written to since it was restored: against the backup it has public.orders +165'] };

async function confirmed({ page }: ConsoleInTest, verb: string): Promise<void> {
  await page.getByLabel('Type its name: neff_site').fill('neff_site');
  await page.getByRole('button', { name: verb, exact: true }).click();
}

/** Opens the restore in a state of its life. */
async function opened(current: ConsoleInTest, change: Partial<Restore>): Promise<ConsoleInTest> {
  const { state } = current.fixture.engine;
  state.restores = state.restores.map((restore) => ({ ...restore, ...change }));
  await current.go('/systems/sys-neff/restore/restore-1');
  return current;
}

describe('a restored copy', () => {
  const at = useConsole();

  it('is swapped in, taken back, and kept beside', async () => {
    const current = await opened(at(), {});
    const { page, fixture } = current;
    await confirmed(current, 'Swap neff_site');
    await carriedOut(current, 'restore.swap', swapped);
    await page.getByRole('heading', { name: 'The copy is in place as neff_site' }).waitFor();
    await page.getByRole('button', { name: 'Undo the swap…' }).click();
    await confirmed(current, 'Undo the swap of neff_site');
    await carriedOut(current, 'restore.undo', undone);
    await page.getByRole('heading', { name: 'The swap was taken back' }).waitFor();
    await page.getByRole('button', { name: 'Keep the copy beside' }).click();
    await page.getByRole('heading', { name: 'The copy is kept beside' }).waitFor();
    expect(fixture.engine.state.restores[0]?.state).toBe('kept');
  });

  it('can be swapped in again once the swap was taken back', async () => {
    const current = await opened(at(), undone);
    await current.page.getByRole('button', { name: 'Swap again…' }).click();
    await current.page.getByRole('dialog', { name: 'Swap neff_site for the restored copy?' }).waitFor();
    expect(current.fixture.engine.asked('restore.planSwap')).toBe(1);
  });

  it('whose materialised view was computed anew says so of it, and not that it is equal', async () => {
    const { page } = await opened(at(), {});
    const row = page.getByRole('row', { name: /^daily_totals/ });
    await row.waitFor();
    expect((await row.innerText()).replaceAll(/\s+/g, ' ')).toContain('367 computed anew');
  });

  it('beside is said to be equal in its counts, not in its rows', async () => {
    const { page } = await opened(at(), {});
    await page.getByRole('heading', { name: 'Every count is equal' }).waitFor();
    expect(await page.getByText('Counts are compared, not what stands in the rows.').count()).toBe(1);
  });

  it.each([{ name: 'swapped in', change: swapped, whose: 'Set aside' }, { name: 'taken back', change: undone, whose: 'Live' }])('that was $name says of nothing that it would come, and what was counted when', async ({ change, whose }) => {
    const { page, fixture } = await opened(at(), change);
    const text = await page.getByRole('region', { name: 'Evidence' }).innerText();
    const ended = await page.evaluate((instant) => new Date(instant).toTimeString().slice(0, 5), fixture.engine.state.restores[0]?.endedAt ?? '');
    const counted = /Counted (\d\d:\d\d)/.exec(text)?.[1];
    // It was counted again after the restore had ended, and that is the time of every figure.
    expect({ would: /would/i.test(text), column: /((?:Live|Set aside) at \d\d:\d\d)/.exec(text)?.[1], isTheEnd: counted === ended }).toEqual({ would: false, column: `${whose} at ${counted ?? ''}`, isTheEnd: false });
  });

  it('does not take net differences of counts for rows that come back or are set aside', async () => {
    const { page } = await opened(at(), {});
    const text = (await page.getByRole('region', { name: 'Evidence' }).innerText()).replaceAll(/\s+/g, ' ');
    expect({ wrong: /would come back|newer rows/.test(text), text }).toEqual({ wrong: false, text: expect.stringMatching(/18,442 more rows in the copy than in the live database, net, in 1 table\. A swap brings at least these back\. .*9,613 more rows in the live database than in the copy, net, in 4 tables\. A swap sets at least these aside\. .*rows may have been both added and deleted/) });
  });

  it('that was live alarms nobody with what was written to it, and says it', async () => {
    const { page } = await opened(at(), written);
    const text = await page.getByRole('region', { name: 'Evidence' }).innerText();
    expect({ alerts: await page.getByRole('alert').count(), critical: await page.locator('.mid .critical, .rail-cell .critical').count(), equal: text.includes('23 of 23'), said: text.includes('public.orders +165') }).toEqual({ alerts: 0, critical: 0, equal: true, said: true });
  });

  it('that is gone is held against nothing, and its swap and undo are remembered', async () => {
    const { page } = await opened(at(), { ...written, state: 'dropped', undoneAt: new Date().toISOString() });
    const text = await page.getByRole('region', { name: 'Evidence' }).innerText();
    const steps = await page.getByRole('region', { name: 'Steps' }).innerText();
    expect({ compares: /Live at|Against the copy|more rows/.test(text), critical: await page.locator('.mid .critical').count(), swap: steps.includes('made, then taken back'), undo: steps.includes('taken back') }).toEqual({ compares: false, critical: 0, swap: true, undo: true });
  });

  it('that was written to before a swap is warned of', async () => {
    const { page } = await opened(at(), { ...written, state: 'beside', setAside: null });
    await page.getByRole('heading', { name: 'The copy was written to since it was restored' }).waitFor();
    expect(await page.locator('.mid .tint.warn').innerText()).toContain('public.orders +165');
  });

  it('says that what was set aside goes only when somebody drops it', async () => {
    const { page } = await opened(at(), swapped);
    expect(await page.getByRole('region', { name: 'Decision' }).innerText()).toMatch(/neff_site__old_1432 is kept for undo until at least .*; nothing drops it by itself\./);
  });

  it('cannot be taken back once what it replaced was dropped', async () => {
    const { page } = await opened(at(), { ...swapped, setAside: null, undoUntil: null });
    await page.getByText('the swap cannot be undone any more').waitFor();
    expect(await page.getByRole('button', { name: 'Undo the swap…' }).count()).toBe(0);
  });
});

describe('a restore that cannot run', () => {
  const at = useConsole();

  it('says only why, and what to do', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/restore/new/b-site');
    await page.getByLabel('Name of the new database').fill('neff_site');
    const decision = page.getByRole('region', { name: 'Decision' });
    await decision.getByText('This cannot run as it stands.').waitFor();
    const text = await decision.innerText();
    expect({ text, steps: await page.getByRole('region', { name: 'Steps' }).innerText() }).toEqual({ text: expect.stringContaining('There is a database neff_site already. Choose another name: neff_site__new is free.'), steps: expect.not.stringContaining('waits for you') });
    expect(text).not.toMatch(/way back|drop|a new database|\d steps?|type its name/i);
  });
});
