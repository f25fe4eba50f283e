/** Guides on a real store: read, decided, published, read again; and what of them may be sent. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { GuideItem } from '#shared/contract/guides.ts';
import { createGuideRoom } from '#engine/guides/guide-room.ts';
import { knownChecks } from '#engine/packs/known-checks.ts';
import { readPack, readPackFolder } from '#engine/packs/format/index.ts';
import { textHash } from '#engine/runbooks/format/index.ts';
import { createRunbookRoom } from '#engine/runbooks/runbook-room.ts';
import { createTestEngine, type TestEngine } from '#test/engine-parts.ts';
import { fixtureText } from '#test/read-fixture-guide.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

interface Stage {
  root: string;
  engine: TestEngine;
  /** Looks at every flag of an item, and accepts it. */
  accept(guideId: string, item: GuideItem): Promise<GuideItem>;
  /** Accepts what can be, and leaves the rest out. */
  decideAll(guideId: string): Promise<void>;
  item(guideId: string, key: string): Promise<GuideItem>;
}

async function stage(): Promise<Stage> {
  const root = await temporaryFolder('guides');
  const shipped = join(root, 'shipped');
  mkdirSync(join(shipped, 'yard'), { recursive: true });
  const never = (): never => {
    throw new Error('Nothing is asked of the engine.');
  };
  const engine = createTestEngine({
    root: join(root, 'home'),
    rooms: [
      (context) => createGuideRoom(context, { packsFolder: shipped }),
      (context) => createRunbookRoom(context, { ask: never, hosts: { sudoPassword: async () => null }, appVersion: '0.1.0', packsFolder: shipped }),
    ],
  });
  onTestFinished(() => engine.close());
  const made: Stage = {
    root,
    engine,
    async item(guideId, key) {
      const { items } = await engine.call('guide.get', { guideId });
      const found = items.find((item) => item.key === key);
      if (found === undefined) throw new Error(`There is no ${key}.`);
      return found;
    },
    async accept(guideId, given) {
      let item = given;
      for (const { id } of item.flags.filter(({ state }) => state === 'open')) item = (await engine.call('guide.acknowledge', { guideId, key: item.key, flagId: id, how: 'keep', reason: 'it is meant so', expectedHash: item.hash })).item;
      return (await engine.call('guide.decide', { guideId, key: item.key, decision: 'accept', expectedHash: item.hash })).item;
    },
    async decideAll(guideId) {
      await engine.call('guide.acceptPlain', { guideId });
      const { items } = await engine.call('guide.get', { guideId });
      for (const item of items.filter(({ decision }) => decision === 'open')) {
        const hasErrors = item.problems.some(({ severity, rule }) => severity === 'error' && rule !== 'placeholder');
        if (hasErrors) await engine.call('guide.decide', { guideId, key: item.key, decision: 'reject', expectedHash: item.hash });
        else await made.accept(guideId, item);
      }
    },
  };
  return made;
}

const importFixture = async ({ engine }: Stage, name: Parameters<typeof fixtureText>[0]): Promise<string> => (await engine.call('guide.import', { fileName: `${name}.md`, text: fixtureText(name) })).guide.id;

test('a preview keeps nothing', async () => {
  const { engine } = await stage();
  const read = await engine.call('guide.read', { fileName: 'shop.md', text: fixtureText('kubernetes-shop') });
  expect([read.counts.byKind.runbook, (await engine.call('guide.list', {})).guides]).toEqual([3, []]);
});

test('nothing is published before everything is decided, and it says how much is left', async () => {
  const made = await stage();
  const guideId = await importFixture(made, 'kubernetes-shop');
  const { left } = await made.engine.call('guide.acceptPlain', { guideId });
  await expect(made.engine.call('guide.publish', { guideId, name: 'lindenhof', title: 'Lindenhof' })).rejects.toMatchObject({ code: 'guide.not-reviewed', details: { left } });
  expect(readdirSync(made.engine.context.home.packs)).toEqual([]);
});

