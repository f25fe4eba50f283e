import { describe, expect, it } from 'vitest';
import type { Backup } from '#shared/contract/backups.ts';
import { useConsole, type ConsoleInTest } from '#test/web/use-console.ts';

const backups = '/systems/sys-neff/backups';

/** Changes what the catalogue has before the screen reads it. */
function catalogued({ fixture }: ConsoleInTest, change: (copies: readonly Backup[]) => Backup[]): void {
  fixture.engine.state.backups = change(fixture.engine.state.backups).sort((a, b) => b.takenAt.localeCompare(a.takenAt));
}

/** So many newer copies of one database that an older one of another is beyond what a list shows at first. */
function crowded(current: ConsoleInTest, many: number): void {
  catalogued(current, (copies) => {
    const pattern = copies.find(({ id }) => id === 'b-admin-new');
    if (pattern === undefined) throw new Error('There is no such copy.');
    const more = Array.from({ length: many }, (_, index) => ({ ...pattern, id: `crowd-${index}`, takenAt: new Date(Date.now() - index * 1000).toISOString() }));
    return [...more, ...copies];
  });
}

const head = ({ page }: ConsoleInTest, database: string) => page.getByRole('region', { name: database, exact: true });

describe('what a restore would lose', () => {
  const at = useConsole();

  it('is told of a database whose copies lie behind any number of newer ones of another', async () => {
    const current = at();
    crowded(current, 1200);
    await current.go(backups);
    expect(await head(current, 'neff_site').innerText()).toMatch(/1 d 12 h\s+Warn\s+Over 26 h/);
  });

  it('is everything where the connection leads to another database than the copies are of', async () => {
    const current = at();
    const { state } = current.fixture.engine;
    state.systems = state.systems.map((system) => ({ ...system, databases: system.databases.map((database) => (database.id === 'db-admin' ? { ...database, connection: { ...database.connection, database: 'other' } } : database)) }));
    await current.go(backups);
    expect(await head(current, 'neff_paving_admin').innerText()).toMatch(/Everything\s+Critical\s+No proven copy: nothing is sure to come back\s+No copy of it is in the catalogue/);
  });

  it('is unknown where there are copies, and none was restored', async () => {
    const current = at();
    catalogued(current, (copies) => copies.map((copy) => ({ ...copy, proof: copy.proof === 'L3' ? 'L2' : copy.proof })));
    await current.go(backups);
    expect(await head(current, 'neff_paving_admin').innerText()).toMatch(/Unknown\s+Critical\s+No proven copy: nothing is sure to come back/);
  });

  it('is critical with a damaged newest copy, as on the overview, however fresh the proven one', async () => {
    const current = at();
    catalogued(current, (copies) => copies.map((copy) => (copy.id === 'b-admin-new' ? { ...copy, damaged: 'toc.dat is missing' } : copy)));
    await current.go(backups);
    expect(await head(current, 'neff_paving_admin').innerText()).toMatch(/6 h 30 min\s+Critical\s+Its newest copy is damaged/);
  });
});

describe('a list of copies that is cut', () => {
  const at = useConsole();

  it('says of how many, and shows older ones', async () => {
    const current = at();
    const { page, go } = current;
    crowded(current, 250);
    await go(backups);
    const list = page.getByRole('region', { name: /^Copies \d/ });
    await list.getByText('The newest 200 of 281').waitFor();
    await list.getByRole('button', { name: 'Show older ones' }).click();
    await list.getByText('The newest 200 of 281').waitFor({ state: 'detached' });
    expect(await list.getByRole('row').count()).toBe(1 + 1 + 281);
  });

  it.each(['sys-neff', null])('says at its foot that older ones could not be read, and only there (system %s)', async (of) => {
    const current = at();
    const { page, go, fixture } = current;
    crowded(current, 250);
    if (of === null) catalogued(current, (copies) => copies.map((copy) => ({ ...copy, systemId: null, databaseId: null })));
    await go(backups);
    const list = page.getByRole('region', { name: of === null ? /^Copies of no system here \d/ : /^Copies \d/ });
    const more = list.getByRole('button', { name: 'Show older ones' });
    await more.waitFor();
    fixture.engine.fail('backup.list', { code: 'store.locked', message: 'The local file is busy.' });
    await more.click();
    await list.getByRole('alert').getByText('Older ones could not be read.').waitFor();
    expect({ alerts: await page.getByRole('main').getByRole('alert').count(), stale: await page.getByText(/last seen/).count(), again: await more.isEnabled() }).toEqual({ alerts: 1, stale: 0, again: true });
  });

  it('is not drawn as if nothing older existed', async () => {
    const current = at();
    crowded(current, 250);
    await current.go(backups);
    const drawn = current.page.getByRole('region', { name: 'What exists' });
    await drawn.getByText('of the newest 200 copies only, older ones are not drawn').waitFor();
    await current.page.getByRole('button', { name: 'Show older ones' }).click();
    await drawn.getByText('older ones are not drawn').waitFor({ state: 'detached' });
    expect(await drawn.getByRole('list', { name: 'Copies of neff_site' }).count()).toBe(1);
  });

  it('offers the newest proven copy to restore, although it is beyond the cut', async () => {
    const current = at();
    const { page, go } = current;
    crowded(current, 1200);
    await go('/systems/sys-neff/restore');
    const first = page.getByRole('region', { name: /^Copies 1,231/ }).getByRole('row').nth(1);
    expect(await first.innerText()).toMatch(/neff_paving_admin.*L3/s);
  });
});

