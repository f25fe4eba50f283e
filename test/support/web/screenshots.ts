/** Takes a picture of every screen, in both themes and at two sizes: node test/support/web/screenshots.ts DIR [NAME…] */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { launchBrowser, openConsole, startFixtureConsole, type FixtureConsole } from './fixture-console.ts';
import { healthOfFleet } from './fixture-health.ts';
import { failedRestore, unfinishedDump } from './fixture-work.ts';
import { systemShots } from './shots-systems.ts';
import { walkthroughShots } from './shots-walkthroughs.ts';
import { startSystemConsole } from './system-console.ts';
import { awayError, behindHostTest, changedKeyError, manyHosts, passwordError, refusedError, unknownKeyError, webTest } from './fixture-hosts.ts';

export interface Shot {
  name: string;
  path: string;
  empty?: boolean;
  /** On the real engine of `system-console.ts`: ":system", ":incident" and ":guide" stand in its path. */
  isOfSystem?: boolean;
  /** What the fixture is told first; it is taken back when the picture is taken. */
  prepare?: (fixture: FixtureConsole) => () => void;
  act?: (page: Page) => Promise<void>;
}

const press = (name: string | RegExp) => async (page: Page) => {
  await page.getByRole('button', { name }).first().click();
  await page.getByRole('dialog').waitFor();
};

const askQuestion = ({ engine: { state, change } }: FixtureConsole) => {
  const now = Date.now();
  state.questions = [{ id: 'q-1', hostId: 'host-1', host: 'web-1', hop: 'deploy@bastion.example', title: 'Neff Paving: staff only', instructions: 'A code was sent to the telephone that ends in 41.', prompts: [{ text: 'Password:', shown: false }, { text: 'One-time code:', shown: true }], askedAt: new Date(now).toISOString(), expiresAt: new Date(now + 110_000).toISOString() }];
  change({ topics: ['questions'] });
  return () => {
    state.questions = [];
    change({ topics: ['questions'] });
  };
};

/** The production system as a look left it that twenty hosts kept out, and five more for one reason. */
const withFleet = ({ engine: { state, change } }: FixtureConsole) => {
  const before = state.health;
  state.health = healthOfFleet();
  change({ topics: ['health'] });
  return () => {
    state.health = before;
    change({ topics: ['health'] });
  };
};

/** The production system with its databases behind web-1, and what a test of the way there finds. */
const behindHost = (error: ErrorShape | null) => ({ engine: { state, change } }: FixtureConsole) => {
  const before = { systems: state.systems, connectionTest: state.connectionTest, hostTest: state.hostTest, hosts: state.hosts };
  state.systems = state.systems.map((system) => (system.id !== 'sys-neff' ? system : { ...system, databases: system.databases.map((database) => ({ ...database, connection: { ...database.connection, viaId: 'host-web', host: '/var/run/postgresql', tls: { mode: 'disable' as const, ca: null } } })) }));
  state.hostTest = webTest(error);
  state.connectionTest = behindHostTest(error);
  if (error !== null) state.hosts = state.hosts.map((host) => (host.id === 'host-web' ? { ...host, lastError: error } : host));
  change({ topics: ['systems'] });
  return () => {
    Object.assign(state, before);
    change({ topics: ['systems'] });
  };
};
const openConnection = async (page: Page, tab?: string) => {
  await press(/Edit the connection to neff_paving/)(page);
  if (tab !== undefined) await page.getByRole('tab', { name: tab }).click();
};
const testConnection = async (page: Page) => {
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.getByRole('heading', { name: /^Postgres, through/ }).waitFor();
};

/** A backup was interrupted, and its dump waits on a host. */
const withUnfinished = ({ engine: { state, change } }: FixtureConsole) => {
  const before = state.unfinished;
  state.unfinished = [unfinishedDump()];
  change({ topics: ['backups'] });
  return () => {
    state.unfinished = before;
    change({ topics: ['backups'] });
  };
};

/** The same, where going on with it wants the vault. */
const withUnfinishedBehindVault = (fixture: FixtureConsole) => {
  const putBack = withUnfinished(fixture);
  const { engine } = fixture;
  const before = engine.state.vault;
  engine.state.vault = 'locked';
  engine.fail('backup.planContinue', { code: 'vault.locked', message: 'The vault is locked.', hint: 'Open it with its passphrase.' });
  engine.change({ topics: ['vault'] });
  return () => {
    engine.state.vault = before;
    engine.fail('backup.planContinue', null);
    engine.change({ topics: ['vault'] });
    putBack();
  };
};

