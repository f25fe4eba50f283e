/** Where the person at the console was last. It belongs to the data folder: the address of the console changes with each start. */
import { z } from 'zod';
import type { MethodInput, MethodOutput } from '#shared/contract/index.ts';
import type { SettingsRepository } from '../store/settings-repository.ts';
import type { SystemRepository } from '../store/system-repository.ts';

const fact = 'places';
const places = z.object({ last: z.object({ place: z.string(), systemId: z.string().nullable() }).nullable(), systems: z.record(z.string(), z.string()) });
type Places = z.infer<typeof places>;

export function createPlaces(settings: SettingsRepository, systems: SystemRepository) {
  /** Without those of systems that were forgotten since. */
  const read = (): Places => {
    const kept = places.safeParse(settings.readFact(fact)).data ?? { last: null, systems: {} };
    const known = new Set(systems.list().map(({ id }) => id));
    const { last } = kept;
    return {
      last: last === null || last.systemId === null || known.has(last.systemId) ? last : null,
      systems: Object.fromEntries(Object.entries(kept.systems).filter(([systemId]) => known.has(systemId))),
    };
  };
  return {
    read(): MethodOutput<'app.places'> {
      const { last, systems: of } = read();
      return { last: last?.place ?? null, systems: of };
    },
    remember({ place, systemId, screen }: MethodInput<'app.rememberPlace'>): void {
      const { systems: of } = read();
      settings.writeFact(fact, { last: { place, systemId }, systems: systemId === null || !screen ? of : { ...of, [systemId]: place } } satisfies Places);
    },
  };
}
