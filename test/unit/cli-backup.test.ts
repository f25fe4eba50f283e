import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { MethodName } from '#shared/contract/index.ts';
import type { Action } from '../../electron/cli/command.ts';
import { registerBackup } from '../../electron/cli/commands/backup.ts';
import type { Session } from '../../electron/cli/session.ts';

const backup = {
  id: 'b0123456789', path: '/backups/shop/shop/1', systemId: 's', systemName: 'Shop', environment: 'production', databaseId: 'd', database: 'shop', systemIdentifier: '1', serverVersion: '17.11', format: 'directory',
  takenAt: '2026-01-01T00:00:00.000Z', durationMs: 1, sizeBytes: 2048, tables: 3, rows: 4200, largeObjects: 0, proof: 'L3', provenAt: null, damaged: null, pinned: false,
};

/** What a command of the backups says, by an engine that answers so. */
async function said(words: string[], answers: Partial<Record<MethodName, unknown>>): Promise<string> {
  const session = { options: {}, call: (method: MethodName) => Promise.resolve(answers[method]) } as unknown as Session;
  let text = '';
  const program = new Command().exitOverride();
  registerBackup(program, (work: Action) => async (...parts) => {
    // As commander calls: the positionals, the options, the command itself.
    const outcome = await work(session, parts.slice(0, -2) as (string | undefined)[], parts.at(-2) as Record<string, unknown>);
    text = outcome.text;
  });
  await program.parseAsync(['backup', ...words], { from: 'user' });
  return text;
}

describe('the list of backups', () => {
  test('says of how many it shows the newest', async () => {
    const text = await said(['list', '--limit', '1'], { 'backup.list': { backups: [backup], total: 1204, nextCursor: 'x', scannedAt: null } });
    expect(text).toContain('These are the newest 1 of 1,204');
  });
  test('says nothing of others where it is whole', async () => {
    const text = await said(['list'], { 'backup.list': { backups: [backup], total: 1, nextCursor: null, scannedAt: null } });
    expect(text).not.toContain('newest');
  });
});

test('a backup whose manifest is gone is shown with why, with what is known of it, and with how to delete it', async () => {
  const damaged = { ...backup, damaged: 'Its folder /backups/shop/shop/1 is missing.' };
  const text = await said(['show', backup.id], { 'backup.list': { backups: [damaged], total: 1, nextCursor: null, scannedAt: null }, 'backup.get': { backup: damaged, contents: null, proofs: [] } });
  expect([text.includes('is missing'), text.includes('4,200 rows in 3 tables'), /backup delete b0123456/.test(text)]).toEqual([true, true, true]);
});
