/** What is said and done at the next start about a dump on a host whose engine ended. */
import { existsSync } from 'node:fs';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { EngineContext } from '../../engine-context.ts';
import { bytesInWords } from '../words.ts';
import { giveUp } from './give-up.ts';
import { lookAtDump, type SeenDump } from './look.ts';
import { dumpsOf, folderOfDump, isUnderWay, whyHopeless, type Dump } from './record.ts';

/** Milliseconds for looking at one of them, the way there included. */
const lookMs = 45_000;

/** What those before are told as soon as another operation works on their dump. */
export const goneOnWith = 'It is gone on with by a later operation.';

/** Takes back both sides, and says how far that came. */
async function cleaned(context: EngineContext, dump: Dump): Promise<string> {
  try {
    const left = await giveUp(context, dump);
    return left === null ? 'Both sides were cleaned.' : `This side was cleaned. ${left}`;
  } catch (error) {
    return `${existsSync(folderOfDump(context, dump)) ? '' : 'This side was cleaned. '}${toErrorShape(error, '').message}`;
  }
}

/**
 * What a person should know and do.
 * @throws with `details.notYet` where the host cannot be reached: nothing is lost, and it is asked again later
 */
export async function settleDump(context: EngineContext, dump: Dump): Promise<string> {
  const { about } = dump;
  const { siteLabel, targetLabel } = about;
  // Whoever works on it needs both sides.
  if (isUnderWay(context, dump)) return goneOnWith;
  if (dump.state === 'unwanted') return `${await cleaned(context, dump)} No backup came of it. Back up again.`;
  if (about.rewritten === null) return `It ended before pg_dump had its locks on ${siteLabel}, so nobody can tell what it has seen. ${await cleaned(context, dump)} Back up again.`;
  let seen: SeenDump;
  try {
    seen = await lookAtDump(context, dump, AbortSignal.timeout(lookMs));
  } catch (error) {
    const shape = toErrorShape(error, '');
    throw new PilothouseError(shape.code, `${shape.message} The dump of ${targetLabel} may go on on ${siteLabel}: nothing of it is lost, and it is looked at again.`, { hint: shape.hint, retryable: true, details: { ...shape.details, notYet: true }, cause: error });
  }
  // A host may be slow to answer, and somebody quick.
  const now = dumpsOf(context).find(dump.operationId);
  if (now?.state !== 'wanted' || isUnderWay(context, now)) return goneOnWith;
  if (seen.failure !== null) return `${seen.failure.message} ${await cleaned(context, dump)} Back up again.`;
  const what = seen.state === 'running' ? `The dump of ${targetLabel} goes on on ${siteLabel}` : `The dump of ${targetLabel} is finished on ${siteLabel}`;
  const hopeless = whyHopeless(context, dump);
  if (hopeless !== null) return `${what}, ${bytesInWords(seen.look.folderBytes)} so far. ${hopeless} Give it up: then both sides are cleaned.`;
  return `${what}, ${bytesInWords(seen.look.folderBytes)} so far. Continue it: it is fetched, proved, and taken off ${siteLabel}. Or give it up: then both sides are cleaned.`;
}
