/** Folders in memory, for files that must not reach a disk. macOS and Windows have none. */
import { here, pathsOf, type Platform } from './here.ts';

/** Where such files are written, the best first. */
export function memoryFolders(environment: Readonly<Record<string, string | undefined>>, platform: Platform = here): string[] {
  if (platform !== 'linux') return [];
  const runtime = environment['XDG_RUNTIME_DIR'];
  return [...(runtime !== undefined && pathsOf(platform).isAbsolute(runtime) ? [runtime] : []), '/dev/shm'];
}

/** Where else a process may have written them that was started in another way: the session's folder is there whatever the environment says of it now. */
export function otherMemoryFolders(uid: number | undefined, platform: Platform = here): string[] {
  return platform === 'linux' && uid !== undefined ? [`/run/user/${uid}`] : [];
}
