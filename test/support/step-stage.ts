/** What sends steps, by itself: an engine without rooms that knows one host, and operations that only remember. */
import { onTestFinished } from 'vitest';
import type { CommandRecord } from '#shared/contract/operations.ts';
import { systemPolicy } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { SshConnection } from '#engine/ssh/chain.ts';
import type { Sent } from '#engine/runbooks/sent.ts';
import { createStepRunner, type StepOperation, type StepRunner } from '#engine/runbooks/steps/index.ts';
import { createHostRepository } from '#engine/store/host-repository.ts';
import { createTestEngine, type TestEngine } from './engine-parts.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const stageHostId = 'web-1';

export interface StepStage {
  engine: TestEngine;
  runner: StepRunner;
}

/** Closed when the current test is over. @param connect to the host, each time that a connection is needed */
export async function stepStage(connect: () => Promise<SshConnection>, { sudoPassword = null, graceMs }: { sudoPassword?: Secret | null; graceMs?: number } = {}): Promise<StepStage> {
  const engine = createTestEngine({ root: await temporaryFolder('steps'), rooms: [], connectHost: connect });
  onTestFinished(async () => {
    await engine.context.hosts.close();
    await engine.close();
  });
  const { context } = engine;
  const { id: systemId } = context.systems.insert({ id: 'system', name: 'A system', environment: 'development', policy: systemPolicy.parse({}), at: 0 });
  createHostRepository(context.store).insert({ id: stageHostId, systemId, label: 'web-1', connection: { host: '127.0.0.1', port: 22, user: 'deploy', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null }, at: 0 });
  return { engine, runner: createStepRunner(context, { sudoPassword: async () => sudoPassword }, graceMs === undefined ? {} : { graceMs }) };
}

export interface RememberingOperation extends StepOperation {
  lines: string[];
  commands: CommandRecord[];
  cancel(): void;
  /** Pilothouse is being closed. */
  leave(): void;
  /** This computer was asleep. */
  wake(): void;
  /** Resolves when it logs a text. */
  told(text: string): Promise<void>;
}

export function rememberingOperation(): RememberingOperation {
  const controller = new AbortController();
  let waking = new AbortController();
  let isLeaving = false;
  const lines: string[] = [];
  const waiting: { text: string; resolve: () => void }[] = [];
  const commands: CommandRecord[] = [];
  const stop = (): void => controller.abort(new PilothouseError('operation.cancelled', 'It was cancelled.'));
  return {
    lines, commands, signal: controller.signal,
    nextWake: () => waking.signal,
    get isLeaving() {
      return isLeaving;
    },
    log(_level, text) {
      lines.push(text);
      for (const each of waiting) if (text.includes(each.text)) each.resolve();
    },
    command: (record) => void commands.push(record),
    progress() {},
    cancel: stop,
    leave() {
      isLeaving = true;
      stop();
    },
    wake() {
      const woken = waking;
      waking = new AbortController();
      woken.abort(new PilothouseError('ssh.connection-lost', 'This computer slept.', { retryable: true }));
    },
    told: (text) =>
      new Promise((resolve) => {
        if (lines.some((line) => line.includes(text))) resolve();
        else waiting.push({ text, resolve });
      }),
  };
}

export const scriptStep = (script: string, changes: Partial<Extract<Sent, { kind: 'sh' }>> = {}): Extract<Sent, { kind: 'sh' }> => ({ kind: 'sh', hostId: stageHostId, label: 'web-1', script, shell: 'sh', cwd: null, sudo: null, env: {}, stdin: null, jobId: null, ...changes });

export const noLimits = { timeoutMs: null, stallWarnMs: null };
