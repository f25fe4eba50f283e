import { readdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import { runChild } from '../children/run-child.ts';
import { howToInstallPostgres, postgresRoots, programFile, searchFolders } from '../platform/programs.ts';
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

async function versionFolders(): Promise<string[]> {
  const folders = await Promise.all(
    postgresRoots({ homeFolder: homedir(), environment: process.env }).map(async ({ root, pattern, below }) => {
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
  const file = programFile(name);
  const folders = [...(await places.versionFolders()), ...searchFolders(places.searchPath())];
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

/** The lowest version that is not older than the server's; of that major the newest. @param tools newest first */
export function chooseTool(tools: readonly ClientTool[], serverMajor: number): ClientTool | undefined {
  const fitting = tools.filter((tool) => tool.major >= serverMajor);
  const lowest = Math.min(...fitting.map((tool) => tool.major));
  return fitting.find((tool) => tool.major === lowest);
}

/** Why none of these can be used. @param where "this computer", or what people call the host */
export function noTool(name: ToolName, serverMajor: number, found: readonly ClientTool[], where: string): PilothouseError {
  const details = { tool: name, serverMajor, where, found: found.map((tool) => ({ path: tool.path, version: tool.version })) };
  const hint = where === thisComputerWords ? howToInstallPostgres(serverMajor) : `Install the client programs of Postgres ${serverMajor} there, choose another way to the host's programs, or use those of this computer.`;
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
