/** What goes wrong in the main process itself: it is written down, and said once in words. Electron would show its stack. */
import { dialog } from 'electron';
import type { Logger } from '#engine/ports.ts';

/** @param logs the folder of the logs */
export function tellOfMishaps({ logger, logs }: { logger: Logger; logs: string }): void {
  let wasTold = false;
  const write = (reason: unknown): void => logger.error({ stack: reason instanceof Error ? reason.stack : null }, reason instanceof Error ? reason.message : String(reason));
  process.on('unhandledRejection', write);
  process.on('uncaughtException', (error) => {
    write(error);
    if (wasTold) return;
    wasTold = true;
    dialog.showErrorBox('Something went wrong in the window of Pilothouse', `What is under way goes on. If something does not answer, quit Pilothouse and start it again. The log in ${logs} says more.`);
  });
}
