/** What the catalogue and a backup's own folder answer to who looks. */
import type { Backup, BackupContents } from '#shared/contract/backups.ts';
import type { MethodInput, MethodOutput } from '#shared/contract/index.ts';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { BackupPlace, BackupRepository } from '../store/backup-repository.ts';
import type { Manifest } from './manifest.ts';
import { requireManifest } from './verify.ts';

function globalsOf({ globals }: Manifest): BackupContents['globals'] {
  if (globals.file === null) return 'none';
  return globals.passwords ? 'with-passwords' : 'without-passwords';
}

/**
 * What a backup holds, by its manifest; null where that cannot be read. Who looks at a damaged backup wants to know what
 * is known of it, and to be able to delete it: for that no manifest is needed.
 */
export async function readContents(context: EngineContext, backup: Backup): Promise<BackupContents | null> {
  try {
    const { manifest } = await requireManifest(context, backup);
    const { contents, extensions, files, madeBy, encoding, collate, lsn } = manifest;
    return {
      tables: contents.tables,
      sequences: contents.sequences.map(({ schema, name, lastValue }) => ({ schema, name, lastValue })),
      extensions,
      files,
      toolVersion: madeBy.pgDump,
      encoding,
      collation: collate,
      lsn,
      globals: globalsOf(manifest),
      countedIn: contents.countedFrom === 'archive' ? 'dump' : 'database',
    };
  } catch (error) {
    if (!isPilothouseError(error)) throw error;
    return null;
  }
}

const cursorOf = ({ takenAt, id }: BackupPlace): string => `${takenAt}/${id}`;

function placeOf(cursor: string): BackupPlace {
  const [takenAt = '', id = ''] = cursor.split('/');
  if (Number.isNaN(Date.parse(takenAt)) || id === '') throw new PilothouseError('contract.invalid-input', `"${cursor}" is no place in the catalogue.`, { hint: 'Take the cursor from the answer that goes before.' });
  return { takenAt, id };
}

/** A part of the catalogue, and how many there are in all: who sees a part must not take it for the whole. */
export function readList(backups: BackupRepository, { cursor, limit, ...filter }: MethodInput<'backup.list'>): Omit<MethodOutput<'backup.list'>, 'scannedAt'> {
  const found = backups.list({ ...filter, limit: limit + 1, ...(cursor === undefined ? {} : { after: placeOf(cursor) }) });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return { backups: shown, total: backups.count(filter), nextCursor: found.length > limit && last !== undefined ? cursorOf(last) : null };
}
