import type { PlanFinding } from '#shared/contract/operations.ts';
import type { Procedure } from '../operations/procedure.ts';
import { createBringUp, steps } from './bring-up.ts';
import { draftFor, spaceFindings, throwIfChanged, toolFindings, type PracticeDetails, type PracticeParts } from './parts.ts';
import { discard, recoverPractice } from './recover.ts';
import { findProgramSource, practiceMajor } from './programs.ts';
import { stopServer } from './server.ts';
import { expectedTotal } from './shop/expected.ts';
import { look, tidy, type Standing } from './standing.ts';
import { endsWithEngine, stopTraffic } from './traffic/daemon.ts';
import { runsInside } from './traffic/inside.ts';

const estimates = { absent: 8000, stopped: 2500, running: 1500 } as const;

function majorFindings({ built }: Standing): PlanFinding[] {
  const major = Number(built?.version.split('.')[0] ?? practiceMajor);
  if (major === practiceMajor) return [];
  return [{ state: 'critical', title: `The practice system was built with Postgres ${major}, and the programs here are ${practiceMajor}`, detail: 'A server only starts on data of its own major.', fix: 'Reset the practice system: that builds it anew.' }];
}

/** Builds the practice system where there is none, starts it where it is stopped, completes it where it runs. */
export function createUp(parts: PracticeParts): Procedure<null, PracticeDetails> {
  const { context, registration, host } = parts;
  return {
    kind: 'practice.up',

    async plan() {
      const place = parts.place();
      const source = findProgramSource();
      const standing = await look(place);
      const registered = registration.find(place);
      const builds = standing.state === 'absent';
      // A daemon that runs already goes on as one.
      const inside = standing.traffic === null ? endsWithEngine(context.ports, place) : runsInside(place);
      return {
        ...draftFor(registered, standing, place),
        title: builds ? 'Build and start the practice system' : 'Start the practice system',
        question: 'Start the practice system on this computer?',
        steps: [...(builds ? [steps.binaries(place, source), steps.initdb(place), steps.start(place), steps.data(), steps.faults()] : standing.state === 'stopped' ? [steps.start(place)] : []), steps.traffic(inside), steps.host(place), steps.register()],
        consequences: [
          ...(builds ? [`About 200 MiB in ${place.folder}, and nothing outside of it. What is run on its SSH host is run on this computer, as whoever runs Pilothouse`, `A small online shop with ${expectedTotal.toLocaleString('en')} invented rows to check, back up and restore`] : [`The data of ${standing.built?.builtAt.slice(0, 10) ?? 'before'} come back as they were`]),
          inside
            ? 'A Postgres server runs on this computer until you stop it, also when Pilothouse is closed; its little traffic runs and its SSH host answers while Pilothouse runs'
            : 'A Postgres server and a little traffic run on this computer until you stop them, also when Pilothouse is closed; its SSH host answers while Pilothouse runs',
        ],
        findings: [...(builds ? spaceFindings(place) : []), ...majorFindings(standing), ...(await toolFindings(context))],
        wayBack: 'Stopping it keeps its data; removing it takes it away for good.',
        changes: false,
        irreversible: false,
        nameToConfirm: null,
        estimatedMs: estimates[standing.state],
      };
    },

    async run(details, operation) {
      const place = parts.place();
      const source = findProgramSource();
      const standing = await look(place);
      throwIfChanged(details, standing);
      for (const done of await tidy(place)) operation.log('info', `Left from before: ${done}`);
      const bringUp = createBringUp(parts, place, operation);
      const takesBack = operation.onFailure(standing.state === 'absent' ? 'the half-made practice system' : 'the start of the practice system', async () => {
        if (standing.traffic === null) await stopTraffic(place);
        if (standing.state !== 'running') await host.stop();
        if (standing.state === 'absent') await discard(place);
        else if (standing.state === 'stopped') await stopServer(place.cluster);
        context.changes.changed('practice');
      });
      // Traffic that waits for a server that is gone would not find one that comes back on another port.
      if (standing.server === null) await stopTraffic(place);
      const server = standing.server ?? (standing.state === 'absent' ? await bringUp.build(source) : await bringUp.start(source));
      await bringUp.traffic(server);
      await bringUp.host();
      const { system, database } = await bringUp.register(server);
      takesBack.disarm();
      context.changes.changed('practice', 'systems');
      return {
        summary: standing.state === 'absent' ? `${system.name} is ready: ${expectedTotal.toLocaleString('en')} rows on 127.0.0.1:${server.port}` : `${system.name} runs on 127.0.0.1:${server.port}`,
        result: { systemId: system.id, databaseId: database.id, port: server.port },
      };
    },

    recover: () => recoverPractice(parts),
  };
}
