/** The door of the Postgres room. */
import type { ConnectionTest, DatabaseTools } from '#shared/contract/systems.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import { systemRandom, type Logger, type Random } from '../ports.ts';
import type { HostLines } from '../ssh/lines.ts';
import { withConninfo } from './conninfo.ts';
import { failure, placeOf } from './place.ts';
import { createPasswords, type PasswordSources } from './passwords.ts';
import { createRunFolder } from './run-folder.ts';
import { openSession, type SessionDependencies } from './session.ts';
import { testConnection, type PostgresTest } from './test-connection.ts';
import { accessWords, findThere, type FoundThere } from './tools-there.ts';
import { chooseTool, createTools, newestFirst, noTool, type ToolPlaces } from './tools.ts';
import type { ClientTool, ConnectOptions, PostgresService, PostgresSession, PostgresTarget } from './types.ts';

export { readLanguage } from './messages.ts';
export type { ToolsThere } from './tools-there.ts';
export { readPassfileLines, type PassfileLine } from './passfile.ts';
export type { ClientTool, ConnectOptions, PostgresService, PostgresSession, PostgresTarget, Sent, ServerFacts } from './types.ts';

export interface Postgres extends PostgresService {
  /** Tries a connection layer by layer. Never throws: what went wrong is in the result. */
  testConnection(target: PostgresTarget): Promise<PostgresTest>;
  /** Forgets which client programs were found: for after an installation, and where a host is another one from now on. */
  refreshTools(): void;
  /** Removes passfiles that an engine of this data folder left behind when it died. For the start. */
  sweep(): void;
  /** Removes the folder of passfiles, for the end. Nothing may be running any more. */
  close(): void;
}

export interface PostgresOptions extends PasswordSources {
  ports: { logger: Logger; random?: Random };
  /** Ways through hosts. */
  lines: HostLines;
  /** The data folder, and the short name it is known by outside. */
  home: { root: string; key: string };
  /** Where programs of this computer are looked for; where packages put them by default. */
  toolPlaces?: ToolPlaces;
  /** Milliseconds that each layer of a connection may take; 10 000 by default. */
  layerTimeoutMs?: number;
}

const defaultLayerTimeoutMs = 10_000;
/** Milliseconds for looking what programs a host has, the way there included: somebody may be asked on it, who has almost two minutes to answer. */
const lookThereMs = 150_000;

/** Connections, their tests, and Postgres's own programs. */
export function createPostgres(options: PostgresOptions): Postgres {
  const { logger } = options.ports;
  const dependencies: SessionDependencies = { passwords: createPasswords(options), lines: options.lines, layerTimeoutMs: options.layerTimeoutMs ?? defaultLayerTimeoutMs };
  const runFolder = createRunFolder(options.home, options.ports.random);
  const tools = createTools(options.toolPlaces);

  const connect = (target: PostgresTarget, connectOptions: ConnectOptions): Promise<PostgresSession> => openSession(target, connectOptions, dependencies);

  const lookedThere = new Map<string, Promise<FoundThere>>();
  const refreshThere = (): void => lookedThere.clear();
  const lookThere = async (hostId: string, wanted: Extract<DatabaseTools, { where: 'host' }>, host: string): Promise<FoundThere> => {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(new PilothouseError('ssh.timeout', `${host} did not say within ${lookThereMs / 1000} s which programs of Postgres it has.`, { hint: `Test the host ${host}: something may hang where its shell begins, or what the programs are reached by (sudo, docker, kubectl).`, retryable: true })), lookThereMs);
    try {
      return await findThere(options.lines, hostId, wanted, host, { random: options.ports.random ?? systemRandom, signal: limit.signal });
    } finally {
      clearTimeout(timer);
    }
  };
  /** Remembered until somebody looks anew; that it failed is not. Null where the tools are those of this computer. */
  const toolsThere = ({ connection, through }: PostgresTarget): Promise<FoundThere> | null => {
    const { viaId, tools: wanted } = connection;
    if (wanted.where === 'here' || viaId === null) return null;
    const key = JSON.stringify([viaId, wanted.access]);
    const known = lookedThere.get(key) ?? lookThere(viaId, wanted, through ?? 'the host');
    lookedThere.set(key, known);
    known.catch(() => lookedThere.get(key) === known && lookedThere.delete(key));
    return known;
  };

  const namedIn = ({ tools: found }: FoundThere, name: ClientTool['name']): ClientTool[] => found.filter((tool) => tool.name === name).sort(newestFirst);

  /** Whether the programs of the host that a backup needs are there, and not too old. Null where they are this computer's. */
  const testTools = async (target: PostgresTarget, serverMajor: number): Promise<ConnectionTest['tools'] | null> => {
    if (target.connection.tools.where === 'here') return null;
    refreshThere();
    const where = accessWords(target.connection.tools.access, target.through ?? 'the host');
    let found: ClientTool[] = [];
    const answer = (error: unknown): ConnectionTest['tools'] => ({ where, found: found.map(({ name, version, path }) => ({ name, version, path })), error: error === null ? null : toErrorShape(error, '') });
    try {
      found = (await toolsThere(target))?.tools ?? [];
      for (const name of ['pg_dump', 'pg_dumpall', 'pg_restore'] as const) await service.requireTool(name, serverMajor, target);
      return answer(null);
    } catch (error) {
      return answer(error);
    }
  };

  const service: Postgres = {
    connect,
    async identify(target) {
      const session = await connect(target, { applicationName: 'pilothouse identify' });
      const { systemIdentifier, database } = session.server;
      await session.close();
      if (systemIdentifier !== null) return { systemIdentifier, database };
      const place = placeOf(target);
      throw failure('postgres.privilege', place, `the user ${place.user} may not call pg_control_system(), by which this cluster is told from others.`, { hint: `Let a superuser run: GRANT EXECUTE ON FUNCTION pg_control_system() TO "${place.user}"` });
    },
    testConnection: (target) => testConnection(target, { ...dependencies, toolsOf: testTools }),
    findTools: (name) => tools.find(name),
    async requireTool(name, serverMajor, of) {
      const known = of === undefined ? null : toolsThere(of);
      if (of === undefined || known === null) return tools.require(name, serverMajor);
      const chosen = chooseTool(namedIn(await known, name), serverMajor);
      if (chosen !== undefined) return chosen;
      // It may have been installed since we looked.
      refreshThere();
      const found = (await toolsThere(of)) ?? (await known);
      const named = namedIn(found, name);
      const installed = chooseTool(named, serverMajor);
      if (installed !== undefined) return installed;
      throw noTool(name, serverMajor, named, found.there.label);
    },
    async requireReader(archiveMajor, { isOneFile }, of) {
      try {
        return await tools.require('pg_restore', archiveMajor);
      } catch (error) {
        if (!isOneFile || of?.connection.tools.where !== 'host') throw error;
        return service.requireTool('pg_restore', archiveMajor, of);
      }
    },
    refreshTools() {
      tools.refresh();
      refreshThere();
    },
    withConninfo: (target, conninfoOptions, use) => withConninfo(target, conninfoOptions, { passwords: dependencies.passwords, runFolder, lines: options.lines, timeoutMs: dependencies.layerTimeoutMs }, use),
    sweep() {
      const failed = runFolder.sweep();
      if (failed.length > 0) logger.warn({ files: failed }, 'Short-lived files of an engine that died could not be removed.');
    },
    close: () => runFolder.leave(),
  };
  return service;
}
