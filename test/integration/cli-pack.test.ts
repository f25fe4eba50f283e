/** Packs from the command line, on a data folder of their own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import * as documents from '../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { swapped, yardTexts } from '#test/packs/yard.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

let home: string;
let cli: CliSession;

/** The yard, as one that was imported. */
function put(folder: string, changes: Record<string, string> = {}): string {
  for (const [file, text] of Object.entries({ ...yardTexts, ...changes })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

beforeEach(async () => {
  home = await temporaryFolder('cli-pack');
  cli = cliSession(home);
  put(join(home, 'packs', 'yard'));
});

const said = ['--answer', 'api-url=https://api.yard.example', '--answer', 'zone=UTC', '--answer', 'fast=2h'];

test('packs are listed with those that were imported, and one is proposed for new systems', async () => {
  const { packs, forNew } = await cli.read(documents.packListDocument, 'pack', 'list');
  expect([packs.find(({ name }) => name === 'yard')?.origin, packs.filter(({ origin }) => origin === 'shipped').length, forNew]).toEqual(['imported', 6, 'postgres-server']);
});

test('a pack becomes a system, with what was said', async () => {
  const { system, open } = await cli.read(documents.packAdoptedDocument, 'system', 'adopt', 'yard', '--name', 'The yard', ...said);
  expect([system.name, system.environment, open.questions, open.roles.map(({ name }) => name)]).toEqual(['The yard', 'staging', [], ['web', 'db']]);
});

test('an update is shown, then made with the sides that were chosen', async () => {
  await cli.read(documents.packAdoptedDocument, 'pack', 'adopt', 'yard', '--name', 'The yard', ...said);
  put(join(home, 'packs', 'yard'), { 'pack.yaml': (yardTexts['pack.yaml'] ?? '').replace('"1.0.0"', '"1.1.0"').replace('warn: 70', 'warn: 75') });
  const shown = await cli.read(documents.packUpdateDocument, 'pack', 'update', 'The yard');
  const done = await cli.read(documents.packUpdateDocument, 'pack', 'update', 'The yard', '--apply', '--mine');
  const after = await cli.read(documents.packUpdateDocument, 'pack', 'update', 'The yard');
  expect([shown.updated, shown.preview.items.map(({ key, change }) => [key, change]), done.updated === null, after.preview.items]).toEqual([null, [['cpu', 'changed']], false, []]);
});

test('a role that there is not is a fault of usage', async () => {
  expect(await cli.fail('pack', 'adopt', 'yard', '--host', 'wbe=web-1')).toMatchObject({ status: 64, message: 'There is no role wbe for a host.' });
});

test('lint says what is wrong in a folder, with file and line, and ends with 1', async () => {
  const folder = put(join(home, 'drafts', 'yard'), swapped('pack.yaml', 'manager: systemd', 'manger: systemd'));
  writeFileSync(join(folder, 'pack.json'), '{}');
  const { status, document } = await cli.run('pack', 'lint', folder);
  const { problems } = documents.packLintDocument.parse(document());
  expect([status, problems.map(({ file, line, severity, rule }) => [file, line, severity, rule])]).toEqual([1, [['pack.json', 1, 'warning', 'stray'], ['pack.yaml', 17, 'error', 'unknown-key']]]);
});
