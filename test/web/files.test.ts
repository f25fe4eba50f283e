import { describe, expect, it } from 'vitest';
import { useConsole } from '#test/web/use-console.ts';

const backups = '/systems/sys-neff/backups';

describe('files of hosts', () => {
  const at = useConsole();
  const panel = () => at().page.getByRole('region', { name: /^Files/ });
  const dialog = () => at().page.getByRole('dialog').last();

  it('are listed with what is left out, how good the newest copy is, and what sets that are gone have left', async () => {
    await at().go(backups);
    const rows = await panel().getByRole('row').allInnerTexts();
    expect(rows.slice(1).map((row) => row.replaceAll(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/^Web server web-1, as root \/etc\/nginx \/etc\/letsencrypt without \*\.log .*proven/) as string,
      expect.stringMatching(/^Uploads web-1 .*no copy so far/) as string,
      expect.stringMatching(/^Old cron jobs web-1; the set was removed/) as string,
    ]);
  });
  it('are told to be damaged where the newest copy is, however good an older one', async () => {
    const { fixture, go } = at();
    fixture.engine.state.fileCopies = fixture.engine.state.fileCopies.map((copy) => (copy.id === 'f-new' ? { ...copy, damaged: 'files.tar.gz is not there' } : copy.id === 'f-first' ? { ...copy, proof: 'L3' as const } : copy));
    await go(backups);
    const row = panel().getByRole('row', { name: /^Web server/ });
    await row.getByText('Damaged').waitFor();
    expect((await row.innerText()).replaceAll(/\s+/g, ' ')).toMatch(/Damaged an older one, proven 2 d/);
  });
  it('are looked for on a host that was reached, where another stands before it', async () => {
    const { fixture, go } = at();
    fixture.engine.state.hosts = fixture.engine.state.hosts.map((host) => (host.id === 'host-bastion' ? { ...host, lastSeenAt: null } : host));
    await go(backups);
    await panel().getByRole('button', { name: 'Add files' }).click();
    expect(await dialog().getByLabel('Host').inputValue()).toBe('host-web');
  });
  it('are added by paths that were found there, and what cannot be a path is said while it is typed', async () => {
    const { page, go, fixture } = at();
    await go(backups);
    await panel().getByRole('button', { name: 'Add files' }).click();
    await dialog().getByLabel('Name').fill('Database configuration');
    await dialog().getByRole('button', { name: /^Look for configuration/ }).click();
    await dialog().getByRole('button', { name: 'Add /etc/postgresql/15/main' }).click();
    const save = dialog().getByRole('button', { name: 'Add files' });
    await dialog().getByLabel('Leave out').fill('conf.d/*.log');
    await dialog().getByText('Either a whole path that begins with /, or a name without any /').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await dialog().getByLabel('Leave out').fill('*.log');
    await save.click();
    await panel().getByRole('rowheader', { name: /^Database configuration/ }).waitFor();
    expect([fixture.engine.asked('files.add'), await page.getByRole('dialog').count()]).toEqual([1, 0]);
  });
  it.each([
    ['are added', 'Add files', 'Files'],
    ['are changed', 'Change Web server', 'Files'],
    ['have their copies shown', 'Show the copies of Web server', 'Files'],
    ['have a plan added beside them', 'Add plan', 'Backup plans'],
  ])('%s in a dialog that says which environment it is about', async (_what, button, region) => {
    const { page, go } = at();
    await go(backups);
    await page.getByRole('region', { name: new RegExp(`^${region}`) }).getByRole('button', { name: button }).click();
    const band = page.locator('.dlg[data-env="production"]');
    await band.waitFor();
    expect((await band.innerText()).replaceAll(/\s+/g, ' ')).toContain('Production Neff Paving');
  });
  it('are backed up by a plan that names what cannot be read', async () => {
    const { page, go, fixture } = at();
    await go(backups);
    await panel().getByRole('button', { name: 'Back up Web server' }).click();
    await dialog().getByText('2 files and folders cannot be read and will be left out').waitFor();
    await dialog().getByRole('button', { name: /^Back up Web server/ }).click();
    await page.waitForURL(/operations\/op-/);
    expect(fixture.engine.state.ran.length).toBe(1);
  });
  it('are brought back from a copy that is whole, and never from one that is damaged', async () => {
    const { go } = at();
    await go(backups);
    await panel().getByRole('button', { name: 'Show the copies of Web server' }).click();
    const rows = dialog().getByRole('row');
    await rows.nth(3).waitFor();
    expect([await rows.nth(1).getByRole('button', { name: /^Bring back/ }).count(), await rows.nth(2).getByRole('button', { name: /^Bring back/ }).count(), await rows.nth(2).innerText()]).toEqual([1, 0, expect.stringContaining('Damaged') as string]);
    await rows.nth(1).getByRole('button', { name: /^Bring back/ }).click();
    await dialog().getByLabel('Where to').selectOption('host');
    await dialog().getByText('Bring back 412 files beside what is on web-1?').waitFor();
    expect(await dialog().getByText('/etc/nginx.pilothouse-20261126T120000Z').count()).toBe(1);
  });
});
