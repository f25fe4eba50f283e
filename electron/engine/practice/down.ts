import type { Procedure } from '../operations/procedure.ts';
import { busyFindings, draftFor, throwIfBusy, throwIfChanged, type PracticeDetails, type PracticeParts } from './parts.ts';
import type { PracticePlace } from './place.ts';
import { stopServer } from './server.ts';
import { endJobs } from './host/jobs.ts';
import { look, tidy } from './standing.ts';
import { stopTraffic } from './traffic/daemon.ts';

/** Stops the traffic and the server. The data stay. */
export function createDown(parts: PracticeParts): Procedure<null, PracticeDetails> {
  const { context, registration, host } = parts;

  /** As a machine that is switched off: whoever is connected is cut off, and every job there ends. */
  const switchOff = async (place: PracticePlace): Promise<number> => {
    await host.stop();
    return endJobs(place);
  };

  return {
    kind: 'practice.down',

    async plan() {
      const place = parts.place();
      const standing = await look(place);
      const registered = registration.find(place);
      const runs = standing.server !== null || standing.traffic !== null;
      return {
        ...draftFor(registered, standing, place),
        title: 'Stop the practice system',
        question: 'Stop the practice system?',
        steps: runs
          ? [
              { id: 'host', title: 'Switch off its SSH host', detail: 'Connections and jobs on it end' },
              { id: 'traffic', title: 'Stop the traffic' },
              { id: 'server', title: 'Stop the server', detail: 'In good order (fast), and at once where that takes longer than four seconds' },
            ]
          : [],
        consequences: runs ? ['Its data, backups and history stay', 'It cannot be checked or backed up until it is started again'] : ['Nothing: it does not run'],
        findings: runs ? busyFindings(context, registered) : [{ state: 'ok', title: standing.state === 'absent' ? 'There is no practice system' : 'It is stopped already' }],
        wayBack: 'Starting it brings the same data back.',
        changes: false,
        irreversible: false,
        nameToConfirm: null,
        estimatedMs: 1500,
      };
    },

    async run(details, operation) {
      const place = parts.place();
      const standing = await look(place);
      throwIfChanged(details, standing);
      if (standing.server === null && standing.traffic === null) {
        await switchOff(place);
        return { summary: standing.state === 'absent' ? 'There is no practice system to stop' : 'The practice system was stopped already', result: {} };
      }
      throwIfBusy(context, registration.find(place), operation.id);
      await operation.phase('host', async () => {
        const ended = await switchOff(place);
        if (ended > 0) operation.log('info', `${ended === 1 ? 'A job' : `${ended} jobs`} on its SSH host ended`);
        await context.ports.checkpoint?.('practice:host-stopped');
      });
      await operation.phase('traffic', async () => {
        operation.progress({ fraction: 0.1, text: 'Stopping the traffic' });
        operation.log('info', (await stopTraffic(place)) ? 'The traffic has ended' : 'No traffic was running');
        await context.ports.checkpoint?.('practice:traffic-stopped');
      });
      const how = await operation.phase('server', async () => {
        operation.progress({ fraction: 0.4, text: 'Stopping the server' });
        return stopServer(place.cluster);
      });
      if (how === 'immediate' || how === 'killed') operation.warn('The server did not stop in good order in time and was ended at once; its next start recovers from its log.');
      context.changes.changed('practice', 'systems');
      return { summary: 'The practice system is stopped; its data are kept', result: {} };
    },

    /** Stopping was asked for and loses nothing, so it is brought to its end. */
    async recover() {
      const place = parts.place();
      await tidy(place);
      await switchOff(place);
      await stopTraffic(place);
      await stopServer(place.cluster);
      context.changes.changed('practice');
      return 'The practice system was still to be stopped, and is now; its data are kept.';
    },
  };
}
