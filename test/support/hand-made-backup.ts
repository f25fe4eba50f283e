/** Backup folders made by stock tools and put into the catalogue, so that tests can also make ones that lie. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Backup } from '#shared/contract/backups.ts';
import { figuresOf } from '#shared/domain/table-counts.ts';
import type { EngineContext } from '#engine/engine-context.ts';
import { readContents } from '#engine/backup/contents.ts';
import type { Manifest } from '#engine/backup/manifest.ts';
import { openSnapshot, readDatabaseFacts } from '#engine/backup/snapshot.ts';
import { createBackupRepository } from '#engine/store/backup-repository.ts';
import { requireClientTool } from './client-tools.ts';

export interface HandMadeBackup {
  backup: Backup;
  folder: string;
  manifest: Manifest;
}

function filesBelow(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(folder, path) : [path];
  });
}

/** The files of a folder with their sizes and hashes, as a manifest lists them. */
export function hashedFiles(folder: string): Manifest['files'] {
  return filesBelow(folder)
    .filter((path) => path !== 'manifest.json')
    .map((path) => ({ path, sizeBytes: statSync(join(folder, path)).size, sha256: createHash('sha256').update(readFileSync(join(folder, path))).digest('hex') }));
}

/**
 * Dumps a managed database that nobody writes to, with the pg_dump of this machine, and puts it into the catalogue.
 * @param options.change makes the manifest say something else than is true
 * @param options.spoil changes the files after they were hashed
 * @param options.port dumps past a proxy that the database is reached through
 */
export async function makeBackup(context: EngineContext, databaseId: string, options: { format?: 'custom' | 'directory'; proof?: Backup['proof']; change?: (manifest: Manifest) => void; spoil?: (folder: string) => void; password: string; port?: number }): Promise<HandMadeBackup> {
  const id = context.ports.random.id();
  const { format = 'directory' } = options;
  const folder = join(context.home.backups, id);
  mkdirSync(folder, { mode: 0o700 });
  const target = context.targetOf(databaseId);
  const { host, user, database } = target.connection;
  const port = options.port ?? target.connection.port;
  const session = await context.postgres.connect(target, { applicationName: 'pilothouse backup' });
  try {
    const snapshot = await openSnapshot(session);
    const facts = await readDatabaseFacts(session);
    const contents = await readContents(session, { inTransaction: true });
    execFileSync(requireClientTool('pg_dump').path, ['-h', host, '-p', String(port), '-U', user, format === 'custom' ? '-Fc' : '-Fd', '-f', join(folder, 'dump'), database], { env: { PATH: process.env.PATH, PGPASSWORD: options.password }, stdio: 'pipe' });
    const system = context.systems.get(context.systems.getDatabase(databaseId).systemId);
    const manifest: Manifest = {
      format: 'pilothouse-backup/1',
      id,
      madeBy: { pilothouse: '0.1.0', pgDump: `${requireClientTool('pg_dump').major}.0` },
      system: { id: system.id, name: system.name, environment: system.environment },
      database: { id: databaseId, name: database, host, port },
      server: { version: session.server.version, versionNum: session.server.versionNum, systemIdentifier: session.server.systemIdentifier ?? '' },
      dump: { format, path: 'dump', jobs: 1, compressLevel: 1 },
      snapshotAt: snapshot.takenAt,
      startedAt: snapshot.takenAt,
      endedAt: snapshot.takenAt,
      ...facts,
      globals: { file: null, passwords: false },
      contents,
      files: hashedFiles(folder),
    };
    options.change?.(manifest);
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest), { mode: 0o600 });
    options.spoil?.(folder);
    const backup: Backup = {
      id, path: folder, systemId: system.id, systemName: system.name, environment: system.environment, databaseId, database,
      systemIdentifier: manifest.server.systemIdentifier, serverVersion: manifest.server.version, format, takenAt: manifest.snapshotAt, durationMs: 1,
      sizeBytes: manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0), ...figuresOf(contents.tables),
      largeObjects: contents.largeObjects, proof: options.proof ?? null, provenAt: null, damaged: null, pinned: false,
    };
    createBackupRepository(context.store).upsert(backup);
    createBackupRepository(context.store).setMadeHere(backup.id);
    return { backup, folder, manifest };
  } finally {
    await session.close();
  }
}
