/** The rule book as somebody reads in it on a terminal. */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rules } from '#engine/rules/index.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let home: string;
let cli: CliSession;

beforeAll(async () => {
  home = await makeTemporaryFolder('rules');
  cli = cliSession(home);
});
afterAll(() => rm(home, { recursive: true, force: true }));

test('every rule is listed', async () => {
  expect((await cli.run('rules', 'list')).document()).toEqual({ rules: rules() });
});

test('a rule says why something is wrong, and for which versions', async () => {
  const shown = await cli.run('rules', 'show', 'statements-columns');
  expect([shown.status, shown.document()['rule']]).toEqual([0, expect.objectContaining({ versions: 'PostgreSQL 13 and later', explanation: expect.stringContaining('mean_exec_time') })]);
});

test('a rule that there is not is told with where they are listed', async () => {
  const shown = await cli.run('rules', 'show', 'nothing');
  expect([shown.status, shown.stderr]).toEqual([1, expect.stringContaining('There is no rule called nothing. rules list names them.')]);
});
