import type { Database } from './database.ts';

/** Texts of imported runbooks that a person has looked at. */
export interface RunbookReviewRepository {
  /** @param hash of the text, SHA-256 in hex */
  isReviewed(hash: string): boolean;
  /** Once it is reviewed it stays so: the text cannot change without its hash. @param at milliseconds since the epoch */
  markReviewed(hash: string, ref: string, by: string, at: number): void;
}

export function createRunbookReviewRepository(database: Database): RunbookReviewRepository {
  const find = database.prepare<[string], { hash: string }>('SELECT hash FROM runbook_reviews WHERE hash = ?');
  const insert = database.prepare('INSERT INTO runbook_reviews (hash, ref, reviewed_by, reviewed_at) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING');
  return {
    isReviewed: (hash) => find.get(hash) !== undefined,
    markReviewed: (hash, ref, by, at) => void insert.run(hash, ref, by, at),
  };
}
