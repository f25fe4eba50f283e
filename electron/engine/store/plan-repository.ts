import type { Plan, ProcedureKind } from '#shared/contract/operations.ts';
import type { Database } from './database.ts';

export interface StoredPlan {
  id: string;
  kind: ProcedureKind;
  plan: Omit<Plan, 'token'>;
  details: unknown;
  /** What the runner needs besides: exclusive keys and the target in words. */
  hash: string;
  tokenHash: string;
  expiresAt: number;
  usedAt: number | null;
}

export interface PlanRepository {
  insert(plan: StoredPlan & { createdAt: number }): void;
  find(planId: string): StoredPlan | null;
  /** Marks a plan as used; false when it was used before. */
  use(planId: string, at: number): boolean;
  removeExpired(before: number): void;
}

export function createPlanRepository(database: Database): PlanRepository {
  return {
    insert: (plan) =>
      void database
        .prepare('INSERT INTO plans (id, kind, plan_json, details_json, hash, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
        .run(plan.id, plan.kind, JSON.stringify(plan.plan), JSON.stringify(plan.details), plan.hash, plan.tokenHash, plan.createdAt, plan.expiresAt),
    find(planId) {
      const row = database
        .prepare<[string], { id: string; kind: ProcedureKind; plan_json: string; details_json: string; hash: string; token_hash: string; expires_at: number; used_at: number | null }>('SELECT * FROM plans WHERE id = ?')
        .get(planId);
      return row === undefined
        ? null
        : { id: row.id, kind: row.kind, plan: JSON.parse(row.plan_json), details: JSON.parse(row.details_json), hash: row.hash, tokenHash: row.token_hash, expiresAt: row.expires_at, usedAt: row.used_at };
    },
    use: (planId, at) => database.prepare('UPDATE plans SET used_at = ? WHERE id = ? AND used_at IS NULL').run(at, planId).changes === 1,
    removeExpired: (before) => void database.prepare('DELETE FROM plans WHERE expires_at < ?').run(before),
  };
}
