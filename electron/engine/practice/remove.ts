import type { PlanFinding } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Procedure } from '../operations/procedure.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { createScratchRepository } from '../store/scratch-repository.ts';
import { bytesInWords } from '../backup/words.ts';
import { folderStands } from './folder.ts';
import { endJobs } from './host/jobs.ts';
import { busyFindings, draftFor, throwIfBusy, throwIfChanged, type PracticeDetails, type PracticeParts } from './parts.ts';
import type { PracticePlace } from './place.ts';
import { discard } from './recover.ts';
import type { Registered } from './registration.ts';
import { stopServer } from './server.ts';
import { look, tidy } from './standing.ts';
import { stopTraffic } from './traffic/daemon.ts';

/** Throws the practice system away: its server, its folder, and what the console knows of it but its history and backups. */
export function createRemove(parts: PracticeParts): Procedure<null, PracticeDetails> {
  const { context, registration, host, hostRegistration } = parts;
  const { systems } = context;
  const hosts = createHostRepository(context.store);

  /** The databases of its system that are on its server; others were put beside them by a person, and stay. */
  const ownOf = ({ system }: Registered, place: PracticePlace) => system.databases.filter(({ connection: { password } }) => password.source === 'passfile' && password.path === place.passfile);

  /** Takes it out of the console. What was still to be put right on its server is gone with that. */
  const forget = (place: PracticePlace): void => {
    const scratches = createScratchRepository(context.store);
    const restores = createRestoreRepository(context.store);
    context.store.transaction(() => {
      for (let found = registration.find(place); found !== null; found = registration.find(place)) {
        const own = new Set(ownOf(found, place).map(({ id }) => id));
        for (const scratch of scratches.list()) if (own.has(scratch.databaseId)) scratches.remove(scratch.id);
        for (const restore of [...restores.withOpenExchange(), ...restores.withMarks()]) if (own.has(restore.databaseId)) restores.update(restore.id, {}, { exchange: null, marks: null });
        for (const id of own) systems.removeDatabase(id);
        hostRegistration.forget(place);
        if (own.size === found.system.databases.length && hosts.list(found.system.id).length === 0) systems.remove(found.system.id);
      }
      hostRegistration.forget(place);
    })();
    context.changes.changed('practice', 'systems', 'backups', 'restores');
  };

  /** What of others is reached through its host. */
  const behindHost = (place: PracticePlace): string[] => {
    const registered = registration.find(place);
    const own = new Set(registered === null ? [] : ownOf(registered, place).map(({ id }) => id));
    return hostRegistration.behind(place).flatMap(({ id, label }) => (own.has(id) ? [] : [label]));
  };
  const behindFindings = (place: PracticePlace): PlanFinding[] => {
    const behind = behindHost(place);
    return behind.length === 0 ? [] : [{ state: 'critical', title: `${behind.join(', ')} ${behind.length === 1 ? 'is' : 'are'} reached through its host`, detail: 'Nothing would reach it any more.', fix: 'Remove it first, or let it be reached in another way; then plan again.' }];
  };
  /** @throws store.conflict */
  const throwIfWay = (place: PracticePlace): void => {
    const behind = behindHost(place);
    if (behind.length > 0) throw new PilothouseError('store.conflict', `The practice host is the way to ${behind.join(', ')}.`, { hint: 'Remove those first, or let them be reached in another way.' });
  };

  /** The folder goes as half-made clusters do: what says whose it is goes last, so that a crash leaves what can be removed. */
  const removeFolder = async (place: PracticePlace): Promise<void> => {
    await tidy(place);
    await discard(place);
  };

  return {
    kind: 'practice.remove',

    async plan() {
      const place = parts.place();
      const standing = await look(place);
      const registered = registration.find(place);
      const exists = registered !== null || folderStands(place);
      const ownHost = hostRegistration.find(place)?.id;
      const others = registered === null ? 0 : registered.system.databases.length - ownOf(registered, place).length + hosts.list(registered.system.id).filter(({ id }) => id !== ownHost).length;
      const size = registered?.database.sizeBytes ?? null;
      const name = registered?.system.name ?? 'Practice';
      return {
        ...draftFor(registered, standing, place),
        title: 'Remove the practice system',
        question: 'Remove the practice system for good?',
        steps: exists
          ? [
              { id: 'host', title: 'Switch off its SSH host', detail: 'Connections and jobs on it end' },
              { id: 'traffic', title: 'Stop the traffic' },
              { id: 'server', title: 'Stop the server' },
              { id: 'folder', title: 'Remove its folder', detail: place.folder },
              { id: 'forget', title: 'Take it out of the console' },
            ]
          : [],
        consequences: exists
          ? [
              `Everything in the practice server goes${size === null ? '' : ` (shop alone is ${bytesInWords(size)})`}, also what was restored beside it, and its folder ${place.folder} with it`,
              others === 0 ? `${name} and its backup plans leave the console` : `${name} loses its databases of the practice server and its host; what else is in it stays`,
              `Its history and its backups stay: the backups in ${context.home.backups} can be restored elsewhere, and deleted one by one`,
            ]
          : ['Nothing: there is none'],
        findings: exists ? [...busyFindings(context, registered), ...behindFindings(place)] : [{ state: 'ok', title: 'There is no practice system' }],
        wayBack: exists ? null : 'Starting it builds it.',
        changes: exists,
        irreversible: exists,
        nameToConfirm: exists ? name : null,
        estimatedMs: 3000,
      };
    },

    async run(details, operation) {
      const place = parts.place();
      throwIfChanged(details, await look(place));
      throwIfBusy(context, registration.find(place), operation.id);
      throwIfWay(place);
      await operation.phase('host', async () => {
        await host.stop();
        await endJobs(place);
      });
      await operation.phase('traffic', async () => void (await stopTraffic(place)));
      await operation.phase('server', async () => void (await stopServer(place.cluster)));
      await context.ports.checkpoint?.('practice:remove-stopped');
      await operation.phase('folder', () => removeFolder(place));
      await context.ports.checkpoint?.('practice:folder-removed');
      // Too late to be cancelled: a system without its server is of no use.
      forget(place);
      return { summary: 'The practice system is gone; its history and its backups stay', result: {} };
    },

    /** It was confirmed by name, and half of it is of no use, so it is brought to its end. */
    async recover() {
      const place = parts.place();
      await host.stop();
      await stopTraffic(place);
      await stopServer(place.cluster);
      await removeFolder(place);
      forget(place);
      return 'The practice system was still to be removed, and is gone now; its history and its backups stay.';
    },
  };
}
