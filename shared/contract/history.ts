import { z } from 'zod';
import { query } from './method.ts';
import { environment, id, instant, operationState } from './common.ts';
import { procedureKind } from './operations.ts';

/** Where an answer ended, to go on from there: the `nextCursor` of an earlier answer. */
const cursor = z.string().regex(/^\d{1,15}$/, 'A cursor is the nextCursor of an earlier answer.');

const filter = {
  text: z.string().max(500).default(''),
  systemId: id.optional(),
  kinds: z.array(procedureKind).optional(),
  states: z.array(operationState).optional(),
  since: instant.optional(),
  until: instant.optional(),
};

export const historyHit = z.object({
  operationId: id,
  seq: z.number().int(),
  at: instant,
  /** Event kind: phase, progress, log, prompt, result. */
  kind: z.string(),
  level: z.string().nullable(),
  /** The text around the match; matches stand between U+0002 and U+0003. */
  text: z.string(),
  operation: z.object({ title: z.string(), kind: procedureKind, state: operationState, target: z.string(), systemName: z.string().nullable(), environment: environment.nullable(), startedAt: instant.nullable() }),
});
export type HistoryHit = z.infer<typeof historyHit>;

export const historyMethods = {
  'history.search': query(
    'Searches everything that ran: commands, statements, output, results. Newest first.',
    z.strictObject({ ...filter, limit: z.number().int().min(1).max(500).default(50), cursor: cursor.optional() }),
    z.object({
      hits: z.array(historyHit),
      /** How many match, counted up to 1000. */
      total: z.number().int(),
      totalIsExact: z.boolean(),
      /** How many events are kept in all. */
      events: z.number().int(),
      oldestAt: instant.nullable(),
      tookMs: z.number(),
      nextCursor: z.string().nullable(),
    }),
  ),
  'history.export': query(
    'The same search as a document: whole texts, commands and statements with their target, exit status, duration and output. Without a text everything but figures of progress.',
    z.strictObject({ ...filter, format: z.enum(['json', 'markdown']), cursor: cursor.optional() }),
    z.object({
      fileName: z.string(),
      mediaType: z.string(),
      content: z.string(),
      events: z.number().int(),
      /** Where the rest begins, to ask again with; the document says it too. Null: that was all. */
      nextCursor: z.string().nullable(),
    }),
  ),
};
