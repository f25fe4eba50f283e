/** Runbooks of packs that were imported: nothing of them is sent before a person has looked at their very text, whichever way one begins. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Library, LibraryFile } from '#engine/runbooks/library/index.ts';
import { createLibrary } from '#engine/runbooks/library/index.ts';
import { readRunbook, textHash } from '#engine/runbooks/format/index.ts';
import { deskStage, onWeb, outcome, runbookText, type DeskStage } from '#test/desk-stage.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const steps = '  - { id: look, title: Look, target: web, sh: uptime, risk: read }\n';
const proposing = 'params:\n  unit: { type: string, label: Unit, options_from: { target: web, sh: systemctl list-units } }\n';
const text = (changes = ''): string => runbookText(`${steps}${changes}`, { id: 'brought', targets: onWeb });
const caller = runbookText('  - { id: call, title: Call, call: { runbook: brought } }\n', { id: 'caller', targets: onWeb });

interface Brought extends DeskStage {
  ref: string;
  systemId: string;
  bindings: Record<string, { hostId: string }>;
  sent: string[];
  /** Writes the file of the pack anew. */
  bring(text: string): void;
  review(): Promise<void>;
}

/** A pack that lies in the data folder, as one brings it there. What is sent is listed. */
async function brought(first = text()): Promise<Brought> {
  const stage = await deskStage({ packsFolder: await temporaryFolder('no-packs') });
  const folder = join(stage.root, 'packs', 'met');
  mkdirSync(join(folder, 'runbooks'), { recursive: true });
  writeFileSync(join(folder, 'pack.yaml'), 'schema: pack/1\nid: met\ntitle: Met\nversion: "1.0.0"\nsummary: It was brought from elsewhere.\n');
  const bring = (now: string): void => writeFileSync(join(folder, 'runbooks', 'brought.yaml'), now);
  bring(first);
  const systemId = stage.addSystem('shop');
  const bindings = { web: { hostId: stage.addHost(systemId, 'web-1') } };
  const sent: string[] = [];
  const note = (what: unknown): void => void sent.push(JSON.stringify(what));
  stage.runner.send = async (what) => {
    note(what);
    return outcome();
  };
  stage.runner.readOptions = async (what) => {
    note(what);
    return ['nginx'];
  };
  const ref = 'met/brought';
  const review = async (): Promise<void> => void (await stage.engine.call('runbook.markReviewed', { ref, hash: (await stage.engine.call('runbook.prepare', { ref, systemId })).card.hash }));
  return Object.assign(stage, { ref, systemId, bindings, sent, bring, review });
}

/** Every way in which something of a runbook can be sent, or become something that is sent unasked. */
const ways: readonly [string, (stage: Brought) => Promise<unknown>][] = [
  ['begun live', (stage) => stage.begin(stage.ref, stage)],
  ['begun on paper and sent from there', async (stage) => stage.act(await stage.begin(stage.ref, { ...stage, mode: 'paper' }), { kind: 'go-live' })],
  ['called by one of one’s own', async (stage) => stage.act(await stage.begin(stage.write('caller', caller), stage), { kind: 'call', key: 'call', use: 'new' })],
  ['asked for choices', async (stage) => stage.engine.call('runbook.options', { ref: stage.ref, param: 'unit', bindings: stage.bindings, values: {} })],
  ['copied to one’s own', async (stage) => stage.engine.call('runbook.copy', { ref: stage.ref })],
];
const withChoices = runbookText(steps, { id: 'brought', targets: onWeb, params: proposing });