/** A vault that locked itself, where the keychain did not open it. */
const withKeychain = ({ engine: { state, change } }: FixtureConsole) => {
  const before = { vault: state.vault, keychain: state.keychain };
  Object.assign(state, { vault: 'locked', keychain: { backend: 'kwallet6', opens: true, problem: 'The keychain of this computer (kwallet6) did not answer within 30 s.' } });
  change({ topics: ['vault'] });
  return () => {
    Object.assign(state, before);
    change({ topics: ['vault'] });
  };
};

/** A restore failed, and could not drop what it had made. */
const withFailedRestore = ({ engine: { state, change } }: FixtureConsole) => {
  const before = { restores: state.restores, operations: state.operations, leftBehind: state.leftBehind };
  const failed = failedRestore();
  Object.assign(state, { restores: [failed.restore, ...before.restores], operations: [failed.operation, ...before.operations], leftBehind: failed.restore.into });
  change({ topics: ['restores', 'operations'] });
  return () => {
    Object.assign(state, before);
    change({ topics: ['restores', 'operations'] });
  };
};

/** The production system with twenty hosts behind its bastion. */
const withManyHosts = (error: ErrorShape | null) => ({ engine: { state, change } }: FixtureConsole) => {
  const before = state.hosts;
  state.hosts = manyHosts().map((host) => (host.id === 'host-bastion' ? { ...host, lastError: error } : host));
  change({ topics: ['systems'] });
  return () => {
    state.hosts = before;
    change({ topics: ['systems'] });
  };
};

/** Somebody else has saved the runbook that is open here. */
const withRunbookOfTwo = ({ engine: { fail } }: FixtureConsole) => {
  fail('runbook.save', { code: 'runbook.changed', message: 'The file of the runbook own/wal-fills-the-disk was changed by somebody else meanwhile: nothing was written.', details: { found: '0'.repeat(64) } });
  return () => fail('runbook.save', null);
};

/** What is imported for a picture is gone after it. */
const putBackWhatIsHere = ({ engine: { state } }: FixtureConsole) => {
  const before = { hosts: state.hosts, systems: state.systems };
  return () => void Object.assign(state, before);
};