describe('which copy to restore', () => {
  const at = useConsole();
  const busy = { code: 'store.locked', message: 'The local file is busy.' } as const;
  const list = () => at().page.getByRole('region', { name: /^Copies \d/ });
  const primary = () => list().locator('[data-primary]');

  it('is left open, and that is said, where the newest proven one could not be read', async () => {
    const { page, go, fixture } = at();
    fixture.engine.fail('backup.newest', busy);
    await go('/systems/sys-neff/restore');
    await list().waitFor();
    expect({ said: await page.getByRole('main').getByRole('alert').innerText(), order: await list().getByText('newest first').innerText(), primary: await primary().count() }).toEqual({ said: expect.stringMatching(/newest proven one could not be read\. store\.locked/) as string, order: 'newest first', primary: 0 });
  });

  it('is the newest proven one once that could be read again', async () => {
    const { page, go, fixture } = at();
    fixture.engine.fail('backup.newest', busy);
    await go('/systems/sys-neff/restore');
    await list().waitFor();
    fixture.engine.fail('backup.newest', null);
    await page.getByRole('main').getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await primary().waitFor();
    expect(await list().getByRole('row').filter({ has: page.locator('[data-primary]') }).innerText()).toMatch(/neff_paving_admin.*L3/s);
  });

  it('no longer stands out where the newest proven one, once read, could not be read again', async () => {
    const { page, go, fixture } = at();
    await go('/systems/sys-neff/restore');
    await primary().waitFor();
    fixture.engine.fail('backup.newest', busy);
    fixture.engine.change({ topics: ['backups'] });
    await page.getByRole('main').getByRole('alert').waitFor();
    expect(await primary().count()).toBe(0);
  });

  it('is told to be proven by none where none is', async () => {
    const current = at();
    catalogued(current, (copies) => copies.map((copy) => (copy.proof === 'L3' ? { ...copy, proof: 'L2', provenAt: null } : copy)));
    await current.go('/systems/sys-neff/restore');
    await list().waitFor();
    expect(await list().innerText()).toContain('none of a database here is proven yet; newest first');
  });
});

describe('a list of restores that is cut', () => {
  const at = useConsole();

  it('says so, and shows older ones', async () => {
    const { page, go, fixture } = at();
    const { state } = fixture.engine;
    state.restores = Array.from({ length: 60 }, (_, index) => state.restores.map((restore) => ({ ...restore, id: `restore-${index}` }))).flat();
    await go('/systems/sys-neff/restore');
    await page.getByRole('region', { name: 'Restores so far newest 50' }).getByRole('button', { name: 'Show older ones' }).click();
    await page.getByRole('region', { name: 'Restores so far 60' }).waitFor();
    expect(await page.getByRole('region', { name: 'Restores so far 60' }).getByRole('row').count()).toBe(61);
  });
});

