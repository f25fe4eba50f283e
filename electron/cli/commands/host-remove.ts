import type { FileSet } from '#shared/contract/files.ts';
import { required, type Register } from '../command.ts';
import { findHost } from '../find.ts';
import { nameToForget } from '../forget.ts';

/** What goes with a host that is forgotten, and what stays of it; empty where nothing does. */
function goesAlong(sets: readonly FileSet[]): string {
  const names = sets.map(({ name }) => `"${name}"`).join(', ');
  return sets.length === 0 ? '' : `${sets.length === 1 ? 'Its file set' : `Its ${sets.length} file sets`} ${names} ${sets.length === 1 ? 'goes' : 'go'} with it; the copies stay on this computer.`;
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
        const what = `How ${found.label} is reached and what signs in to it is removed from here. Nothing is changed on it.`;
        const confirmName = await nameToForget(session, { kind: 'host', label: found.label, command: 'host remove', what, goes: goesAlong(sets) });
        await session.call('host.remove', { hostId: found.id, confirmName });
        return { document: { removed: found.id, fileSets: sets.map((set) => set.name) }, text: `Forgot ${found.label}.` };
      }),
    );
};
