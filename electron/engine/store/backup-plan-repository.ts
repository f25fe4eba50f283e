import { backupOptions, type BackupOptions, type BackupPlan } from '#shared/contract/backups.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { sortedByName } from '#shared/domain/natural-order.ts';
import { systemRandom, type Random } from '../ports.ts';
import type { Database } from './database.ts';
import { nameConflict } from './system-repository.ts';

interface BackupPlanRow {
  id: string;
  name: string;
  system_id: string;
  database_id: string;
  options_json: string;
  created_at: number;
  last_run_at: number | null;
}

/** Databases and how they are backed up, by name. */
export interface BackupPlanRepository {
  /** By name. */
  list(systemId?: string): BackupPlan[];
  /** @throws store.not-found */
  get(planId: string): BackupPlan;
  /** Names are compared without regard to case. */
  findByName(name: string): BackupPlan | null;
  /**
   * Adds a plan, with `newId` where its id is known before, or changes the one with `id`. `at` in milliseconds since the epoch.
   * @throws store.conflict when another plan has the name, store.not-found when there is none with `id`
   */
  save(plan: { id?: string | undefined; newId?: string; name: string; systemId: string; databaseId: string; options: BackupOptions; at: number }): BackupPlan;
  remove(planId: string): void;
  /** Remembers that it ran at `at`, in milliseconds since the epoch. */
  touch(planId: string, at: number): void;
}

function toPlan(row: BackupPlanRow): BackupPlan {
  return {
    id: row.id,
    name: row.name,
    systemId: row.system_id,
    databaseId: row.database_id,
    options: backupOptions.parse(JSON.parse(row.options_json)),
    createdAt: new Date(row.created_at).toISOString(),
    lastRunAt: row.last_run_at === null ? null : new Date(row.last_run_at).toISOString(),
  };
}

export function createBackupPlanRepository(database: Database, random: Random = systemRandom): BackupPlanRepository {
  const all = database.prepare<[], BackupPlanRow>('SELECT * FROM backup_plans');
  const ofSystem = database.prepare<[string], BackupPlanRow>('SELECT * FROM backup_plans WHERE system_id = ?');
  const one = database.prepare<[string], BackupPlanRow>('SELECT * FROM backup_plans WHERE id = ?');
  const byName = database.prepare<[string], BackupPlanRow>('SELECT * FROM backup_plans WHERE name = ? COLLATE NOCASE');

  const repository: BackupPlanRepository = {
    list: (systemId) => sortedByName(systemId === undefined ? all.all() : ofSystem.all(systemId), ({ name }) => name).map(toPlan),
    get(planId) {
      const row = one.get(planId);
      if (row === undefined) throw new PilothouseError('store.not-found', `There is no backup plan ${planId}.`, { hint: 'It may have been removed meanwhile; look at the list again.' });
      return toPlan(row);
    },
    findByName(name) {
      const row = byName.get(name);
      return row === undefined ? null : toPlan(row);
    },
    save(plan) {
      const id = plan.id ?? plan.newId ?? random.id();
      if (plan.id !== undefined) repository.get(plan.id);
      try {
        database
          .prepare(
            `INSERT INTO backup_plans (id, name, system_id, database_id, options_json, created_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, system_id = excluded.system_id, database_id = excluded.database_id, options_json = excluded.options_json`,
          )
          .run(id, plan.name, plan.systemId, plan.databaseId, JSON.stringify(plan.options), plan.at);
      } catch (error) {
        throw nameConflict(error, 'backup plan', plan.name);
      }
      return repository.get(id);
    },
    remove: (planId) => void database.prepare('DELETE FROM backup_plans WHERE id = ?').run(planId),
    touch: (planId, at) => void database.prepare('UPDATE backup_plans SET last_run_at = ? WHERE id = ?').run(at, planId),
  };
  return repository;
}
