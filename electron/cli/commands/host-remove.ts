import type { FileSet } from '#shared/contract/files.ts';
import type { Host } from '#shared/contract/hosts.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { required, type Register } from '../command.ts';
import { findHost } from '../find.ts';
import { ask, canAsk } from '../prompt.ts';
import type { Session } from '../session.ts';
import { plain } from '../text.ts';

/** What goes with a host that is forgotten, and what stays. */
function goesAlong({ label }: Host, sets: readonly FileSet[]): string {
  const names = sets.map(({ name }) => `"${name}"`).join(', ');
  return sets.length === 0 ? `No file set is of ${label}.` : `${sets.length === 1 ? 'Its file set' : `Its ${sets.length} file sets`} ${names} ${sets.length === 1 ? 'goes' : 'go'} with it; the copies stay on this computer.`;
}

/** The name that confirms it, from one who has read what goes along. @throws operation.name-not-confirmed where nobody is there and the command does not say it */
async function nameToForget(session: Session, host: Host, along: string): Promise<string> {
  const given = session.options.confirm?.[0];
  if (given !== undefined) return given;
  if (!canAsk(session.io)) throw new PilothouseError('operation.name-not-confirmed', `${host.label} was not forgotten: there is nobody here to ask. ${along}`, { hint: `If that is right: host remove "${host.label}" --confirm "${host.label}"` });
  session.say(`How ${host.label} is reached and what signs in to it is removed from here. ${along} Nothing is changed on it.`);
  return ask(session.io, `If that is right, type the name of the host, ${plain(host.label)}: `);
}

/** "host remove": forgets a host, having said what goes with it. */
export const registerHostRemove: Register = (host, act) => {
  host
    .command('remove <host>')
    .description('forget a host that no other is reached through, and its file sets; what is known of its key stays, and so do copies (asks for its name, or needs --confirm NAME)')
    .action(
      act(async (session, [name]) => {
        const found = await findHost(session, required(name));
        const sets = (await session.call('files.list', { systemId: found.systemId })).sets.filter(({ hostId }) => hostId === found.id);
        const along = goesAlong(found, sets);
        const confirmName = await nameToForget(session, found, along);
        await session.call('host.remove', { hostId: found.id, confirmName });
        return { document: { removed: found.id, fileSets: sets.map((set) => set.name) }, text: `Forgot ${found.label}.${sets.length === 0 ? '' : ` ${along}`}` };
      }),
    );
};