export const shots: readonly Shot[] = [
  { name: 'first-start', path: '/', empty: true },
  { name: 'first-start-plan', path: '/', empty: true, act: press('Start the practice system') },
  { name: 'overview', path: '/' },
  { name: 'system', path: '/systems/sys-neff' },
  { name: 'system-host-away', path: '/systems/sys-neff', prepare: withManyHosts(awayError) },
  { name: 'system-host-key', path: '/systems/sys-neff', prepare: behindHost(changedKeyError) },
  { name: 'practice', path: '/systems/sys-practice' },
  { name: 'connection', path: '/systems/sys-neff', act: async (page) => { await press(/Edit the connection to neff_paving/)(page); await page.getByRole('button', { name: 'Test connection' }).click(); await page.getByText('not tried').first().waitFor(); } },
  { name: 'connection-vault', path: '/systems/sys-neff', act: async (page) => { await press('Add database')(page); await page.getByLabel('Password', { exact: true }).fill('secret'); await page.getByRole('region', { name: 'The vault' }).waitFor(); } },
  { name: 'connection-ssh', path: '/systems/sys-neff', prepare: behindHost(null), act: async (page) => { await openConnection(page, 'SSH'); await page.getByRole('button', { name: 'Look for databases' }).click(); await page.getByText('reports-db').waitFor(); await testConnection(page); } },
  { name: 'connection-tools', path: '/systems/sys-neff', prepare: behindHost(null), act: async (page) => { await openConnection(page, 'Advanced'); await page.getByRole('button', { name: 'Look for programs' }).click(); await page.getByRole('button', { name: /^Use pg_dump 15.6 as postgres/ }).click(); await page.getByLabel('Account').waitFor(); } },
  { name: 'connection-unknown-key', path: '/systems/sys-neff', prepare: behindHost(unknownKeyError), act: async (page) => { await openConnection(page, 'SSH'); await testConnection(page); } },
  { name: 'connection-changed-key', path: '/systems/sys-neff', prepare: behindHost(changedKeyError), act: async (page) => { await openConnection(page, 'SSH'); await testConnection(page); } },
  { name: 'connection-refused', path: '/systems/sys-neff', prepare: behindHost(refusedError), act: async (page) => { await openConnection(page, 'SSH'); await testConnection(page); } },
  { name: 'connection-password', path: '/systems/sys-neff', prepare: behindHost(passwordError), act: async (page) => { await openConnection(page, 'SSH'); await testConnection(page); } },
  { name: 'connection-add-host', path: '/systems/sys-neff', prepare: behindHost(unknownKeyError), act: async (page) => { await openConnection(page, 'SSH'); await page.getByLabel('How the database is reached').selectOption({ label: 'Through another host, which I add now…' }); const dialog = page.getByRole('dialog', { name: 'Add a host' }); await dialog.getByLabel('Name or address').fill('web-1.internal'); await dialog.getByLabel('User').fill('deploy'); await dialog.getByRole('button', { name: 'Add a key file' }).click(); await dialog.getByRole('button', { name: 'Test host' }).click(); await dialog.getByRole('button', { name: 'Trust this key' }).waitFor(); } },
  { name: 'connection-test', path: '/systems/sys-neff', prepare: behindHost(unknownKeyError), act: async (page) => { await press(/Test the connection to neff_paving/)(page); await page.getByRole('button', { name: 'Trust this key' }).waitFor(); } },
  { name: 'hosts', path: '/systems/sys-neff/settings', prepare: behindHost(changedKeyError), act: (page) => page.getByRole('heading', { name: /^Hosts/ }).scrollIntoViewIfNeeded() },
  { name: 'host-test', path: '/systems/sys-neff/settings', act: async (page) => { await press('Test web-1')(page); await page.getByText('everything passed').waitFor(); } },
  { name: 'host-look', path: '/systems/sys-neff/settings', act: async (page) => { await press('Look what runs on web-1')(page); await page.getByText('reports-db').first().waitFor(); } },
  { name: 'host-keys', path: '/systems/sys-neff/settings', prepare: behindHost(changedKeyError), act: async (page) => { await press('Keys of web-1')(page); await page.getByRole('button', { name: 'Replace the known key…' }).waitFor(); } },
  { name: 'host-replace-key', path: '/systems/sys-neff/settings', prepare: behindHost(changedKeyError), act: async (page) => { await press('Keys of web-1')(page); await page.getByRole('button', { name: 'Replace the known key…' }).click(); await page.getByRole('dialog', { name: /^Replace the key/ }).waitFor(); } },
  { name: 'host-revoke-key', path: '/systems/sys-neff/settings', act: async (page) => { await press('Keys of web-1')(page); await page.getByRole('button', { name: /^Revoke the key/ }).click(); await page.getByRole('dialog', { name: /^Never trust/ }).waitFor(); } },
  { name: 'host-forget', path: '/systems/sys-neff/settings', act: press('Forget the host web-1…') },
  { name: 'health', path: '/systems/sys-neff/health' },
  { name: 'health-fleet', path: '/systems/sys-neff/health', prepare: withFleet, act: async (page) => { await page.getByText('Which checks, and where').click(); } },
  { name: 'health-compare', path: '/systems/sys-neff/health', act: press('Compare runs') },
  { name: 'health-thresholds', path: '/systems/sys-neff/health', act: press('Thresholds') },
  { name: 'backups', path: '/systems/sys-neff/backups' },
  { name: 'backups-unfinished', path: '/systems/sys-neff/backups', prepare: withUnfinished, act: (page) => page.getByRole('button', { name: /^Continue/ }).waitFor() },
  { name: 'backup-now', path: '/systems/sys-neff/backups', act: async (page) => { await press('Back up now')(page); await page.getByRole('button', { name: /^Back up neff/ }).waitFor(); } },
  { name: 'backup', path: '/systems/sys-neff/backups/b-site' },
  { name: 'files', path: '/systems/sys-neff/backups', act: (page) => page.getByRole('heading', { name: /^Files/ }).scrollIntoViewIfNeeded() },
  { name: 'files-add', path: '/systems/sys-neff/backups', act: async (page) => { await press('Add files')(page); await page.getByRole('button', { name: /^Look for configuration/ }).click(); await page.getByRole('button', { name: 'Add /etc/postgresql/15/main' }).waitFor(); await page.getByRole('textbox', { name: 'Paths' }).fill('/etc/nginx\n/etc/nginx/conf.d'); await page.getByLabel('Read as').selectOption('sudo'); } },
  { name: 'files-now', path: '/systems/sys-neff/backups', act: async (page) => { await press('Back up Web server')(page); await page.getByText('will be left out').waitFor(); } },
  { name: 'files-copies', path: '/systems/sys-neff/backups', act: async (page) => { await press('Show the copies of Web server')(page); await page.getByRole('button', { name: /^Bring back/ }).first().waitFor(); } },
  { name: 'files-restore', path: '/systems/sys-neff/backups', act: async (page) => { await press('Show the copies of Web server')(page); await page.getByRole('button', { name: /^Bring back/ }).first().click(); await page.getByLabel('Where to').waitFor(); } },
  { name: 'backup-gone', path: '/systems/sys-neff/backups/b-admin-15' },
  { name: 'backup-elsewhere', path: '/systems/sys-neff/backups/b-old' },
  { name: 'restore-pick', path: '/systems/sys-neff/restore' },
  { name: 'restore-target', path: '/systems/sys-neff/restore/new/b-site' },
  { name: 'restore-target-elsewhere', path: '/systems/sys-neff/restore/new/b-old' },
  { name: 'restore-blocked', path: '/systems/sys-neff/restore/new/b-site', act: async (page) => { await page.getByLabel('Name of the new database').fill('neff_site'); await page.getByText('This cannot run as it stands.').waitFor(); } },
  { name: 'restore-compare', path: '/systems/sys-neff/restore/restore-1' },
  { name: 'restore-failed', path: '/systems/sys-neff/restore/restore-failed', prepare: withFailedRestore, act: (page) => page.getByRole('button', { name: 'Drop what was left…' }).waitFor() },
  { name: 'restore-run-failed', path: '/systems/sys-neff/restore/run/op-restore', prepare: withFailedRestore, act: (page) => page.getByRole('button', { name: 'Try again…' }).waitFor() },
  { name: 'operation', path: '/operations/op-running' },
  { name: 'operation-failed', path: '/operations/op-failed' },
  { name: 'operation-unfinished', path: '/operations/op-interrupted', prepare: withUnfinished, act: (page) => page.getByRole('button', { name: /^Continue/ }).waitFor() },
  { name: 'operation-vault', path: '/operations/op-interrupted', prepare: withUnfinishedBehindVault, act: async (page) => { await press(/^Continue/)(page); await page.getByRole('button', { name: 'Open the vault…' }).click(); await page.getByRole('dialog', { name: 'Open the vault' }).waitFor(); } },
  { name: 'operation-cancelled', path: '/operations/op-cancelled' },
  { name: 'settings-remove-events', path: '/settings/data', act: press('Remove old events…') },
  { name: 'operations', path: '/operations' },
  { name: 'history', path: '/history', act: async (page) => { await page.getByLabel('Search history').fill('job_sites'); await page.locator('.pane.l mark').first().waitFor(); } },
  { name: 'runbooks', path: '/systems/sys-neff/runbooks' },
  { name: 'runbooks-found', path: '/runbooks', act: async (page) => { await page.getByLabel('Search runbooks').fill('drop slot'); await page.locator('.lib mark').first().waitFor(); } },
  { name: 'runbooks-walked', path: '/systems/sys-neff/runbooks/walked', act: press(/^Export the report/) },
  { name: 'runbook-start', path: '/systems/sys-neff/runbooks/start/neff-paving/connections-run-out', act: async (page) => { await page.getByRole('button', { name: /^Ask .* for choices/ }).click(); await page.getByRole('button', { name: /^Ask .* for Slot/ }).click(); await page.getByRole('button', { name: 'standby_2' }).click(); await page.getByLabel('Slot to drop').first().fill('two words'); await page.getByText('A slot has no space').waitFor(); } },
  { name: 'runbook-errors', path: '/runbooks/start/own/wal-fills-the-disk', act: (page) => page.getByRole('link', { name: 'Open the editor' }).waitFor() },
  { name: 'runbook-edit', path: '/systems/sys-neff/runbooks/edit/own/wal-fills-the-disk', act: async (page) => { await page.getByRole('button', { name: /^Sample values/ }).click(); await page.getByRole('button', { name: /^Line 19/ }).click(); await page.keyboard.press('Control+f'); await page.locator('.cm-search').waitFor(); } },
  { name: 'runbook-fault', path: '/systems/sys-neff/runbooks/edit/own/wal-fills-the-disk', act: async (page) => { await page.locator('.cm-lintRange-error').hover(); await page.locator('.cm-tooltip').waitFor(); } },
  { name: 'runbook-conflict', path: '/systems/sys-neff/runbooks/edit/own/wal-fills-the-disk', prepare: withRunbookOfTwo, act: async (page) => { await page.getByRole('textbox', { name: 'Text of the runbook' }).click(); await page.keyboard.insertText('# mine'); await page.getByText('Not saved', { exact: true }).waitFor(); await page.keyboard.press('Control+s'); await page.getByRole('dialog').waitFor(); } },
  { name: 'runbook-remove', path: '/systems/sys-neff/runbooks/edit/own/wal-fills-the-disk', act: press('Remove…') },
  { name: 'runbook-pack', path: '/systems/sys-neff/runbooks/edit/neff-paving/slow-pages', act: (page) => page.locator('.cm-content').waitFor() },
  { name: 'runbook-new', path: '/runbooks/new', act: (page) => page.locator('.cm-content').waitFor() },
  { name: 'runbook-print', path: '/systems/sys-neff/runbooks/print/own/wal-fills-the-disk', act: (page) => page.getByRole('heading', { name: /Drop the slot/ }).waitFor() },
  { name: 'import-hosts', path: '/systems/sys-neff/import/hosts', act: async (page) => { await page.getByText('could not be read').click(); } },
  { name: 'import-hosts-done', path: '/systems/sys-practice/import/hosts', prepare: putBackWhatIsHere, act: async (page) => { await page.getByLabel('Import db-2').uncheck(); await page.getByRole('button', { name: /^Import 1/ }).click(); await page.getByRole('heading', { name: /added to/ }).waitFor(); } },
  { name: 'import-first', path: '/import/hosts', empty: true, act: async (page) => { await page.getByRole('button', { name: 'Pasted text' }).click(); await page.getByLabel('ssh lines').fill('ssh -J ops@bastion.example deploy@db-1'); } },
  { name: 'import-databases', path: '/systems/sys-neff/import/databases' },
  { name: 'settings-vault', path: '/settings/vault' },
  { name: 'settings-vault-keychain', path: '/settings/vault', prepare: withKeychain },
  { name: 'settings-data', path: '/settings/data' },
  { name: 'settings-about', path: '/settings/about' },
  { name: 'system-settings', path: '/systems/sys-neff/settings' },
  { name: 'palette', path: '/', act: async (page) => { await page.keyboard.press('Control+k'); await page.getByRole('combobox').fill('restore neff'); } },
  { name: 'question', path: '/systems/sys-neff/health', prepare: askQuestion, act: async (page) => { await page.getByRole('dialog').waitFor(); } },
  { name: 'shortcuts', path: '/', act: async (page) => { await page.keyboard.press('?'); await page.getByRole('dialog').waitFor(); } },
  ...walkthroughShots,
  ...systemShots,
];

