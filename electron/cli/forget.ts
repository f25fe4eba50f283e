/** What is said before something is forgotten here, and the name that confirms it. */
import type { UnfinishedDump } from '#shared/contract/backups.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { ask, canAsk } from './prompt.ts';
import type { Session } from './session.ts';
import { plain } from './text.ts';

/** The interrupted backups that could still be continued, and cannot be any more once this is forgotten, as sentences; empty where none waits. */
export async function waitingDumps(session: Session, isMeant: (dump: UnfinishedDump) => boolean): Promise<string> {
  const { dumps } = await session.call('backup.unfinished', {});
  return dumps
    .filter((dump) => dump.hopeless === null && isMeant(dump))
    .map(({ database, host, operationId }) => `The interrupted backup of ${database}, whose dump waits on ${host}, cannot be continued any more then: it can only be given up, by: backup abandon ${operationId}`)
    .join('\n');
}

interface Forgotten {
  /** "host" */
  kind: string;
  label: string;
  /** "host remove" */
  command: string;
  /** What is removed, and what stays, as sentences. */
  what: string;
  /** What few would think of, as sentences: it is said to whoever is not asked as well. May be empty. */
  goes: string;
}

/**
 * The name that confirms it, from one who has read what goes along.
 * @throws operation.name-not-confirmed where nobody is there and the command does not say it
 */
export async function nameToForget(session: Session, { kind, label, command, what, goes }: Forgotten): Promise<string> {
  const given = session.options.confirm?.[0];
  if (given !== undefined) {
    if (goes !== '') session.say(goes);
    return given;
  }
  if (!canAsk(session.io)) throw new PilothouseError('operation.name-not-confirmed', `${label} was not forgotten: there is nobody here to ask.${goes === '' ? '' : ` ${goes}`}`, { hint: `If that is right: ${command} "${label}" --confirm "${label}"` });
  session.say(goes === '' ? what : `${what}\n${goes}`);
  return ask(session.io, `If that is right, type the name of the ${kind}, ${plain(label)}: `);
}
