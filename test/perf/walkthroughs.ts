import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { evolve, fold } from '#shared/domain/runbook/evolve.ts';
import type { Walkthrough, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { createWalkthroughRepository } from '#engine/store/walkthrough-repository.ts';
import { createCore } from '#test/core.ts';
import { makeTemporaryFolder } from '#test/temporary-folder.ts';
import { runbook, sent, walk } from '#test/walked-runbook.ts';
import { median, percentile, type Benchmark } from './figure.ts';

const total = 1_000_000;
const perWalkthrough = 1000;
const steps = 500;
const appends = 300;
const openings = 20;

/** A walkthrough of 500 steps, with 1500 events, among a million of others. */
export const walkthroughs: Benchmark = async () => {
  const root = await makeTemporaryFolder('bench-walkthroughs');
  const core = createCore(root);
  try {
    const repository = createWalkthroughRepository(core.store);
    const of = runbook(Array.from({ length: steps }, (_none, place) => sent(`step-${place}`)));
    repository.putDefinition({ hash: 'c'.repeat(64), runbookId: of.id, version: of.version, text: 'schema: runbook/1', ref: null, at: 0 });

    core.store.pragma('synchronous = OFF'); // Only for filling.
    const insert = core.store.prepare("INSERT INTO walkthrough_events (walkthrough_id, seq, at, mono_ms, actor, command_id, kind, event_json, prev_hash, hash) VALUES (?, ?, ?, ?, 'console', ?, 'commented', ?, ?, ?)");
    const body = JSON.stringify({ kind: 'commented', key: 'step-1', commentId: 'c'.repeat(36), text: 'x'.repeat(300) });
    for (let from = 0; from < total; from += perWalkthrough) {
      const id = core.ports.random.id();
      core.store.transaction(() => {
        for (let seq = 1; seq <= perWalkthrough; seq++) insert.run(id, seq, from + seq, seq, core.ports.random.id(), body, 'a'.repeat(64), 'b'.repeat(64));
      })();
    }
    core.store.pragma('wal_checkpoint(TRUNCATE)');
    core.store.pragma('synchronous = FULL');

    const walking = walk(of);
    for (let place = 0; place < steps - 1; place++) {
      walking.dispatch(`step-${place}`);
      walking.end(`step-${place}`);
      walking.act({ kind: 'comment', key: `step-${place}`, text: 'As it should be.' });
    }
    const keep = (seq: number, events: readonly WalkthroughEvent[], after: Walkthrough, at: string): void => {
      const outcome = repository.append('bench', { expectedSeq: seq, commandId: core.ports.random.id(), actor: 'console', at, monoMs: seq, events, after, currentTitle: 'Step' });
      if (outcome !== 'done') throw new Error(`An event was not kept: ${outcome}.`);
    };
    keep(0, walking.events.map(({ event }) => event), walking.state, walking.state.startedAt);

    const openMs = Array.from({ length: openings }, () => {
      const started = performance.now();
      fold(repository.load('bench').map(({ seq, at, actor, event }) => ({ id: 'bench', seq, at, actor, event })), of);
      return performance.now() - started;
    });

    // What a disk takes to say that it has a page is not ours: measured beside, turn by turn.
    const bare = openSync(join(root, 'bare'), 'w');
    const page = Buffer.alloc(8192, 1);
    const diskMs: number[] = [];
    let state = walking.state;
    const appendMs = Array.from({ length: appends }, (_none, turn) => {
      const key = `step-${steps - 1}`;
      const attempt = 1 + Math.floor(turn / 2);
      const event: WalkthroughEvent = turn % 2 === 0 ? { kind: 'dispatched', key, attempt, operationId: 'operation', jobId: 'job', hostId: 'host', resolved: 'systemctl restart backend'.repeat(20), resolvedSha256: 'd'.repeat(64), risk: 'change' } : { kind: 'reopened', key, attempt: attempt + 1, by: 'probe', why: 'It did not happen.' };
      const at = new Date(Date.parse(state.startedAt) + turn).toISOString();
      const started = performance.now();
      const after = evolve(state, { id: 'bench', seq: state.seq + 1, at, actor: 'engine', event }, of);
      keep(state.seq, [event], after, at);
      const tookMs = performance.now() - started;
      state = after;
      const bareStarted = performance.now();
      writeSync(bare, page);
      fdatasyncSync(bare);
      diskMs.push(performance.now() - bareStarted);
      return tookMs;
    });
    closeSync(bare);
    const [took, disk] = [median(appendMs), median(diskMs)];
    return [
      { name: 'an event of a walkthrough kept, at a million events', measured: `${took.toFixed(2)} ms`, bound: '< 2 ms and the disk', ok: took < 2 || took - disk < 2, how: `median of ${appends}, synchronous=FULL, with all that is derived; 95th percentile ${percentile(appendMs, 0.95).toFixed(2)} ms; this disk alone takes ${disk.toFixed(2)} ms to keep a page` },
      { name: `a walkthrough of ${steps} steps and ${walking.events.length} events opened`, measured: `${median(openMs).toFixed(1)} ms`, bound: '< 100 ms', ok: median(openMs) < 100, how: `read and folded ${openings} times, slowest ${Math.max(...openMs).toFixed(1)} ms` },
    ];
  } finally {
    core.store.close();
    await rm(root, { recursive: true, force: true });
  }
};