/** Waits until nothing on the page is still being loaded. */
export async function settled(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null && document.fonts.status === 'loaded');
}

async function take(folder: string, wanted: readonly string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const browser = await launchBrowser();
  const full = await startFixtureConsole();
  const empty = await startFixtureConsole({ empty: true });
  const ofSystem = await startSystemConsole();
  try {
    for (const look of [{ theme: 'light', width: 1440, height: 900 }, { theme: 'dark', width: 1440, height: 900 }, { theme: 'light', width: 1024, height: 700 }, { theme: 'dark', width: 1024, height: 700 }, { theme: 'dark', width: 720, height: 700 }] as const) {
      for (const shot of shots.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
        const fixture: FixtureConsole = shot.empty ? empty : full;
        const putBack = shot.prepare?.(fixture);
        const opened = await openConsole(browser, shot.isOfSystem ? ofSystem : fixture, look);
        await opened.go(shot.isOfSystem ? ofSystem.path(shot.path) : shot.path);
        await settled(opened.page);
        await shot.act?.(opened.page);
        await settled(opened.page);
        await opened.page.screenshot({ path: join(folder, `${shot.name}-${look.theme}-${look.width}.png`) });
        for (const complaint of opened.complaints) process.stdout.write(`${shot.name} ${look.theme} ${look.width}: ${complaint}\n`);
        await opened.close();
        putBack?.();
      }
    }
  } finally {
    await browser.close();
    await full.close();
    await empty.close();
    await ofSystem.close();
  }
}

const [folder, ...wanted] = process.argv.slice(2);
if (import.meta.main && folder !== undefined) await take(folder, wanted);
