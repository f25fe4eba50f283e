import type { Logger } from '#engine/ports.ts';
import { plain } from '#shared/domain/plain-text.ts';

/** Says what nobody expected, in the log and to the person: anything may stand in it, a secret or what a terminal obeys. */
export function tellBreakdown(error: Error, to: { scrub: (text: string) => string; logger: Logger; complain: (text: string) => void; logFile: string }): void {
  const message = to.scrub(error.message);
  to.logger.error({ stack: to.scrub(error.stack ?? '') }, message);
  to.complain(plain(`Pilothouse broke down: ${message}\nThe log in ${to.logFile} says more. Start it again: what was under way is cleaned up then.`));
}
