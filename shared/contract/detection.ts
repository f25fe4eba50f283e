import { z } from 'zod';
import { id } from './common.ts';
import { query } from './method.ts';
import { toolsAccess } from './systems.ts';

/** A way to a server of Postgres, as the host sees it. */
const wayTo = { host: z.string(), port: z.number().int() };

export const foundPostgres = z.object({
  /** "15.6", or only "15" where nobody was let in to ask. */
  version: z.string().nullable(),
  /** The best first: a socket where it lets the account in, else a port. */
  ways: z.array(z.object({ kind: z.enum(['socket', 'tcp']), ...wayTo })).min(1),
  /** The container that it runs in. */
  container: z.string().nullable(),
  databases: z.array(z.string()),
  /** Roles that are let in without a password: by the account that is signed in, or by postgres through sudo. */
  letsIn: z.array(z.object({ by: z.enum(['account', 'sudo']), user: z.string(), ...wayTo })),
  dataFolder: z.string().nullable(),
  configFile: z.string().nullable(),
});
export type FoundPostgres = z.infer<typeof foundPostgres>;

export const hostFindings = z.object({
  /** The account that is signed in, as the host calls it. */
  account: z.string().nullable(),
  postgres: z.array(foundPostgres),
  /** Ways to pg_dump and its like that work there, with the newest version that each of them has. */
  tools: z.array(z.object({ access: toolsAccess, version: z.string() })),
  services: z.array(z.object({ name: z.string(), detail: z.string() })),
  /** Folders and files that matter to a system; `readable` for the account that is signed in. */
  paths: z.array(z.object({ what: z.enum(['configuration', 'data folder']), path: z.string(), readable: z.boolean() })),
  /** What could not be looked at, and why, in words. */
  blind: z.array(z.string()),
});
export type HostFindings = z.infer<typeof hostFindings>;

export const detectionMethods = {
  'host.detect': query('Looks on a host for servers of Postgres, for their programs and for services. It only reads, by one script in one channel.', z.strictObject({ hostId: id }), hostFindings),
};
