/** The desk of walkthroughs by itself: its rules and its store are real; what sends steps, and who is met there, are what a test says. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EngineClient } from '#shared/contract/index.ts';
import type { Operation, Plan } from '#shared/contract/operations.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import type { WalkedStep, WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Environment } from '#shared/domain/environment.ts';
import type { Mode } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import type { Ports } from '#engine/ports.ts';
import { createRunbookRoom, type RunbookRoom } from '#engine/runbooks/runbook-room.ts';
import type { Outcome } from '#engine/runbooks/sent.ts';
import type { StepRunner } from '#engine/runbooks/steps/index.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import type { SshConnection } from '#engine/ssh/chain.ts';
import { createHostKeyRepository } from '#engine/store/host-key-repository.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createTestEngine, type TestEngine } from './engine-parts.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What came back, as if all had gone well. */
export const outcome = (changes: Partial<Outcome> = {}): Outcome => ({ exitStatus: 0, signal: null, stdout: '', stderr: '', bytes: 0, truncated: false, rows: null, status: null, durationMs: 5, timedOut: false, by: 'live', ...changes });

const keyOf = (hostId: string) => ({ type: 'ssh-ed25519', key: Buffer.from(`key of ${hostId}`).toString('base64') });

export interface DeskStage {
  root: string;
  engine: TestEngine;
  room: RunbookRoom;
  context: EngineContext;
  /** What sends steps: tests change its methods. What is not said fails. */
  runner: StepRunner;
  /** The key that each host shows; by its id. */
  keys: Map<string, { type: string; key: string }>;
  /** The cluster that each database is on; by its id. */
  clusters: Map<string, string>;
  /** Names of databases that are not there any more. */
  lostDatabases: Set<string>;
  clock: { at: number };
  notices: string[];
  addSystem(name: string, changes?: { environment?: Environment; readOnly?: boolean }): string;
  addHost(systemId: string, label: string, options?: { isKnown?: boolean }): string;
  /** Trusts the key that a host has from its beginning. */
  trust(hostId: string): void;
  addDatabase(systemId: string, name: string): string;
  /** Writes a runbook of one's own. @returns its ref */
  write(name: string, text: string): string;
  begin(ref: string, start?: { systemId?: string | null; mode?: Mode; bindings?: Record<string, { hostId: string } | { databaseId: string } | { url: string }>; values?: Record<string, string | string[]>; secrets?: Record<string, string> }): Promise<string>;
  view(walkthroughId: string): Promise<WalkthroughView>;
  step(walkthroughId: string, key: string): Promise<WalkedStep>;
  act(walkthroughId: string, act: WalkthroughAct): Promise<string | null>;
  plan(walkthroughId: string, key: string, action?: 'run' | 'look'): Promise<Plan>;
  /** Plans it and runs it to its end, confirming its name. */
  run(walkthroughId: string, key: string, action?: 'run' | 'look'): Promise<Operation>;
}

