/** Files of a host on the command line, as a script uses it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as documents from '../../../electron/cli/documents.ts';
import { cliSession } from '#test/cli-session.ts';
import { startFilesHost, whyNoFilesHost, type FilesHost } from '#test/files-host.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const missing = whyNoFilesHost();
let host: FilesHost;
beforeAll(async () => void (missing === null && (host = await startFilesHost())));
afterAll(() => host?.stop());

test('a set is added, backed up, listed, shown, verified, brought back, and an older copy deleted', async (context) => {
  if (missing !== null) return context.skip(missing);
  const etc = join(host.ground, 'etc');
  mkdirSync(etc);
  writeFileSync(join(etc, 'app.conf'), 'a = 1\n');
  writeFileSync(join(etc, 'app.log'), 'noise\n');
  const cli = cliSession(await temporaryFolder('cli-files'));
  await cli.read(documents.systemAddedDocument, 'system', 'add', 'Shop');
  await cli.read(documents.hostAddedDocument, 'host', 'add', 'Shop', `${host.server.user}@127.0.0.1:${host.server.port}`, '--label', 'web', '--key', host.keyFile);
  await cli.read(documents.hostTrustedDocument, 'host', 'trust', 'web', '--fingerprint', String((await cli.fail('host', 'trust', 'web')).details['fingerprint']));

  const { set } = await cli.read(documents.filesAddedDocument, 'files', 'add', 'web', 'configuration', etc, '--exclude', '*.log');
  expect(set).toMatchObject({ name: 'configuration', paths: [etc], exclude: ['*.log'], oneFileSystem: true });
  expect(await cli.fail('files', 'add', 'web', 'other', 'etc')).toMatchObject({ code: 'contract.invalid-input', message: expect.stringContaining('begins with /') as string });
  const first = await cli.read(documents.filesBackupDocument, 'files', 'backup', 'configuration', '--proof', 'L1');
  expect(first.backup).toMatchObject({ system: 'Shop', set: 'configuration', host: 'web', files: 1, proof: 'L1', leftOut: 0 });
  expect(await cli.fail('files', 'delete', first.backup.id.slice(0, 8), '--confirm', 'configuration')).toMatchObject({ code: 'backup.protected' });
  const verified = await cli.read(documents.filesVerifyDocument, 'files', 'verify', first.backup.path);
  expect([verified.proof, verified.checks.every(({ ok }) => ok)]).toEqual(['L3', true]);
  const second = await cli.read(documents.filesBackupDocument, 'files', 'backup', 'configuration');
  expect([(await cli.read(documents.filesBackupsDocument, 'files', 'backups', 'configuration')).total, (await cli.read(documents.filesListDocument, 'files', 'list')).sets[0]?.newestProven?.id]).toEqual([2, second.backup.id]);
  expect((await cli.read(documents.filesDetailDocument, 'files', 'show', second.backup.id, '--below', join(etc, 'app.conf'))).contents?.entries.map(({ path }) => `/${path}`)).toEqual([join(etc, 'app.conf')]);

  const here = await cli.read(documents.filesRestoredDocument, 'files', 'restore', second.backup.id, join(etc, 'app.conf'));
  expect(readFileSync(join(here.restored.into[0] ?? '', etc, 'app.conf'), 'utf8')).toBe('a = 1\n');
  const there = await cli.read(documents.filesRestoredDocument, '--yes', 'files', 'restore', second.backup.id, '--to', 'host');
  expect(readFileSync(join(there.restored.into[0] ?? '', 'app.conf'), 'utf8')).toBe('a = 1\n');
  await cli.read(documents.backupDeleteDocument, 'files', 'delete', first.backup.id, '--confirm', 'configuration');
  expect(existsSync(first.backup.path)).toBe(false);

  writeFileSync(join(second.backup.path, 'files.tar.gz'), readFileSync(join(second.backup.path, 'files.tar.gz')).subarray(0, -20));
  const broken = await cli.run('files', 'verify', second.backup.id, '--level', 'L0');
  expect([broken.status, documents.filesVerifyDocument.parse(broken.document()).proof]).toEqual([1, null]);
  await cli.read(documents.removedDocument, 'files', 'remove', 'configuration');
  expect((await cli.read(documents.filesListDocument, 'files', 'list')).sets).toEqual([]);
});
