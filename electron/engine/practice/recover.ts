/** What a crash of the engine leaves of the practice system, and what becomes of it. */
import { rmSync } from 'node:fs';
import { toErrorShape } from '#shared/domain/errors.ts';
import type { PracticeParts } from './parts.ts';
import type { PracticePlace } from './place.ts';
import { look, tidy } from './standing.ts';
import { stopTraffic } from './traffic/daemon.ts';

/** Takes back a cluster that was begun, even one that was just finished. */
export async function discard(place: PracticePlace): Promise<void> {
  rmSync(place.cluster.built, { force: true });
  await tidy(place);
}

/**
 * Looks at what is there: what is half-made is removed, what is whole and runs is added to the console.
 * @returns what a person should know and do
 */
export async function recoverPractice(parts: PracticeParts): Promise<string> {
  const { context, registration, host, hostRegistration } = parts;
  const place = parts.place();
  const done = await tidy(place);
  const standing = await look(place);
  const found = done.length === 0 ? '' : `Pilothouse ${done.join(', ')}. `;
  context.changes.changed('practice');
  if (standing.server === null) await host.stop();
  if (standing.built === null) return `${found}There is no practice system now; start it again.`;
  if (standing.server === null) {
    await stopTraffic(place);
    return `${found}The practice system is whole and stopped; start it again.`;
  }
  try {
    const { system } = await registration.register(place, standing.server.port, standing.built.systemIdentifier);
    await hostRegistration.register(place, system.id, await host.start(place));
  } catch (error) {
    return `${found}The practice system runs, but does not answer yet: ${toErrorShape(error, '').message}`;
  }
  return `${found}The practice system is whole and runs${standing.traffic === null ? ', without its traffic: start it again to have that too' : ''}.`;
}
