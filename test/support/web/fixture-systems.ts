/** Two believable systems: a production one with trouble, and the practice one. */
import type { Backup, BackupPlan } from '#shared/contract/backups.ts';
import { fromHere, type Need, type System, type SystemCard } from '#shared/contract/systems.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** An instant this long ago, in milliseconds. */
export function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

export const times = { minute, hour, day };

const production = '7391044211876302114';
const practice = '7442100031980112233';

function database(id: string, systemId: string, name: string, port: number, identity: string, sizeBytes: number): System['databases'][number] {
  return {
    id, systemId, label: name,
    connection: { host: systemId === 'sys-neff' ? 'db-1.neffpaving.example' : '127.0.0.1', port, database: name, user: 'pilothouse', tls: { mode: systemId === 'sys-neff' ? 'verify-full' : 'disable', ca: null }, password: { source: systemId === 'sys-neff' ? 'vault' : 'passfile', ...(systemId === 'sys-neff' ? {} : { path: '/home/person/.local/share/pilothouse/practice/pgpass' }) } as System['databases'][number]['connection']['password'], ...fromHere },
    systemIdentifier: identity, serverVersion: systemId === 'sys-neff' ? '17.11' : '15.18', serverVersionNum: systemId === 'sys-neff' ? 170_011 : 150_018, sizeBytes, lastSeenAt: ago(3 * minute), lastError: null,
  };
}

const policy: System['policy'] = { thresholds: {}, backupAgeHours: { warn: 26, critical: 50 } };

export function systems(): System[] {
  return [
    {
      id: 'sys-neff', name: 'Neff Paving', environment: 'production', readOnly: false, policy, createdAt: ago(200 * day),
      databases: [database('db-admin', 'sys-neff', 'neff_paving_admin', 5432, production, 10_093_173_145), database('db-site', 'sys-neff', 'neff_site', 5432, production, 402_653_184)],
    },
    { id: 'sys-practice', name: 'Practice', environment: 'practice', readOnly: false, policy, createdAt: ago(2 * hour), databases: [database('db-practice', 'sys-practice', 'practice_shop', 55_432, practice, 31_457_280)] },
  ];
}

function copy(id: string, databaseId: 'db-admin' | 'db-site' | 'db-practice', age: number, proof: Backup['proof'], more: Partial<Backup> = {}): Backup {
  const shop = databaseId === 'db-practice';
  const name = { 'db-admin': 'neff_paving_admin', 'db-site': 'neff_site', 'db-practice': 'practice_shop' }[databaseId];
  const size = { 'db-admin': 3_328_599_654, 'db-site': 134_217_728, 'db-practice': 4_718_592 }[databaseId];
  return {
    id, databaseId, database: name, systemId: shop ? 'sys-practice' : 'sys-neff', systemName: shop ? 'Practice' : 'Neff Paving', environment: shop ? 'practice' : 'production',
    path: `/home/person/.local/share/pilothouse/backups/${shop ? 'practice' : 'neff-paving'}/${name}/${ago(age).replaceAll(':', '').slice(0, 15)}Z`,
    systemIdentifier: shop ? practice : production, serverVersion: shop ? '15.18' : '17.11', format: 'directory', takenAt: ago(age), durationMs: shop ? 1900 : 104_000, sizeBytes: size,
    tables: shop ? 14 : databaseId === 'db-site' ? 23 : 41, rows: shop ? 100_412 : databaseId === 'db-site' ? 1_904_118 : 48_188_902, largeObjects: shop ? 1 : 0,
    proof, provenAt: proof === 'L3' ? ago(age - 20 * minute) : null, damaged: null, pinned: false, ...more,
  };
}