describe('a runbook that was imported', () => {
  test.each(ways)('is not sent before somebody has looked at it: %s', async (_way, go) => {
    const stage = await brought(withChoices);
    await expect(go(stage)).rejects.toMatchObject({ code: 'runbook.not-reviewed' });
    expect([stage.sent, readdirSync(join(stage.root, 'runbooks')).filter((name) => name.startsWith('brought'))]).toEqual([[], []]);
  });
  test.each(ways)('is not sent when it was edited since: %s', async (_way, go) => {
    const stage = await brought(withChoices);
    await stage.review();
    stage.bring(withChoices.replace('uptime', 'uptime -p'));
    await expect(go(stage)).rejects.toMatchObject({ code: 'runbook.not-reviewed' });
    expect(stage.sent).toEqual([]);
  });
  test.each([ways[3], ways[4]] as [string, (stage: Brought) => Promise<unknown>][])('is, when somebody has: %s', async (_way, go) => {
    const stage = await brought(withChoices);
    await stage.review();
    await expect(go(stage)).resolves.toBeDefined();
  });
  test('is sent when somebody has looked at it, as it was then', async () => {
    const stage = await brought();
    await stage.review();
    const id = await stage.begin(stage.ref, stage);
    stage.bring(text().replace('uptime', 'reboot'));
    await stage.run(id, 'look');
    expect(stage.sent.map((each) => [each.includes('uptime'), each.includes('reboot')])).toEqual([[true, false]]);
  });
  test('is not begun when it was replaced after it was shown', async () => {
    const stage = await brought();
    await stage.review();
    const { card } = await stage.engine.call('runbook.prepare', { ref: stage.ref, systemId: stage.systemId });
    stage.bring(text().replace('uptime', 'reboot'));
    await expect(stage.engine.call('walkthrough.start', { ref: stage.ref, hash: card.hash, systemId: stage.systemId, mode: 'live', bindings: stage.bindings, values: {}, secrets: {} })).rejects.toMatchObject({ code: 'runbook.changed' });
  });
  test('is not called looked at by what it says now when it was shown as it was before', async () => {
    const stage = await brought();
    const { card } = await stage.engine.call('runbook.prepare', { ref: stage.ref, systemId: null });
    stage.bring(text().replace('uptime', 'reboot'));
    await expect(stage.engine.call('runbook.markReviewed', { ref: stage.ref, hash: card.hash })).rejects.toMatchObject({ code: 'runbook.changed' });
  });
  test.each(['paper', 'rehearsal'] as const)('sends nothing as %s', async (mode) => {
    const stage = await brought();
    const id = await stage.begin(stage.ref, { ...stage, mode });
    await expect(stage.run(id, 'look')).rejects.toMatchObject({ code: 'runbook.not-now' });
    expect(stage.sent).toEqual([]);
  });
  test('that says that it is a draft is none yet, in which way ever', async () => {
    const stage = await brought(text().replace('version: "1.0.0"\n', 'version: "1.0.0"\ndraft: true\n'));
    const { card } = await stage.engine.call('runbook.prepare', { ref: stage.ref, systemId: null });
    for (const mode of ['live', 'paper', 'rehearsal'] as const) await expect(stage.engine.call('walkthrough.start', { ref: stage.ref, hash: card.hash, systemId: stage.systemId, mode, bindings: stage.bindings, values: {}, secrets: {} })).rejects.toMatchObject({ code: 'runbook.invalid' });
    await expect(stage.review()).rejects.toMatchObject({ code: 'runbook.invalid' });
  });
});

test('what is copied is what was looked at, whatever lies there a moment later', async () => {
  const root = await temporaryFolder('copied');
  const folder = join(root, 'packs', 'met', 'runbooks');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'brought.yaml');
  writeFileSync(file, text());
  const library: Library = createLibrary({ folder: join(root, 'own'), packsFolder: null, importedFolder: join(root, 'packs'), clock: { now: () => 0 }, reader: { readRunbook, textHash } });
  const seen: LibraryFile[] = [];
  library.copy('met/brought', (read) => {
    seen.push(read);
    writeFileSync(file, text().replace('uptime', 'reboot'));
  });
  expect([seen.map(({ origin }) => origin), readFileSync(join(root, 'own', 'brought.yaml'), 'utf8')]).toEqual([['imported'], text()]);
});

describe('in the folder of packs', () => {
  test.each([
    ['a link to a file elsewhere', (elsewhere: string, folder: string) => symlinkSync(join(elsewhere, 'secret.yaml'), join(folder, 'met', 'runbooks', 'linked.yaml'))],
    ['a link to a folder of runbooks', (elsewhere: string, folder: string) => {
      mkdirSync(join(folder, 'linked'));
      symlinkSync(elsewhere, join(folder, 'linked', 'runbooks'));
    }],
    ['a link to a pack', (elsewhere: string, folder: string) => symlinkSync(elsewhere, join(folder, 'linked'))],
    ['a pipe where a runbook is', (_elsewhere: string, folder: string) => execFileSync('mkfifo', [join(folder, 'met', 'runbooks', 'linked.yaml')])],
  ] as const)('%s is not followed, and nobody waits for it', async (_what, put) => {
    const stage = await brought();
    const elsewhere = await temporaryFolder('elsewhere');
    mkdirSync(join(elsewhere, 'runbooks'));
    for (const file of ['secret.yaml', join('runbooks', 'secret.yaml')]) writeFileSync(join(elsewhere, file), text());
    put(elsewhere, join(stage.root, 'packs'));
    const { runbooks } = await stage.engine.call('runbook.list', { systemId: stage.systemId, text: '' });
    expect(runbooks.map(({ ref }) => ref)).toEqual(['met/brought']);
  });
  test('a pipe where a pack says what it is costs its title alone', async () => {
    const stage = await brought();
    mkdirSync(join(stage.root, 'packs', 'piped', 'runbooks'), { recursive: true });
    writeFileSync(join(stage.root, 'packs', 'piped', 'runbooks', 'one.yaml'), text());
    execFileSync('mkfifo', [join(stage.root, 'packs', 'piped', 'pack.yaml')]);
    const { runbooks } = await stage.engine.call('runbook.list', { systemId: stage.systemId, text: '' });
    expect(runbooks.map(({ ref, packTitle }) => [ref, packTitle])).toEqual([['met/brought', 'Met'], ['piped/one', 'piped']]);
  });
});
