import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { filesOfCommand } from '../platform/programs.ts';

async function runnable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Not there, or not ours to run: either way it is not a command for us.
    return false;
  }
}

/**
 * Where a command is: itself where it has a folder, else the first match on `searchPath` (in PATH's format).
 * Null where there is none. Relative entries of the path are passed over, so that nothing runs out of the folder we
 * happen to be in.
 */
export async function findCommand(command: string, searchPath: string): Promise<string | null> {
  for (const file of filesOfCommand(command, { ...process.env, PATH: searchPath })) if (await runnable(file)) return file;
  return null;
}