/** Closed when the current test is over. */
export async function deskStage(options: { root?: string; ports?: Partial<Ports>; ask?: () => EngineClient; /** Of the packs that ship; left out: those of the data folder. */ packsFolder?: string } = {}): Promise<DeskStage> {
  const root = options.root ?? (await temporaryFolder('desk'));
  const keys: DeskStage['keys'] = new Map();
  const clusters: DeskStage['clusters'] = new Map();
  const lostDatabases: DeskStage['lostDatabases'] = new Set();
  const notices: string[] = [];
  const clock = { at: Date.parse('2026-03-01T10:00:00Z') };
  const unsaid = (): never => {
    throw new Error('The test does not say what comes of this.');
  };
  const runner: StepRunner = { send: unsaid, look: unsaid, followJob: unsaid, forgetJob: async () => {}, readOptions: unsaid };
  let room: RunbookRoom | null = null;
  let context: EngineContext | null = null;
  const engine = createTestEngine({
    root,
    ports: { clock: { now: () => clock.at }, notifier: { notify: ({ body }) => void notices.push(body) }, ...options.ports },
    connectHost: async (hostId) => {
      const { promise: closed, resolve: close } = Promise.withResolvers<void>();
      return { label: hostId, hops: [{ hostKey: keys.get(hostId) ?? keyOf(hostId) }], closed, isOpen: true, close, client: {} } as unknown as SshConnection;
    },
    rooms: [
      (real) => {
        context = { ...real, postgres: { ...real.postgres, identify: async ({ databaseId, connection: { database } }) => {
          if (lostDatabases.has(database)) throw new PilothouseError('postgres.unreachable', `There is no database ${database}.`);
          return { systemIdentifier: clusters.get(databaseId ?? '') ?? 'cluster-1', database };
        } } };
        room = createRunbookRoom(context, { ask: options.ask ?? unsaid, hosts: { sudoPassword: async () => null }, appVersion: '0.1.0', packsFolder: options.packsFolder ?? join(root, 'packs'), stepRunner: runner });
        return room;
      },
    ],
  });
  if (room === null || context === null) throw new Error('The room was not made.');
  const made: { room: RunbookRoom; context: EngineContext } = { room, context };
  onTestFinished(async () => {
    made.room.close();
    await engine.close();
    await made.context.hosts.close();
  });
  mkdirSync(join(root, 'runbooks'), { recursive: true });
  const { systems, store, ports } = made.context;
  const hosts = createHostRepository(store);

  const stage: DeskStage = {
    ...made, root, engine, runner, keys, clusters, lostDatabases, clock, notices,
    addSystem(name, { environment = 'development', readOnly = false } = {}) {
      const { id } = systems.insert({ id: name, name, environment, policy: systemPolicy.parse({}), at: clock.at });
      if (readOnly) systems.update(id, { readOnly });
      return id;
    },
    addHost(systemId, label, { isKnown = true } = {}) {
      const place = { host: label, port: 22, viaId: null };
      hosts.insert({ id: label, systemId, label, connection: { ...place, user: 'deploy', signIn: { keys: [], agent: true, password: { source: 'none' } } }, at: clock.at });
      if (isKnown) stage.trust(label);
      return label;
    },
    trust(hostId) {
      createHostKeyRepository(store).insert({ host: hostId, port: 22, viaId: null, ...keyOf(hostId), id: ports.random.id(), state: 'trusted', source: 'compared', by: 'test', at: clock.at });
    },
    addDatabase(systemId, name) {
      const { databaseId } = engine.addDatabase({ name: systemId, server: { host: 'db.invalid', port: 5432, password: 'not-a-real-password' }, database: name, systemIdentifier: 'cluster-1' });
      return databaseId;
    },
    write(name, text) {
      writeFileSync(join(root, 'runbooks', `${name}.yaml`), text, { mode: 0o600 });
      return `own/${name}`;
    },
    async begin(ref, { systemId = null, mode = 'live', bindings = {}, values = {}, secrets = {} } = {}) {
      const { card } = await engine.call('runbook.prepare', { ref, systemId });
      return (await engine.call('walkthrough.start', { ref, hash: card.hash, systemId, mode, bindings, values, secrets })).walkthroughId;
    },
    view: (walkthroughId) => engine.call('walkthrough.get', { walkthroughId }),
    async step(walkthroughId, key) {
      const found = (await stage.view(walkthroughId)).steps.find((each) => each.key === key);
      if (found === undefined) throw new Error(`There is no step ${key}.`);
      return found;
    },
    async act(walkthroughId, act) {
      const { run } = await stage.view(walkthroughId);
      const done = await engine.call('walkthrough.act', { walkthroughId, expectedSeq: run.seq, commandId: randomUUID(), act });
      if (done.outcome !== 'done') throw new Error(`${act.kind} was ${done.outcome}.`);
      return done.childId;
    },
    async plan(walkthroughId, key, action = 'run') {
      const { run } = await stage.view(walkthroughId);
      return (await engine.call('walkthrough.planStep', { walkthroughId, key, expectedSeq: run.seq, action })).plan;
    },
    run: async (walkthroughId, key, action = 'run') => engine.run(await stage.plan(walkthroughId, key, action)),
  };
  return stage;
}

/** The fingerprint that a host of the stage has. */
export const fingerprintFor = (hostId: string): string => fingerprintOf(keyOf(hostId));

/** A runbook with these steps; its targets are `web` (a host), `db` (a database) and `api` (an address), as far as they are named. */
export const runbookText = (steps: string, { targets = '', params = '', rollback = '', id = 'tried' }: { targets?: string; params?: string; rollback?: string; id?: string } = {}): string => `schema: runbook/1
id: ${id}
title: Tried ${id}
version: "1.0.0"
${targets}${params}steps:
${steps}${rollback}`;

export const onWeb = 'targets:\n  web: { kind: ssh, label: Host }\n';
