/** The rule book: what is found wrong in guides, runbooks and documents, and why. */
import { z } from 'zod';
import { nothing } from './common.ts';
import { query } from './method.ts';

export const rule = z.object({
  /** "curl-does-not-fail". */
  id: z.string(),
  title: z.string(),
  /** Why it is wrong, and what is right. */
  explanation: z.string(),
  /** Versions for which it holds: "PostgreSQL 13 and later"; null: all. */
  versions: z.string().nullable(),
  class: z.enum(['destructive', 'changing', 'placeholder', 'endless', 'language', 'quoting', 'wrong', 'document']),
  /** What it looks at. */
  languages: z.array(z.string()),
});

export const ruleMethods = {
  'rule.list': query('Every rule of the book, in its order.', nothing, z.array(rule)),
};
