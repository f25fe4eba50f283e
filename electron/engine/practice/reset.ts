import { renameSync } from 'node:fs';
import type { Procedure } from '../operations/procedure.ts';
import { createBringUp, steps } from './bring-up.ts';
import { busyFindings, draftFor, followServer, spaceFindings, throwIfBusy, throwIfChanged, toolFindings, type PracticeDetails, type PracticeParts } from './parts.ts';
import type { PracticePlace } from './place.ts';
import { findProgramSource, practiceMajor, type ProgramSource } from './programs.ts';
import { discard, recoverPractice } from './recover.ts';
import { raisePendingSetting, startServer, stopServer } from './server.ts';
import { expectedTotal } from './shop/expected.ts';
import { look, readLastPort, tidy, writeRecord, type Standing } from './standing.ts';
import { endsWithEngine, startTraffic, stopTraffic } from './traffic/daemon.ts';

/**
 * Builds the practice system anew. The old cluster is kept aside until the new one is whole and known to the console,
 * so a reset that fails or is cancelled leaves what was there before.
 */
export function createReset(parts: PracticeParts): Procedure<null, PracticeDetails> {
  const { context, registration, host } = parts;

  /** The old cluster back in its place, and running where it ran. */
  const takeBack = async (place: PracticePlace, source: ProgramSource, before: Standing, setAside: boolean): Promise<void> => {
    await stopTraffic(place);
    // What is built where nothing stood goes with its folder.
    if (before.state === 'absent') await host.stop();
    if (setAside) await discard(place);
    else await tidy(place);
    const now = await look(place);
    if (before.server !== null && now.state === 'stopped') {
      const server = await startServer(place, source.version, readLastPort(place), () => {});
      writeRecord(place, source.version, server);
      raisePendingSetting(place, server);
      await startTraffic(place, server.port, context.ports);
    } else if (before.traffic !== null && now.server !== null) {
      await startTraffic(place, now.server.port, context.ports);
    }
    await followServer(parts, place);
    context.changes.changed('practice');
  };

  return {
    kind: 'practice.reset',

    async plan() {
      const place = parts.place();
      const source = findProgramSource();
      const standing = await look(place);
      const registered = registration.find(place);
      const exists = standing.state !== 'absent';
      return {
        ...draftFor(registered, standing, place),
        title: 'Reset the practice system',
        question: 'Build the practice system anew?',
        steps: [
          { id: 'old', title: 'Stop the old cluster and set it aside' },
          steps.binaries(place, source),
          steps.initdb(place),
          steps.start(place),
          steps.data(),
          steps.faults(),
          steps.traffic(endsWithEngine(context.ports, place)),
          steps.host(place),
          steps.register(),
          { id: 'remove', title: 'Remove the old cluster' },
        ],
        consequences: [
          exists ? `Everything in the practice server goes, also what was restored beside it; ${expectedTotal.toLocaleString('en')} fresh rows come in its place` : `A small online shop with ${expectedTotal.toLocaleString('en')} invented rows`,
          'The system, its history and its backups stay; the new server is another cluster, and the console knows it as such',
        ],
        findings: [...busyFindings(context, registered), ...spaceFindings(place), ...(await toolFindings(context))],
        wayBack: exists ? null : 'Stopping it keeps its data; removing it takes it away for good.',
        changes: exists,
        irreversible: exists,
        nameToConfirm: registered?.system.name ?? (exists ? 'Practice' : null),
        estimatedMs: 9000,
      };
    },

    async run(details, operation) {
      const place = parts.place();
      const source = findProgramSource();
      const before = await look(place);
      throwIfChanged(details, before);
      throwIfBusy(context, registration.find(place), operation.id);
      let setAside = false;
      const takesBack = operation.onFailure(before.state === 'absent' ? 'the half-made practice system' : 'the new cluster, for the old one', () => takeBack(place, source, before, setAside));
      await operation.phase('old', async () => {
        operation.progress({ fraction: 0.02, text: 'Stopping the old cluster' });
        await tidy(place);
        await stopTraffic(place);
        await stopServer(place.cluster);
        await context.ports.checkpoint?.('practice:old-stopped');
        if (before.built !== null) renameSync(place.cluster.folder, place.previous.folder);
        setAside = true;
        await context.ports.checkpoint?.('practice:set-aside');
      });
      const bringUp = createBringUp(parts, place, operation);
      const server = await bringUp.build(source);
      await bringUp.traffic(server);
      await bringUp.host();
      const { system, database } = await bringUp.register(server);
      takesBack.disarm();
      await operation.phase('remove', async () => {
        await tidy(place);
      });
      context.changes.changed('practice', 'systems', 'backups');
      return { summary: `${system.name} was built anew: ${expectedTotal.toLocaleString('en')} rows on 127.0.0.1:${server.port}, Postgres ${practiceMajor}`, result: { systemId: system.id, databaseId: database.id, port: server.port } };
    },

    recover: () => recoverPractice(parts),
  };
}
