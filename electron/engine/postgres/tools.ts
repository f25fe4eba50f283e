import { readdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { runChild } from '../children/run-child.ts';
import type { ClientTool } from './types.ts';

const thisComputerWords = 'this computer';

export type ToolName = ClientTool['name'];

export interface Tools {
  /** Every installed version of a tool, newest first. Remembered until `refresh`; that there is none is not. */
  find(name: ToolName): Promise<ClientTool[]>;
  /**
   * The lowest version that is not older than the server's.
   * @throws postgres.tool-missing, postgres.tool-too-old
   */
  require(name: ToolName, serverMajor: number): Promise<ClientTool>;
  /** Forgets what was found, for after an installation. */
  refresh(): void;
}

/** Folders whose every subfolder may hold a version: where the packages of each system put them. */
function versionRoots(): { root: string; pattern: RegExp; below: string }[] {
  if (process.platform === 'win32') {
    const programs = process.env['ProgramFiles'] ?? 'C:\\Program Files';
    return [{ root: path.join(programs, 'PostgreSQL'), pattern: /^\d/, below: 'bin' }];
  }
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'].map((root) => ({ root, pattern: /^(?:postgresql(?:@\d+)?|libpq)$/, below: 'bin' }));
  return [
    { root: '/usr/lib/postgresql', pattern: /^\d/, below: 'bin' },
    { root: '/usr', pattern: /^pgsql-\d/, below: 'bin' },
    { root: '/usr/libexec', pattern: /^postgresql\d+$/, below: '' },
    ...homebrew,
    { root: '/Applications/Postgres.app/Contents/Versions', pattern: /^\d/, below: 'bin' },
    { root: path.join(homedir(), 'Applications/Postgres.app/Contents/Versions'), pattern: /^\d/, below: 'bin' },
    { root: '/Library/PostgreSQL', pattern: /^\d/, below: 'bin' },
  ];
}

async function versionFolders(): Promise<string[]> {
  const folders = await Promise.all(
    versionRoots().map(async ({ root, pattern, below }) => {
      try {
        return (await readdir(root)).filter((name) => pattern.test(name)).map((name) => path.join(root, name, below));
      } catch {
        // Most of these places exist on no one computer.
        return [];
      }
    }),
  );
  return folders.flat();
}

/** Files of that name that really differ. Debian's wrapper is left out: it chooses a version of its own. */
async function candidates(name: ToolName, places: ToolPlaces): Promise<string[]> {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const folders = [...(await places.versionFolders()), ...places.searchPath().split(path.delimiter).filter((folder) => path.isAbsolute(folder))];
  const found = new Map<string, string>();
  for (const folder of folders) {
    const candidate = path.join(folder, file);
    try {
      const real = await realpath(candidate);
      if (path.basename(real) !== 'pg_wrapper' && !found.has(real)) found.set(real, candidate);
    } catch {
      // Not there.
    }
  }
  return [...found.values()];
}

async function askVersion(name: ToolName, file: string): Promise<ClientTool | null> {
  try {
    const { exitStatus, stdout } = await runChild({ command: file, args: ['--version'], signal: AbortSignal.timeout(5000) });
    const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
    const major = Number.parseInt(version ?? '', 10);
    return exitStatus === 0 && version !== undefined && Number.isInteger(major) ? { name, path: file, version, major } : null;
  } catch {
    // A file of that name that cannot be run is not a tool.
    return null;
  }
}

export function newestFirst(a: ClientTool, b: ClientTool): number {
  return b.version.localeCompare(a.version, 'en', { numeric: true });
}

function howToInstall(major: number): string {
  if (process.platform === 'darwin') return `Install it with: brew install postgresql@${major}`;
  if (process.platform === 'win32') return `Install the command line tools of Postgres ${major} from postgresql.org, then try again.`;
  return `Install the package postgresql-client-${major} (Debian, Ubuntu; older releases need the repository apt.postgresql.org) or postgresql${major} (Red Hat), then try again.`;
}

/** The lowest version that is not older than the server's; of that major the newest. @param tools newest first */
export function chooseTool(tools: readonly ClientTool[], serverMajor: number): ClientTool | undefined {
  const fitting = tools.filter((tool) => tool.major >= serverMajor);
  const lowest = Math.min(...fitting.map((tool) => tool.major));
  return fitting.find((tool) => tool.major === lowest);
}

/** Why none of these can be used. @param where "this computer", or what people call the host */
export function noTool(name: ToolName, serverMajor: number, found: readonly ClientTool[], where: string): PilothouseError {
  const details = { tool: name, serverMajor, where, found: found.map((tool) => ({ path: tool.path, version: tool.version })) };
  const hint = where === thisComputerWords ? howToInstall(serverMajor) : `Install the client programs of Postgres ${serverMajor} there, choose another way to the host's programs, or use those of this computer.`;
  if (found.length === 0) return new PilothouseError('postgres.tool-missing', `${name} was not found on ${where}; a server of Postgres ${serverMajor} needs version ${serverMajor} or newer.`, { hint, details, retryable: true });
  return new PilothouseError('postgres.tool-too-old', `${name} on ${where} is version ${found[0]?.version ?? ''}, and a server of Postgres ${serverMajor} needs ${serverMajor} or newer.`, { hint, details, retryable: true });
}

/** Where to look. */
export interface ToolPlaces {
  /** Folders that hold one version each. */
  versionFolders: () => Promise<string[]>;
  /** In PATH's format. */
  searchPath: () => string;
}

const thisComputer: ToolPlaces = { versionFolders, searchPath: () => process.env['PATH'] ?? '' };

/** The client programs of this computer, of each version that is installed. */
export function createTools(places: ToolPlaces = thisComputer): Tools {
  const remembered = new Map<ToolName, Promise<ClientTool[]>>();

  const search = async (name: ToolName): Promise<ClientTool[]> => {
    const tools: ClientTool[] = [];
    for (const file of await candidates(name, places)) {
      const tool = await askVersion(name, file);
      if (tool !== null && !tools.some((other) => other.version === tool.version)) tools.push(tool);
    }
    return tools.sort(newestFirst);
  };
  const find = (name: ToolName): Promise<ClientTool[]> => {
    const found = remembered.get(name) ?? search(name);
    remembered.set(name, found);
    const forget = (): void => {
      if (remembered.get(name) === found) remembered.delete(name);
    };
    // Whoever asked is told of a failure; here it only must not be remembered.
    found.then((tools) => tools.length === 0 && forget(), forget);
    return found;
  };
  return {
    find,
    async require(name, serverMajor) {
      const known = chooseTool(await find(name), serverMajor);
      if (known !== undefined) return known;
      // It may have been installed since we looked.
      remembered.delete(name);
      const found = await find(name);
      const chosen = chooseTool(found, serverMajor);
      if (chosen !== undefined) return chosen;
      throw noTool(name, serverMajor, found, thisComputerWords);
    },
    refresh: () => remembered.clear(),
  };
}
