/** The databases of a system by server, and the sessions to them. */
import type { Database, System } from '#shared/contract/systems.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import type { PostgresSession, PostgresTarget } from '../postgres/index.ts';
import type { ClusterFacts } from './check.ts';
import { eyeIds, eyesStatement, type EyeId } from './eyes.ts';
import { numberOf, yes } from './findings.ts';
import type { AskLimits } from './ask.ts';
import type { Subject } from './results.ts';

/** The databases of a system that one server holds, as far as the connections say: same host, same port. */
export interface Server {
  /** "127.0.0.1:5432" */
  address: string;
  databases: Database[];
}

export function serversOf(system: Pick<System, 'databases'>, addressOf: EngineContext['addressOf']): Server[] {
  const servers = new Map<string, Server>();
  for (const database of system.databases) {
    const address = addressOf(database.connection);
    const server = servers.get(address) ?? { address, databases: [] };
    server.databases.push(database);
    servers.set(address, server);
  }
  return [...servers.values()];
}

/** A managed database as what a result is about. */
export function subjectOf({ id, connection }: Database, addressOf: EngineContext['addressOf']): Subject {
  return { targetKey: `database:${id}`, target: `${connection.database} on ${addressOf(connection)}`, databaseId: id };
}

/** A session, with what it sees. */
export interface Opened {
  session: PostgresSession;
  connectMs: number;
  sees: (eye: EyeId) => boolean;
  facts: ClusterFacts;
  sizeBytes: number | null;
}

/**
 * Connects and opens the eyes: two round trips beyond the connection. The search path is ours from the first
 * statement on, so that nobody's view in another schema stands in for one of the catalogue; names in evidence and
 * fixes then carry their schema too.
 * @throws what connecting throws; operation.cancelled
 */
export async function open(context: EngineContext, operation: RunningOperation, target: PostgresTarget, limits: AskLimits, database?: string): Promise<Opened> {
  const startedAt = context.ports.clock.now();
  const session = await context.postgres.connect(target, {
    applicationName: 'pilothouse health',
    signal: operation.signal,
    onStatement: (record) => operation.command(record),
    ...(database === undefined ? {} : { database }),
  });
  const connectMs = context.ports.clock.now() - startedAt;
  try {
    await session.query("SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', false)");
    const { rows } = await session.readOnly(eyesStatement, limits);
    const [row] = rows;
    const seen = new Set(eyeIds.filter((eye) => yes(row?.[eye])));
    return {
      session,
      connectMs,
      sees: (eye) => seen.has(eye),
      facts: { statisticsHours: numberOf(row?.['statistics_hours']) },
      sizeBytes: numberOf(row?.['size_bytes']),
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The session that sees most: the one to ask what concerns the whole server. */
export function sharpest<Candidate extends { opened: Opened }>(candidates: readonly Candidate[]): Candidate | null {
  const sight = ({ opened }: Candidate) => eyeIds.filter(opened.sees).length + (opened.session.server.superuser ? eyeIds.length : 0);
  return candidates.reduce<Candidate | null>((best, candidate) => (best === null || sight(candidate) > sight(best) ? candidate : best), null);
}
