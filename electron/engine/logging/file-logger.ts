/** The log in the data folder: JSON lines without secrets, for its owner alone. */
import { pino } from 'pino';
import { createScrubber } from '#shared/domain/scrub.ts';
import type { Clock, Logger } from '../ports.ts';
import { createRotatingFile } from './rotating-file.ts';

const maximumBytes = 5 * 1024 * 1024;
const keep = 4;

export interface FileLogger extends Logger {
  close(): void;
}

/**
 * A logger that writes `pilothouse.log` in the folder, at most 25 MiB with the older ones (`pilothouse.1.log` …), or
 * another name: two processes must not turn the same file over.
 * Lines pass a scrubber here that knows what secrets look like; the engine's own, which knows their values, stands
 * before it (`scrubbingLogger`).
 */
export function createFileLogger(options: { folder: string; clock: Clock; host: string; name?: 'pilothouse' | 'window' }): FileLogger {
  const file = createRotatingFile({ folder: options.folder, name: options.name ?? 'pilothouse', maximumBytes, keep });
  const scrubber = createScrubber();
  const logger = pino(
    {
      base: { pid: process.pid, host: options.host },
      messageKey: 'message',
      timestamp: () => `,"at":"${new Date(options.clock.now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write: (line) => file.write(line) },
  );
  return { ...scrubbingLogger(logger, scrubber), close: () => file.close() };
}

/** A logger whose fields and messages pass a scrubber first. */
export function scrubbingLogger(logger: Logger, scrubber: { scrub<T>(value: T): T }): Logger {
  return {
    info: (fields, message) => logger.info(scrubber.scrub(fields), scrubber.scrub(message)),
    warn: (fields, message) => logger.warn(scrubber.scrub(fields), scrubber.scrub(message)),
    error: (fields, message) => logger.error(scrubber.scrub(fields), scrubber.scrub(message)),
  };
}
