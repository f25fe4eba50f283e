/** How programs are called and where they lie. */
import { here, pathsOf, type Platform } from './here.ts';

/** What Windows starts without a shell of its own. A script (.cmd, .bat) needs one, which would read the arguments as its own language. */
const startable = new Set(['.com', '.exe']);

/** Endings of a program's file, by PATHEXT on Windows. */
function endingsOf(environment: Readonly<Record<string, string | undefined>>, platform: Platform): string[] {
  if (platform !== 'win32') return [''];
  const named = (environment['PATHEXT'] || '.COM;.EXE').split(';').map((ending) => ending.trim().toLowerCase());
  return named.filter((ending) => startable.has(ending));
}

/** The folders of a PATH. Relative ones are passed over, so that nothing runs out of the folder we happen to be in. */
export function searchFolders(searchPath: string, platform: Platform = here): string[] {
  const { delimiter, isAbsolute } = pathsOf(platform);
  // On Windows an entry may stand in quotation marks.
  const entries = searchPath.split(delimiter).map((entry) => (platform === 'win32' ? entry.replace(/^"(.*)"$/, '$1') : entry));
  return entries.filter((entry) => isAbsolute(entry));
}

/** The files that a command may mean, in the order in which they count. One with a folder means itself. */
export function filesOfCommand(command: string, environment: Readonly<Record<string, string | undefined>>, platform: Platform = here): string[] {
  const { basename, extname, join, resolve } = pathsOf(platform);
  const endings = platform === 'win32' && startable.has(extname(command).toLowerCase()) ? [''] : endingsOf(environment, platform);
  if (basename(command) !== command) return endings.map((ending) => resolve(command + ending));
  return searchFolders(environment['PATH'] ?? '', platform).flatMap((folder) => endings.map((ending) => join(folder, command + ending)));
}

/** Folders whose every subfolder may hold a version of Postgres's programs: where the packages of each system put them. */
export function postgresRoots({ homeFolder, environment }: { homeFolder: string; environment: Readonly<Record<string, string | undefined>> }, platform: Platform = here): { root: string; pattern: RegExp; below: string }[] {
  const { join } = pathsOf(platform);
  if (platform === 'win32') return [{ root: join(environment['ProgramFiles'] ?? 'C:\\Program Files', 'PostgreSQL'), pattern: /^\d/, below: 'bin' }];
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'].map((root) => ({ root, pattern: /^(?:postgresql(?:@\d+)?|libpq)$/, below: 'bin' }));
  return [
    { root: '/usr/lib/postgresql', pattern: /^\d/, below: 'bin' },
    { root: '/usr', pattern: /^pgsql-\d/, below: 'bin' },
    { root: '/usr/libexec', pattern: /^postgresql\d+$/, below: '' },
    ...homebrew,
    { root: '/Applications/Postgres.app/Contents/Versions', pattern: /^\d/, below: 'bin' },
    { root: join(homeFolder, 'Applications/Postgres.app/Contents/Versions'), pattern: /^\d/, below: 'bin' },
    { root: '/Library/PostgreSQL', pattern: /^\d/, below: 'bin' },
  ];
}

/** What a program of Postgres is called as a file. */
export const programFile = (name: string, platform: Platform = here): string => (platform === 'win32' ? `${name}.exe` : name);

/** How Postgres's programs of a major are installed, in words. */
export function howToInstallPostgres(major: number, platform: Platform = here): string {
  if (platform === 'darwin') return `Install it with: brew install postgresql@${major}`;
  if (platform === 'win32') return `Install the command line tools of Postgres ${major} from postgresql.org, then try again.`;
  return `Install the package postgresql-client-${major} (Debian, Ubuntu; older releases need the repository apt.postgresql.org) or postgresql${major} (Red Hat), then try again.`;
}
