import { writeFile } from 'node:fs/promises';
import { PilothouseError } from '#shared/domain/errors.ts';
import { UsageError } from './failures.ts';

/** Writes a document to a new file that its owner alone reads, and refuses to write over one that is there. */
export async function writeNew(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError(`There is a file ${path} already, and it is left as it is.`, 'Name a new one.');
    throw new PilothouseError('store.unwritable', `${path} cannot be written: ${message}.`, { hint: 'Name a place of yours that has room.', details: { path }, cause: error });
  }
}
