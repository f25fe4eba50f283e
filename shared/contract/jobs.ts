import { z } from 'zod';
import { query } from './method.ts';
import { id } from './common.ts';

export const jobStanding = z.enum(['running', 'ended', 'restarted', 'lost']);

/** Work of ours that lies on a host: it may be that of another computer. */
export const hostJob = z.object({
  /** Not ours to choose: whoever began it named it. */
  id: z.string(),
  /** The account it belongs to, in words: "db-1", "db-1 as postgres". */
  account: z.string(),
  state: jobStanding,
  /** Null unless it ended by itself. */
  exitStatus: z.number().nullable(),
  ageSeconds: z.number().nullable(),
  sizeBytes: z.number(),
  /** What it was begun for, in its own words. */
  about: z.string(),
  /** What is known of it here: nothing, where another computer began it, or this one has forgotten it. */
  known: z.enum(['under-way', 'unfinished', 'unwanted', 'unknown']),
});
export type HostJob = z.infer<typeof hostJob>;

export const jobMethods = {
  'host.jobs': query('The jobs of Pilothouse that lie on a host, of whichever computer.', z.strictObject({ hostId: id }), z.object({ jobs: z.array(hostJob) })),
};
