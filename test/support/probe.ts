/** A dispatcher to look at transports with: real operations on a real store, and methods that do what a test needs. */
import { methods, type MethodName } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import { createDispatcher, type Dispatcher } from '#engine/dispatch/dispatcher.ts';
import type { CallContext, Handlers } from '#engine/dispatch/handlers.ts';
import { createOperationRoom } from '#engine/operations/operation-room.ts';
import type { RunningOperation } from '#engine/operations/procedure.ts';
import { createCore, draft, type Core } from './core.ts';

/** What `system.get` fails with, all fields filled. */
export const fullError = {
  code: 'store.not-found',
  message: 'There is no system "shop" — nowhere.',
  hint: 'Add it first.',
  retryable: true,
  details: { asked: 'shop', tried: [1, 2, null], deep: { yes: true } },
  correlationId: 'correlation-1',
} as const;

export interface Probe {
  core: Core;
  dispatcher: Dispatcher;
  /** Calls of `practice.status` that wait and were not given up. */
  waiting(): number;
  /** Runs an operation that tells as many lines as it is told to. */
  startOperation(): { operationId: string; tell(text: string): void; end(): void };
  close(): Promise<void>;
}

type AnyHandler = (input: never, context: CallContext) => unknown;

export function createProbe(root: string): Probe {
  const core = createCore(root);
  const room = createOperationRoom(core);
  let waiting = 0;
  const own: Partial<Record<MethodName, AnyHandler>> = {
    'system.list': () => ({ systems: [] }),
    'system.get': () => {
      throw new PilothouseError(fullError.code, fullError.message, fullError);
    },
    /** Waits until it is given up. */
    'practice.status': (_input, { signal }) =>
      new Promise((_resolve, reject) => {
        waiting += 1;
        signal.addEventListener('abort', () => {
          waiting -= 1;
          reject(new Error('Given up.'));
        });
      }),
    /** Tells the secret to everybody, which must not come through. */
    'vault.unlock': ({ passphrase }: { passphrase: Secret }) => {
      core.scrubber.register(passphrase);
      throw new PilothouseError('vault.wrong-passphrase', `Wrong: ${passphrase.reveal()}.`, { hint: `Not ${passphrase.reveal()}`, details: { tried: passphrase, again: [passphrase.reveal()] } });
    },
    ...(room.handlers as Partial<Record<MethodName, AnyHandler>>),
  };
  const absent: AnyHandler = () => {
    throw new PilothouseError('store.not-found', 'This probe knows nothing of that.');
  };
  const handlers = Object.fromEntries(Object.keys(methods).map((name) => [name, own[name as MethodName] ?? absent])) as unknown as Handlers<MethodName>;
  const dispatcher = createDispatcher({ ports: core.ports, scrubber: core.scrubber, handlers, streamHandlers: room.streamHandlers });

  return {
    core,
    dispatcher,
    waiting: () => waiting,
    startOperation() {
      let running: RunningOperation | null = null;
      let end = (): void => {};
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      core.runner.register({
        kind: 'health.check',
        plan: async () => draft(),
        run: async (_details, operation) => {
          running = operation;
          await ended;
          return { summary: 'Looked.', result: {} };
        },
      });
      const plan = core.desk.issue('health.check', draft());
      const { operationId } = core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' });
      return { operationId, tell: (text) => running?.log('info', text), end };
    },
    async close() {
      await core.runner.close();
      core.log.flush();
      core.store.close();
    },
  };
}
