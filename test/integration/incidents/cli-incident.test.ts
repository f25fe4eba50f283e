import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as documents from '../../../electron/cli/documents.ts';
import { cliSession, type CliSession } from '#test/cli-session.ts';
import { command } from '#test/command-line.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';

let home: string;
let cli: CliSession;
beforeAll(async () => {
  home = await makeTemporaryFolder('cli-incident');
  cli = cliSession(home);
  await cli.read(documents.incidentOpenedDocument, 'incident', 'open', 'Site down', '--severity', 'p2', '--unsure', '--seen', 'HTTP 502');
});
afterAll(() => rm(home, { recursive: true, force: true }));

const done = (...args: string[]) => cli.read(documents.incidentDocument, 'incident', ...args);

test('an incident is walked to its end from the command line, from process to process', async () => {
  await done('ack', '1', '--by', 'Ann');
  await done('assign', 'INC-1', 'lead', 'Ann');
  await done('update', '1', 'Cause known', '--to', 'the owner');
  await done('resolve', '1', '--text', 'nginx was started');
  const { incident, timeline } = await done('close', '1');
  expect([incident.state, incident.severity.key, timeline.map(({ title }) => title)]).toEqual(['closed', 'p1', ['Closed', 'Resolved', 'Update to the owner', 'Leads: Ann', 'Acknowledged by Ann', 'Declared P1: down, or data at risk']]);
});
test('what cannot be done is refused, with exit status 1', async () => {
  expect(await cli.fail('incident', 'pause', '1', '--reason', 'x')).toMatchObject({ status: 1, code: 'incident.not-now' });
});
test('a severity that there is not is named with those that there are', async () => {
  expect(await cli.fail('incident', 'open', 'Slow', '--severity', 'p9')).toMatchObject({ status: 64, hint: expect.stringContaining('p1 (P1: down, or data at risk)') });
});
test('the report is written from the log', async () => {
  const { export: report } = await cli.read(documents.runbookExportDocument, 'incident', 'report', 'INC-1');
  expect(report.content).toContain('Acknowledged by Ann');
});
test('of a clock that had run out before it was stopped nothing is left', async () => {
  await cli.read(documents.incidentOpenedDocument, 'incident', 'open', 'Slow', '--severity', 'p1', '--declared', new Date(Date.now() - 2 * 3_600_000).toISOString());
  const { stdout } = await command(['--home', home, 'incident', 'pause', '2', '--reason', 'The provider works on it']);
  expect(stdout).toMatch(/Acknowledge +stands still +none left/);
});
