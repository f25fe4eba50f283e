/** Where things are by the custom of each system: our data, and the files of other programs that are read. */
import { here, pathsOf, type Platform } from './here.ts';

export interface Person {
  homeFolder: string;
  environment: Readonly<Record<string, string | undefined>>;
}

const roamingOf = ({ homeFolder, environment }: Person): string => environment['APPDATA'] || pathsOf('win32').join(homeFolder, 'AppData', 'Roaming');

/** The folder for Pilothouse's data, unless another is chosen. */
export function dataFolder(person: Person, platform: Platform = here): string {
  const { join } = pathsOf(platform);
  if (platform === 'darwin') return join(person.homeFolder, 'Library', 'Application Support', 'Pilothouse');
  if (platform === 'win32') return join(roamingOf(person), 'Pilothouse');
  return join(person.environment['XDG_DATA_HOME'] || join(person.homeFolder, '.local', 'share'), 'pilothouse');
}

/**
 * Where libpq looks, unless it is told otherwise. Source: its "The Password File", "The Connection Service File" and
 * "Client Verification of Server Certificates".
 */
export function postgresFiles(person: Person, platform: Platform = here): { passfile: string; serviceFiles: string[]; authority: string } {
  const { join } = pathsOf(platform);
  const { environment, homeFolder } = person;
  const onWindows = platform === 'win32';
  const folder = onWindows ? join(roamingOf(person), 'postgresql') : homeFolder;
  // Where the system's own is depends on how libpq was built; Debian says here. On Windows no place is usual.
  const system = environment['PGSYSCONFDIR'] ?? (onWindows ? null : '/etc/postgresql-common');
  return {
    passfile: environment['PGPASSFILE'] ?? join(folder, onWindows ? 'pgpass.conf' : '.pgpass'),
    serviceFiles: [environment['PGSERVICEFILE'] ?? join(folder, '.pg_service.conf'), ...(system === null ? [] : [join(system, 'pg_service.conf')])],
    authority: onWindows ? join(folder, 'root.crt') : join(homeFolder, '.postgresql', 'root.crt'),
  };
}

/** OpenSSH's files for everybody on this computer. */
export function systemSshFiles(environment: Person['environment'], platform: Platform = here): { folder: string; config: string; knownHosts: string[] } {
  // The names that are read are compared with those of Include and UserKnownHostsFile, which are written with slashes there too.
  const folder = platform === 'win32' ? `${(environment['ProgramData'] || 'C:\\ProgramData').replaceAll('\\', '/')}/ssh` : '/etc/ssh';
  return { folder, config: `${folder}/ssh_config`, knownHosts: [`${folder}/ssh_known_hosts`, `${folder}/ssh_known_hosts2`] };
}

/** Whether a path that stands in a file of settings begins at a root. */
export const isWholePath = (path: string, platform: Platform = here): boolean => pathsOf(platform).isAbsolute(path);

/** A pattern of paths, cut into where it begins ("", "C:") and the names from there on. Both slashes count on Windows. */
export function splitPattern(pattern: string, platform: Platform = here): { root: string; names: string[] } {
  const written = platform === 'win32' ? pattern.replaceAll('\\', '/') : pattern;
  const root = platform === 'win32' ? (/^[A-Za-z]:/.exec(written)?.[0] ?? '') : '';
  return { root, names: written.slice(root.length).split('/').slice(1).filter((name) => name !== '') };
}

/** A path as a person wrote it, with their home folder in place of "~". */
export function expandHome(path: string, homeFolder: string, platform: Platform = here): string {
  const isTheirs = path.startsWith('~/') || (platform === 'win32' && path.startsWith('~\\'));
  return isTheirs ? pathsOf(platform).join(homeFolder, path.slice(2)) : path;
}
