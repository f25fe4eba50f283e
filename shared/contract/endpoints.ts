/** Addresses of a system that are looked at as people use them. They are items: `item.save` adds and changes them. */
import { z } from 'zod';
import { id } from './common.ts';
import { healthResult } from './health.ts';
import { endpointItem, itemKey } from './items.ts';
import { command } from './method.ts';

/** What one check says of an endpoint now; nothing of it is kept. */
export const endpointFound = healthResult.pick({ check: true, title: true, target: true, status: true, value: true, unit: true, warn: true, critical: true, lowerIsWorse: true, summary: true, evidence: true, opener: true, fix: true, durationMs: true });
export type EndpointFound = z.infer<typeof endpointFound>;

export const endpointMethods = {
  'endpoint.test': command(
    'Asks an address once and says what the health check would say. `key`: one of the system; else the fields of one that is not saved.',
    z.strictObject({ systemId: id, endpoint: z.union([z.strictObject({ key: itemKey }), z.strictObject({ value: endpointItem })]) }),
    z.object({ found: z.array(endpointFound) }),
  ),
};