describe('copies of no system here', () => {
  const at = useConsole();

  it.each([backups, '/systems/sys-neff/restore'])('are listed at %s and can be looked at', async (path) => {
    const { page, go } = at();
    await go(path);
    await page.getByRole('region', { name: /^Copies of no system here 1/ }).getByRole('link', { name: /^Open old_shop of .*, made of Old shop/ }).click();
    await page.getByText('It was made of Old shop, which is no system here.').waitFor();
    expect(await page.getByRole('button', { name: 'Delete copy…' }).count()).toBe(1);
  });

  it('are those of a system that was forgotten', async () => {
    const { page, go, fixture } = at();
    fixture.engine.state.systems = fixture.engine.state.systems.filter(({ id }) => id !== 'sys-practice');
    await go(backups);
    await page.getByRole('region', { name: /^Copies of no system here 2/ }).getByText('practice_shop').waitFor();
    expect(await page.getByRole('region', { name: /^Copies 31/ }).count()).toBe(1);
  });

  it('are restored beside a database of the system one is at, for want of their own', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/restore');
    await page.getByRole('region', { name: /^Copies of no system here/ }).getByRole('link', { name: /^Restore old_shop/ }).click();
    await page.getByText('It was made of old_shop of Old shop, which is no database of this system').waitFor();
    const choices = page.getByLabel('On the server of');
    expect({ chosen: await choices.inputValue(), offered: await choices.locator('option').allInnerTexts() }).toEqual({ chosen: 'db-admin', offered: [expect.stringMatching(/^neff_paving_admin on/), expect.stringMatching(/^neff_site on/)] });
  });

  it('are deleted like others', async () => {
    const { page, go, fixture } = at();
    await go(`${backups}/b-old`);
    await page.getByRole('button', { name: 'Delete copy…' }).click();
    await page.getByLabel(/Type its name/).fill('old_shop');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the copy of old_shop' }).click();
    await page.getByRole('button', { name: 'Cancel deletion' }).waitFor();
    expect(fixture.engine.state.ran).toHaveLength(1);
  });

  it('that could not be read are not taken for none', async () => {
    const { page, go, fixture } = at();
    fixture.engine.fail('backup.list', { code: 'store.locked', message: 'The local file is busy.' });
    await go(backups);
    const said = page.getByRole('alert').filter({ hasText: 'The copies of no system here could not be read.' });
    await said.waitFor();
    fixture.engine.fail('backup.list', null);
    await said.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('region', { name: /^Copies of no system here 1/ }).waitFor();
    expect(await said.count()).toBe(0);
  });

  it('that could not be read again are shown with their age', async () => {
    const { page, go, fixture } = at();
    await go(backups);
    const elsewhere = page.getByRole('region', { name: /^Copies of no system here 1/ });
    await elsewhere.waitFor();
    fixture.engine.fail('backup.list', { code: 'store.locked', message: 'The local file is busy.' });
    fixture.engine.change({ topics: ['backups'] });
    await elsewhere.getByRole('alert').waitFor();
    expect(await elsewhere.innerText()).toMatch(/last seen [\s\S]* ago[\s\S]*store\.locked[\s\S]*old_shop/);
  });

  it('are no panel where there are none', async () => {
    const current = at();
    const { page, go } = current;
    catalogued(current, (copies) => copies.filter(({ systemId }) => systemId !== null));
    await go(backups);
    await page.getByRole('region', { name: /^Copies 31/ }).waitFor();
    expect(await page.getByText('Copies of no system here').count()).toBe(0);
  });
});

describe('copies on a computer that knows no system', () => {
  const at = useConsole({ empty: true });

  it('are told of at the first start', async () => {
    const current = at();
    const { page, fixture } = current;
    const { backups: catalogue } = await import('#test/web/fixture-systems.ts');
    fixture.engine.state.backups = catalogue();
    await page.reload();
    expect(await page.getByText('The backup folder holds 33 copies of no system here.').innerText()).toContain('under its Backups');
  });
});

describe('a copy whose folder is gone', () => {
  const at = useConsole();
  const path = `${backups}/b-admin-15`;

  it('says why, and what the catalogue remembers of it', async () => {
    const { page, go } = at();
    await go(path);
    await page.getByRole('alert').getByText(/Its folder .* is missing/).waitFor();
    expect({ rows: await page.getByText('48,188,902').count(), manifest: await page.getByText('What it holds').count(), prove: await page.getByRole('button', { name: /^Prove|^Verify/ }).count() }).toEqual({ rows: 1, manifest: 0, prove: 0 });
  });

  it('can be deleted', async () => {
    const { page, go } = at();
    await go(path);
    await page.getByRole('button', { name: 'Delete copy…' }).click();
    const field = page.getByRole('dialog', { name: 'Delete this copy of neff_paving_admin?' }).getByLabel(/Type its name/);
    await field.waitFor();
    expect(await field.count()).toBe(1);
  });

  it('is found again by reading the folder', async () => {
    const { page, go } = at();
    await go(path);
    await page.getByRole('button', { name: 'Read the folder again' }).click();
    await page.getByText('What it holds').waitFor();
    expect({ damaged: await page.getByText('Damaged').count(), gone: await page.getByRole('alert').count(), restore: await page.getByRole('link', { name: 'Restore beside…' }).count() }).toEqual({ damaged: 0, gone: 0, restore: 1 });
  });

  it('leads from the restore screen to why it cannot be restored', async () => {
    const { page, go } = at();
    await go('/systems/sys-neff/restore');
    await page.getByRole('link', { name: /^See why neff_paving_admin/ }).first().click();
    expect(await page.getByRole('alert').getByText('Damaged.').innerText()).toBe('Damaged.');
  });
});
