import { performance } from 'node:perf_hooks';
import type { ConnectionTest } from '#shared/contract/systems.ts';
import { toErrorShape } from '#shared/domain/errors.ts';
import type { Layer } from './dial.ts';
import { oldestSupportedMajor } from './gates.ts';
import { failure, placeOf } from './place.ts';
import { openSession, type SessionDependencies } from './session.ts';
import type { PostgresSession, PostgresTarget } from './types.ts';

type LayerResult = ConnectionTest['layers'][number];
/** Without the machines on the way: those are no business of Postgres's. */
export type PostgresTest = Omit<ConnectionTest, 'machines'>;

const order: readonly Layer[] = ['name', 'network', 'tls', 'authentication', 'database', 'privilege'];

/** Fails with 42501 where the role may not see it; then the size is simply not known. */
const sizeSql = 'SELECT pg_catalog.pg_database_size(pg_catalog.current_database())::pg_catalog.float8 AS size';

async function readSize(session: PostgresSession): Promise<number | null> {
  try {
    const { rows } = await session.query<{ size: number }>(sizeSql);
    return rows[0]?.size ?? null;
  } catch {
    // A figure for people, not a reason to call the connection bad.
    return null;
  }
}

/** What the role can do, and what that means for those who rely on it. */
function describePrivileges({ server }: PostgresSession): { detail: string; state: 'ok' | 'warn' } {
  const notes: string[] = [];
  if (server.major < oldestSupportedMajor) notes.push(`Postgres ${server.major} is past its end and gets no fixes`);
  if (!server.monitor) notes.push('not in pg_monitor, so some checks will see nothing');
  if (!server.superuser && !server.readAllData) notes.push('backs up only what it may read');
  if (!server.createDatabase) notes.push('may not create databases, so backups cannot be proved here');
  if (server.standby) notes.push('a standby: it can be read, not written');
  const role = server.superuser ? 'superuser' : [server.monitor ? 'pg_monitor' : '', server.readAllData ? 'pg_read_all_data' : '', server.createDatabase ? 'CREATEDB' : ''].filter(Boolean).join(', ') || 'an ordinary role';
  return { detail: [role, ...notes].join('; '), state: notes.length === 0 ? 'ok' : 'warn' };
}

/**
 * Tries a connection layer by layer, and says of each how long it took and what was seen. Never throws: what went
 * wrong is in the result.
 */
export async function testConnection(target: PostgresTarget, dependencies: SessionDependencies & { toolsOf: (target: PostgresTarget, serverMajor: number) => Promise<ConnectionTest['tools'] | null> }): Promise<PostgresTest> {
  const layers: LayerResult[] = [];
  let since = performance.now();
  const report = (layer: Layer, detail: string, state: LayerResult['state'] = 'ok'): void => {
    const now = performance.now();
    layers.push({ layer, state, durationMs: Math.round((now - since) * 10) / 10, detail });
    since = now;
  };
  const finish = (rest: Pick<ConnectionTest, 'error' | 'server' | 'tools'>): PostgresTest => {
    const missing = order.slice(layers.length).map((layer) => ({ layer, state: 'not-reached' as const, durationMs: null, detail: '' }));
    return { ok: rest.error === null, layers: [...layers, ...missing], ...rest };
  };

  let session: PostgresSession | null = null;
  try {
    session = await openSession(target, { applicationName: 'pilothouse test' }, { ...dependencies, report });
    const { server } = session;
    if (server.systemIdentifier === null) {
      const place = placeOf(target);
      throw failure('postgres.privilege', place, `the user ${place.user} may not call pg_control_system(), by which this cluster is told from others.`, { hint: `Let a superuser run: GRANT EXECUTE ON FUNCTION pg_control_system() TO "${place.user}"` });
    }
    const sizeBytes = await readSize(session);
    const { detail, state } = describePrivileges(session);
    report('privilege', detail, state);
    const { version, versionNum, systemIdentifier, superuser, monitor, createDatabase, standby } = server;
    const tools = await dependencies.toolsOf(target, server.major);
    return finish({ error: null, ...(tools === null ? {} : { tools }), server: { version, versionNum, systemIdentifier, sizeBytes, superuser, monitor, createDatabase, standby } });
  } catch (error) {
    const shape = toErrorShape(error, '');
    const failed = order[layers.length];
    if (failed !== undefined) report(failed, shape.message, 'failed');
    return finish({ error: shape, server: null });
  } finally {
    await session?.close();
  }
}
