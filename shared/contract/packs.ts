/** Packs: ready-made systems that ship or were imported, and what a system has adopted of one. */
import { z } from 'zod';
import { query } from './method.ts';

/** Of a pack, the name of its folder. */
export const packName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,80}$/, 'Small letters, digits and dashes, at most 81');

export const packProblem = z.object({
  /** Below the folder of the pack: "pack.yaml", "runbooks/morning-check.yaml". */
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
  severity: z.enum(['error', 'warning']),
  rule: z.string(),
  message: z.string(),
  fix: z.string().nullable(),
});

export const packMethods = {
  'pack.check': query(
    'What is wrong in a pack, each with its file, line and column. Takes the texts of its files by their path below its folder; nothing is kept.',
    z.strictObject({ name: packName, files: z.record(z.string().max(200), z.string().max(1_048_576)) }),
    z.object({ problems: z.array(packProblem), title: z.string().nullable(), version: z.string().nullable() }),
  ),
};