/** Newest first. */
export function backups(): Backup[] {
  const copies = [copy('b-admin-new', 'db-admin', 32 * minute, 'L2'), copy('b-admin', 'db-admin', 6.5 * hour, 'L3'), copy('b-site-new', 'db-site', 12 * hour, 'L1'), copy('b-site', 'db-site', 36 * hour, 'L3', { pinned: true })];
  for (let index = 2; index < 24; index += 1) {
    const level = ([null, 'L1', 'L3', 'L2'] as const)[index % 4] ?? null;
    const damaged = { 9: 'The file 4211.dat.gz no longer has the hash that was written beside it.', 15: 'Its folder /home/person/.local/share/pilothouse/backups/neff-paving/neff_paving_admin/20251116T060000Z is missing.' }[index];
    copies.push(copy(`b-admin-${index}`, 'db-admin', (index * 6 + 6.5) * hour, index === 9 ? 'L0' : (level ?? 'L1'), damaged === undefined ? {} : { damaged }));
  }
  for (let index = 2; index < 7; index += 1) copies.push(copy(`b-site-${index}`, 'db-site', (index * 24 + 12) * hour, 'L3'));
  copies.push(copy('b-practice', 'db-practice', 65 * minute, 'L3'));
  copies.push(copy('b-old', 'db-practice', 80 * day, 'L3', { systemId: null, databaseId: null, systemName: 'Old shop', environment: 'production', database: 'old_shop', systemIdentifier: '7220000000000000001' }));
  return copies.sort((a, b) => b.takenAt.localeCompare(a.takenAt));
}

export function backupPlans(): BackupPlan[] {
  return [
    { id: 'plan-nightly', name: 'Every night', systemId: 'sys-neff', databaseId: 'db-admin', options: { format: 'directory', jobs: 4, compressLevel: 1, proof: 'L3' }, createdAt: ago(100 * day), lastRunAt: ago(6.5 * hour) },
    { id: 'plan-site', name: 'Site, before a release', systemId: 'sys-neff', databaseId: 'db-site', options: { format: 'custom', jobs: 1, compressLevel: 6, proof: 'L2' }, createdAt: ago(40 * day), lastRunAt: null },
  ];
}

export function cards(all: readonly System[], copies: readonly Backup[]): SystemCard[] {
  return all.map(({ databases, policy: _policy, ...system }): SystemCard => {
    const trouble = system.id === 'sys-neff';
    const newest = copies.find((backup) => backup.systemId === system.id);
    const proven = copies.find((backup) => backup.systemId === system.id && backup.proof === 'L3');
    const brief = (backup: Backup | undefined) => (backup === undefined ? null : { id: backup.id, database: backup.database, takenAt: backup.takenAt, proof: backup.proof });
    return {
      system, databases: databases.length, state: trouble ? 'critical' : 'warn', stateText: trouble ? '1 critical, 3 warn, 2 unknown' : '2 warn', worst: trouble ? '38.2 GiB held back by slot reports_copy' : '41 % of orders is dead',
      counts: trouble ? { critical: 1, unknown: 2, warn: 3, ok: 14, skipped: 3 } : { critical: 0, unknown: 0, warn: 2, ok: 15, skipped: 2 },
      checkedAt: ago(3 * minute), newestBackup: brief(newest), newestProven: brief(proven),
    };
  });
}

export function needs(): Need[] {
  const neff = { systemId: 'sys-neff', systemName: 'Neff Paving', environment: 'production' as const, more: 0 };
  return [
    { ...neff, state: 'critical', text: '38.2 GiB held back by slot reports_copy; the disk is full in about 19 h', since: ago(3 * day), action: { label: 'Open finding', kind: 'open-health', id: null } },
    { ...neff, state: 'unknown', text: 'The backup of neff_site was interrupted: the engine stopped in the middle of the dump', since: ago(2 * hour), action: { label: 'Look at it', kind: 'open-operation', id: 'op-interrupted' } },
    { ...neff, state: 'warn', text: 'A restored copy of neff_site waits for a decision', since: ago(13 * minute), action: { label: 'Continue restore', kind: 'open-restore', id: 'restore-1' } },
    { ...neff, state: 'warn', text: 'Newest proven copy of neff_site is 1 d 12 h old, limit 26 h', since: ago(10 * hour), action: { label: 'Prove newest copy', kind: 'prove-backup', id: 'b-site-new' } },
    { systemId: 'sys-practice', systemName: 'Practice', environment: 'practice', more: 1, state: 'warn', text: '41 % of orders is dead', since: ago(hour), action: { label: 'Open finding', kind: 'open-health', id: null } },
  ];
}
