/**
 * The engine's process: started, restarted once when it breaks down, and ended in order. What it says is parsed like
 * anything else that comes from another process.
 */
import { join } from 'node:path';
import { app, utilityProcess, type MessagePortMain, type UtilityProcess } from 'electron';
import { fromEngine, type EngineState, type FromEngine, type ToEngine } from '#shared/contract/desktop.ts';
import type { Home } from '#engine/home.ts';
import type { Logger } from '#engine/ports.ts';
import { toErrorShape, PilothouseError } from '#shared/domain/errors.ts';
import { askKeychain, type Keychain } from './keychain.ts';

/** What the window is told of the engine besides its state. */
export type Told = Extract<FromEngine, { type: 'notify' | 'working' | 'attention' | 'theme' }>;

export interface EngineProcess {
  state(): EngineState;
  /** Starts it, where it does not run. Lines that come meanwhile wait for it. */
  start(): void;
  line(port: MessagePortMain): void;
  power(event: 'suspend' | 'resume'): void;
  /** Has it cancel what runs and clean up; ends it by force where that takes longer than half a minute. */
  close(): Promise<void>;
}

/** Milliseconds that cleaning up may take: a server that is away is not waited for. */
const closingMs = 30_000;

/** How the engine runs this very program again: packaged it is one file, else Electron is told where it lies. */
function scripts(): { command: string; args: string[] } {
  return { command: process.execPath, args: process.defaultApp ? [app.getAppPath()] : [] };
}

export function createEngineProcess(options: { home: Home; keychain: Promise<Keychain>; logger: Logger; onState: (state: EngineState) => void; onTold: (told: Told) => void }): EngineProcess {
  const { home, keychain, logger, onState, onTold } = options;
  let child: UtilityProcess | null = null;
  let waiting: MessagePortMain[] = [];
  let state: EngineState = { state: 'starting' };
  /** When it broke down last, and was started anew: once by itself, after that by whoever asks for it. */
  let restartedAt: number | null = null;
  let closing: (() => void) | null = null;
  let starting = false;

  const become = (next: EngineState): void => {
    state = next;
    onState(next);
  };
  const answer = async (process: UtilityProcess, { id, what, value }: Extract<FromEngine, { type: 'ask' }>): Promise<void> => {
    const answered = await askKeychain(what, value).then(
      (result) => ({ value: result, problem: null }),
      (error: unknown) => ({ value: null, problem: error instanceof Error ? error.message : String(error) }),
    );
    process.postMessage({ type: 'answer', id, ...answered } satisfies ToEngine);
  };

  const heed = (from: UtilityProcess, heard: FromEngine): void => {
    if (heard.type === 'ask') void answer(from, heard);
    else if (heard.type === 'ready') become({ state: 'running', restartedAt, attached: heard.attached });
    else if (heard.type === 'failed') {
      logger.error({ code: heard.error.code, correlationId: heard.error.correlationId }, heard.error.message);
      become({ state: 'failed', error: heard.error });
      from.kill();
    } else if (heard.type === 'closed') from.kill();
    else onTold(heard);
  };
  const giveUpLines = (): void => {
    for (const port of waiting) port.close();
    waiting = [];
  };
  const ended = (code: number): void => {
    child = null;
    onTold({ type: 'working', titles: [] });
    if (closing !== null) return closing();
    if (state.state === 'failed') return;
    logger.error({ code, restartedAt }, 'The engine broke down.');
    const isAgain = restartedAt !== null;
    restartedAt = Date.now();
    if (isAgain) return become({ state: 'failed', error: brokeDown(home) });
    start();
  };
  const fork = ({ backend, notice }: Keychain): void => {
    if (closing !== null) return;
    const started = utilityProcess.fork(join(import.meta.dirname, 'utility.js'), [], { serviceName: 'Pilothouse engine', cwd: home.root, stdio: 'inherit' });
    child = started;
    started.on('message', (said: unknown) => heed(started, fromEngine.parse(said)));
    // Nobody listening, Electron throws it here. What comes with it is a report of all that the process had around it.
    started.on('error', (type, location) => logger.error({ type, location }, 'The engine met what it cannot go on after.'));
    started.on('exit', ended);
    started.postMessage({ type: 'start', home: home.root, keychain: backend, notices: notice === null ? [] : [notice], scripts: scripts() } satisfies ToEngine);
    for (const port of waiting) started.postMessage({ type: 'line' } satisfies ToEngine, [port]);
    waiting = [];
  };
  const start = (): void => {
    if (child !== null || starting) return;
    starting = true;
    become({ state: 'starting' });
    void keychain
      .then(fork)
      .catch((error: unknown) => {
        logger.error({ error: String(error) }, 'The process of the engine could not be started.');
        become({ state: 'failed', error: toErrorShape(error, '') });
      })
      .finally(() => {
        starting = false;
        if (child === null) giveUpLines();
      });
  };

  return {
    state: () => state,
    start,
    line: (port) => {
      if (child === null && state.state === 'starting') waiting.push(port);
      else if (child === null) port.close();
      else child.postMessage({ type: 'line' } satisfies ToEngine, [port]);
    },
    power: (event) => child?.postMessage({ type: 'power', event } satisfies ToEngine),
    close: () =>
      new Promise((resolve) => {
        closing = resolve;
        giveUpLines();
        if (child === null) return resolve();
        child.postMessage({ type: 'close' } satisfies ToEngine);
        setTimeout(() => child?.kill(), closingMs).unref();
      }),
  };
}

function brokeDown(home: Home): ReturnType<typeof toErrorShape> {
  return toErrorShape(
    new PilothouseError('internal', 'The engine broke down again, so it is not started by itself any more.', {
      hint: `The log in ${home.logs} says more. Start it again when you have looked: what was under way is named in Operations, and is cleaned up.`,
    }),
    '',
  );
}
