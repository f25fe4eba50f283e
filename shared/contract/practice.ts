import { z } from 'zod';
import { query } from './method.ts';
import { id, nothing } from './common.ts';
import { plan } from './operations.ts';

export const practiceMethods = {
  'practice.status': query(
    'Whether the practice system stands, and where.',
    nothing,
    z.object({
      state: z.enum(['absent', 'stopped', 'running', 'unsupported']),
      /** Why it cannot run here, or null. */
      reason: z.string().nullable(),
      folder: z.string(),
      systemId: id.nullable(),
      databaseId: id.nullable(),
      port: z.number().int().nullable(),
      /** The SSH host: its id where the console knows it, and its port while it answers, which is as long as Pilothouse and the practice server run. */
      hostId: id.nullable(),
      hostPort: z.number().int().nullable(),
      serverVersion: z.string().nullable(),
      sizeBytes: z.number().nullable(),
      traffic: z.boolean(),
      /** Whether the traffic runs inside Pilothouse, and stops with it. */
      trafficInside: z.boolean(),
      /** What was planted for health to find, in words. */
      planted: z.array(z.object({ check: z.string(), what: z.string() })),
    }),
  ),
  'practice.plan': query('What starting, stopping, resetting or removing the practice system would do.', z.strictObject({ action: z.enum(['up', 'down', 'reset', 'remove']) }), z.object({ plan })),
};