test('what has a flag is not accepted before somebody has looked at it', async () => {
  const made = await stage();
  const guideId = await importFixture(made, 'kubernetes-shop');
  const item = await made.item(guideId, 'runbook/remove-a-stuck-pod');
  await expect(made.engine.call('guide.decide', { guideId, key: item.key, decision: 'accept', expectedHash: item.hash })).rejects.toMatchObject({ code: 'guide.not-reviewed', details: { open: item.open } });
  expect((await made.accept(guideId, item)).decision).toBe('accepted');
});

test('a fix is written by one click, and the decision is asked anew', async () => {
  const made = await stage();
  const guideId = await importFixture(made, 'kubernetes-shop');
  const before = await made.item(guideId, 'severity/critical');
  const { item } = await made.engine.call('guide.acknowledge', { guideId, key: before.key, flagId: before.flags[0]?.id ?? '', how: 'fix', expectedHash: before.hash });
  expect([item.text.includes('respond: 30m'), item.draft, item.flags[0]?.state, item.open, item.decision]).toEqual([true, before.text, 'fixed', 0, 'open']);
});

test('two people do not decide about two texts', async () => {
  const made = await stage();
  const guideId = await importFixture(made, 'kubernetes-shop');
  const item = await made.item(guideId, 'contact/platform');
  await made.engine.call('guide.decide', { guideId, key: item.key, decision: 'edit', text: item.text.replace('Platform', 'Platform team'), expectedHash: item.hash });
  await expect(made.engine.call('guide.decide', { guideId, key: item.key, decision: 'accept', expectedHash: item.hash })).rejects.toMatchObject({ code: 'guide.changed' });
});

test('a text with an error is kept and not accepted', async () => {
  const made = await stage();
  const guideId = await importFixture(made, 'kubernetes-shop');
  const item = await made.item(guideId, 'contact/platform');
  const { item: edited } = await made.engine.call('guide.decide', { guideId, key: item.key, decision: 'edit', text: item.text.replace('email:', 'emial:'), expectedHash: item.hash });
  expect([edited.decision, edited.problems[0]?.message]).toEqual(['open', '"emial" is not a contact field. Did you mean "email"?']);
  await expect(made.engine.call('guide.decide', { guideId, key: item.key, decision: 'accept', expectedHash: edited.hash })).rejects.toMatchObject({ code: 'guide.not-reviewed' });
});

