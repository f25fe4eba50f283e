/** `npm start` without a desktop window: the engine and its console on 127.0.0.1, until Ctrl-C. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { ServedEngine } from '#engine/attach/connect-or-start.ts';
import { loadAssets } from '#engine/console/assets.ts';
import { defaultHome, openHome, type Home } from '#engine/home.ts';
import { createFileLogger } from '#engine/logging/file-logger.ts';
import { onAskedToEnd, type EndingSignal } from '#engine/platform/signals.ts';
import { systemClock, systemRandom, type Notifier, type Ports } from '#engine/ports.ts';
import { version } from '#engine/settings/app-room.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { plain } from '#shared/domain/plain-text.ts';
import { tellBreakdown } from './breakdown.ts';
import { openInBrowser, sweepPages } from './browser-page.ts';
import { startOrFindRunning } from './find-running.ts';
import { startLoopbackServer, type LoopbackServer } from './server.ts';
import { startCommandOf } from './start-command.ts';

const usage = 'Usage: npm start -- [--home DIR] [--window | --browser] [--no-open] [--port N]\n';
const usageStatus = 64;
const builtConsole = fileURLToPath(new URL('../../dist/renderer', import.meta.url));
/** A terminal and the program that started us may both pass on the same Ctrl-C. */
const sameSignalMs = 1000;

interface Arguments {
  home: string;
  port: number;
  open: boolean;
  /** What starts the same again. */
  command: string;
}

const say = (text: string): void => void process.stdout.write(`${plain(text)}\n`);
const complain = (text: string): void => void process.stderr.write(`${plain(text)}\n`);

function readArguments(): Arguments | null {
  try {
    const { values } = parseArgs({ options: { home: { type: 'string' }, port: { type: 'string' }, browser: { type: 'boolean' }, 'no-open': { type: 'boolean' } } });
    const port = Number(values.port ?? '0');
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`--port takes a number from 1 to 65535, not "${values.port}".`);
    const home = defaultHome(values.home);
    // A folder that came from the environment is named too: the next terminal may have another one.
    const command = startCommandOf({ home: home === defaultHome(undefined, { ...process.env, PILOTHOUSE_HOME: undefined }) ? null : home, port: port === 0 ? null : port, browser: values.browser === true || values['no-open'] === true });
    return { home, port, open: values['no-open'] !== true, command };
  } catch (error) {
    complain(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return null;
  }
}

async function show(link: string, home: Home, { open, command }: Arguments): Promise<void> {
  say(`Pilothouse ${version}: ${link}`);
  say(`The address lets one browser tab in; "${command}" again prints a fresh one. Your data is in ${home.root}.`);
  if (open && (await openInBrowser(link, home, systemRandom))) say('It opens in your browser.');
}

function describe(error: unknown): string {
  if (!isPilothouseError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
}

async function close(served: ServedEngine, server: LoopbackServer, home: Home): Promise<void> {
  const { operations } = await served.engine.client('console').call('operation.list', { active: true });
  if (operations.length > 0) say(`Cancelling and cleaning up: ${operations.map((operation) => operation.title).join(', ')}. Ctrl-C again ends at once; the next start then cleans up.`);
  sweepPages(home);
  await server.close();
  await served.attachServer.close();
  await served.engine.close();
}

async function main(): Promise<void> {
  const wanted = readArguments();
  if (wanted === null) {
    process.exitCode = usageStatus;
    return;
  }
  const home = openHome(wanted.home);
  const logger = createFileLogger({ folder: home.logs, clock: systemClock, host: 'loopback' });
  let isClosing = false;
  // The console tells what ends while it is open; once it is gone only the terminal is left to say how it ended.
  const notifier: Notifier = { notify: ({ title, body }) => (isClosing ? say(`${title}: ${body}`) : undefined) };
  const ports: Ports = { clock: systemClock, random: systemRandom, logger, keyWrapping: null, notifier, host: 'loopback' };
  const assets = loadAssets(builtConsole, wanted.command);

  let server: LoopbackServer | null = null;
  const issueLink = (): string => {
    if (server === null) throw new PilothouseError('operation.busy', 'Pilothouse is just starting.', { hint: 'Try again in a moment.', retryable: true });
    return server.issueLink();
  };
  const started = await startOrFindRunning({ home, ports, link: issueLink, say });
  if ('link' in started) return show(started.link, home, wanted);

  try {
    server = await startLoopbackServer({ ports, dispatcher: started.engine.dispatcher, assets, port: wanted.port });
  } catch (error) {
    await started.attachServer.close();
    await started.engine.close();
    throw error;
  }
  const running = server;
  const scrub = (text: string): string => started.engine.scrub(text);
  logger.info({ version, home: home.root, port: running.port, node: process.versions.node }, 'Pilothouse started.');

  const end = (signal: EndingSignal): void => {
    if (isClosing) process.exit(130); // Children die with us by their lifelines.
    isClosing = true;
    logger.info({ signal }, 'Pilothouse is closing.');
    close(started, running, home)
      .then(() => {
        logger.close();
        process.exit(0);
      })
      .catch((error: unknown) => {
        complain(scrub(describe(error)));
        process.exit(1);
      });
  };
  onAskedToEnd(end, { sameWithinMs: sameSignalMs });
  process.on('uncaughtException', (error) => {
    tellBreakdown(error, { scrub, logger, complain, logFile: join(home.logs, 'pilothouse.log') });
    process.exit(1);
  });

  await show(running.issueLink(), home, wanted);
}

main().catch((error: unknown) => {
  complain(describe(error));
  process.exitCode = 1;
});
