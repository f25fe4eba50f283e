import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

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
  if (path.basename(command) !== command) return (await runnable(command)) ? path.resolve(command) : null;
  const endings = process.platform === 'win32' ? ['.exe', ''] : [''];
  for (const folder of searchPath.split(path.delimiter)) {
    if (!path.isAbsolute(folder)) continue;
    for (const ending of endings) {
      const file = path.join(folder, command + ending);
      if (await runnable(file)) return file;
    }
  }
  return null;
}