test('a published guide is a whole pack, of which each runbook was looked at', async () => {
  const made = await stage();
  const { engine } = made;
  const guideId = await importFixture(made, 'kubernetes-shop');
  await made.decideAll(guideId);
  const { folder, files, runbooks } = await engine.call('guide.publish', { guideId, name: 'lindenhof', title: 'Lindenhof' });
  expect(readPack(readPackFolder(folder, 'lindenhof'), knownChecks).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect([runbooks, files.filter((file) => file.startsWith('runbooks/')), statSync(join(folder, 'pack.yaml')).mode & 0o077]).toEqual([3, ['runbooks/problem-orders-are-not-paid.yaml', 'runbooks/remove-a-stuck-pod.yaml', 'runbooks/restart-the-checkout.yaml'], 0]);
  const { card } = await engine.call('runbook.get', { ref: 'lindenhof/restart-the-checkout' });
  // It fails for want of a host, and not for want of a look.
  await expect(engine.call('walkthrough.start', { ref: card.ref, hash: card.hash, systemId: null, mode: 'live' })).rejects.toMatchObject({ code: 'runbook.value-invalid' });
});

test('what changes in a pack of a guide is not sent before somebody has looked at it again', async () => {
  const made = await stage();
  const { engine } = made;
  const guideId = await importFixture(made, 'prose-and-tables');
  await made.decideAll(guideId);
  const { folder } = await engine.call('guide.publish', { guideId, name: 'library', title: 'Library' });
  const file = join(folder, 'runbooks', 'closing-the-reading-room.yaml');
  const changed = readFileSync(file, 'utf8').replace('Lock the door', 'Lock the doors');
  writeFileSync(file, changed);
  const start = { ref: 'library/closing-the-reading-room', hash: textHash(changed), systemId: null } as const;
  await expect(engine.call('walkthrough.start', { ...start, mode: 'live' })).rejects.toMatchObject({ code: 'runbook.not-reviewed', hint: expect.stringContaining('mark it as looked at') });
  const { walkthroughId } = await engine.call('walkthrough.start', { ...start, mode: 'paper' });
  const { run } = await engine.call('walkthrough.get', { walkthroughId });
  await expect(engine.call('walkthrough.act', { walkthroughId, expectedSeq: run.seq, commandId: 'goes-live', act: { kind: 'go-live' } })).rejects.toMatchObject({ code: 'runbook.not-reviewed' });
  await expect(engine.call('runbook.markReviewed', { ref: start.ref, hash: 'a'.repeat(64) })).rejects.toMatchObject({ code: 'runbook.changed' });
  await engine.call('runbook.markReviewed', { ref: start.ref, hash: start.hash });
  expect((await engine.call('walkthrough.start', { ...start, mode: 'live' })).walkthroughId).not.toBe('');
});

test('a runbook that was looked at begins no other that was not', async () => {
  const { engine } = await stage();
  const runbooks = join(engine.context.home.packs, 'brought', 'runbooks');
  mkdirSync(runbooks, { recursive: true });
  writeFileSync(join(runbooks, 'inner.yaml'), 'schema: runbook/1\nid: inner\ntitle: Inner\nversion: "1.0.0"\nsteps:\n  - { id: inside, title: Inside, manual: Do it., confirm: checkbox }\n');
  const { ref, hash } = await engine.call('runbook.save', { ref: null, expectedHash: null, text: 'schema: runbook/1\nid: outer\ntitle: Outer\nversion: "1.0.0"\nsteps:\n  - { id: call, title: Call, call: { runbook: inner } }\n' });
  const { walkthroughId } = await engine.call('walkthrough.start', { ref, hash, systemId: null, mode: 'live' });
  const { run } = await engine.call('walkthrough.get', { walkthroughId });
  await expect(engine.call('walkthrough.act', { walkthroughId, expectedSeq: run.seq, commandId: 'begins-it', act: { kind: 'call', key: 'call', use: 'new' } })).rejects.toMatchObject({ code: 'runbook.not-reviewed' });
});

test('a name that is taken by another pack is refused, and what is published again takes its own place', async () => {
  const made = await stage();
  const { engine } = made;
  const guideId = await importFixture(made, 'prose-and-tables');
  await made.decideAll(guideId);
  await expect(engine.call('guide.publish', { guideId, name: 'yard', title: 'Yard' })).rejects.toMatchObject({ code: 'store.conflict' });
  mkdirSync(join(engine.context.home.packs, 'mill'));
  await expect(engine.call('guide.publish', { guideId, name: 'mill', title: 'Mill' })).rejects.toMatchObject({ code: 'store.conflict' });
  await engine.call('guide.publish', { guideId, name: 'library', title: 'Library' });
  const { folder } = await engine.call('guide.publish', { guideId, name: 'library', title: 'Library' });
  expect([readFileSync(join(folder, 'pack.yaml'), 'utf8').includes('version: "1.1.0"'), readdirSync(join(engine.context.home.packs, '.removed')).length]).toEqual([true, 1]);
});

test('a pack that would not be whole is not written', async () => {
  const made = await stage();
  const { engine } = made;
  const guideId = await importFixture(made, 'prose-and-tables');
  await made.decideAll(guideId);
  const entry = await made.item(guideId, 'calendar/count-the-shelves');
  const wrong = await engine.call('guide.decide', { guideId, key: entry.key, decision: 'edit', text: entry.text.replace(/^work:\n(?: .*\n)+/m, 'work: { runbook: no-such-one }\n'), expectedHash: entry.hash });
  expect(wrong.item.decision).toBe('edited');
  await expect(engine.call('guide.publish', { guideId, name: 'library', title: 'Library' })).rejects.toMatchObject({ code: 'pack.invalid', message: expect.stringContaining('no-such-one') });
  expect(existsSync(join(engine.context.home.packs, 'library'))).toBe(false);
});

test('no secret of a guide is on the disk', async () => {
  const made = await stage();
  const { engine } = made;
  const guideId = await importFixture(made, 'hostile');
  await made.decideAll(guideId);
  const note = await made.item(guideId, 'note/hostile-guide');
  await engine.call('guide.decide', { guideId, key: note.key, decision: 'edit', text: `${note.text}\npassword: Typed-Later-99\n`, expectedHash: note.hash });
  const again = await made.item(guideId, 'note/hostile-guide');
  if (again.decision === 'open') await made.accept(guideId, again);
  await engine.call('guide.publish', { guideId, name: 'hostile', title: 'Hostile' });
  engine.context.store.pragma('wal_checkpoint(PASSIVE)');
  const bytes = (folder: string): string => readdirSync(folder, { withFileTypes: true }).map((entry) => (entry.isDirectory() ? bytes(join(folder, entry.name)) : readFileSync(join(folder, entry.name), 'latin1'))).join('\n');
  const all = bytes(engine.context.home.root);
  expect(all).toContain('Text within HTML');
  for (const secret of ['Winter-Sun-4711', 'ghp_0123456789', 'Tr0ub4dor', 'wJalrXUtnFEMI', 'abcdef0123456789ABCDEF', 'correct horse', 'S3cret-Pgpass', 'b3BlbnNzaC1rZXk', 'Typed-Later-99']) expect(all).not.toContain(secret);
});

test('a newer text of a guide shows what is new, changed and gone, and keeps what was decided about the rest', async () => {
  const made = await stage();
  const { engine } = made;
  const guideId = await importFixture(made, 'kubernetes-shop');
  await made.decideAll(guideId);
  const newer = fixtureText('kubernetes-shop')
    .replace('# Operating the Lindenhof shop\n', '# Operating the Lindenhof shop\n\nA line above everything.\n')
    .replace('kubectl describe pod <pod-name> -n shop\n', 'kubectl get pod <pod-name> -n shop\n')
    .replace(/### Problem: orders are not paid[\s\S]*?(?=## Severities)/, '### Look at the queue\n\n```sh\nkubectl get pods -n shop\n```\n\n');
  const { changes } = await engine.call('guide.reimport', { guideId, text: newer });
  expect(changes).toEqual({ same: expect.any(Number), new: ['runbook/look-at-the-queue'], changed: ['note/operating-the-lindenhof-shop', 'runbook/remove-a-stuck-pod'], gone: ['Problem: orders are not paid'] });
  const { items, guide } = await engine.call('guide.get', { guideId });
  expect([guide.counts.undecided, items.find(({ key }) => key === 'runbook/restart-the-checkout')?.decision, items.find(({ standing }) => standing === 'gone')?.title]).toEqual([3, 'accepted', 'Problem: orders are not paid']);
});

test('what is no text is refused, and what was removed is gone', async () => {
  const made = await stage();
  await expect(made.engine.call('guide.import', { fileName: 'a.png', text: '\u0089PNG\u0001\u0002' })).rejects.toMatchObject({ code: 'guide.unreadable' });
  const guideId = await importFixture(made, 'prose-and-tables');
  await made.engine.call('guide.remove', { guideId });
  await expect(made.engine.call('guide.get', { guideId })).rejects.toMatchObject({ code: 'store.not-found' });
});
