/** Endpoints as somebody tries them, before or after they are saved. */
import type { endpointMethods } from '#shared/contract/endpoints.ts';
import type { Handlers } from '../../dispatch/handlers.ts';
import type { EngineContext } from '../../engine-context.ts';
import { createHostLines, type HostLines } from '../../ssh/lines.ts';
import { createSystemItemRepository } from '../../store/system-item-repository.ts';
import { endpointChecks } from '../endpoint-checks.ts';
import { createSystemInUse } from '../system-in-use.ts';
import { createEndpoints } from './endpoints-of.ts';
import { lookAtEndpoint } from './look-at-endpoint.ts';

const everything: ReadonlySet<string> = new Set(endpointChecks.map(({ about }) => about.id));
/** A draft that has no key yet goes by the thresholds for all. */
const draftKey = 'draft';

/** Lines through hosts of the system. Nothing is run there, so that sudo is asked for nothing. */
export const endpointLines = ({ hosts, ports, pin }: Pick<EngineContext, 'hosts' | 'ports' | 'pin'>): HostLines => createHostLines(hosts, { random: ports.random, sudoPassword: () => Promise.resolve(null), pin });

export function createEndpointRoom(context: EngineContext, { limitMs }: { limitMs?: number | undefined } = {}): { handlers: Handlers<keyof typeof endpointMethods> } {
  const { systems, store } = context;
  const items = createSystemItemRepository(store);
  const endpoints = createEndpoints(store);
  const inUse = createSystemInUse(store);
  const lines = endpointLines(context);
  return {
    handlers: {
      'endpoint.test': async ({ systemId, endpoint: asked }, { signal }) => {
        const system = inUse(systems.get(systemId));
        const endpoint = 'key' in asked ? items.get(systemId, 'endpoint', asked.key) : { key: draftKey, value: asked.value };
        const found = await lookAtEndpoint({ context, lines, system, endpoint, thresholds: endpoints.thresholds(systemId), from: endpoints.from(systemId, endpoint.value.through), wanted: everything, signal, limitMs });
        return { found };
      },
    },
  };
}
