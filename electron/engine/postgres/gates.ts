import type { PilothouseError } from '#shared/domain/errors.ts';
import { failure, type Place } from './place.ts';
import type { PostgresTarget, ServerFacts } from './types.ts';

/** The oldest and the newest major that is read. 12 is past its end, and works. */
export const oldestMajor = 12;
export const newestMajor = 18;
export const oldestSupportedMajor = 13;

/** Why a server is not the one that was meant; null where it is, or where it was never seen before. */
export function identityProblem(target: Pick<PostgresTarget, 'systemIdentifier'>, place: Place, server: Pick<ServerFacts, 'systemIdentifier'>): PilothouseError | null {
  const expected = target.systemIdentifier;
  if (expected === null || expected === server.systemIdentifier) return null;
  const details = { expected, found: server.systemIdentifier };
  if (server.systemIdentifier === null) {
    return failure('postgres.wrong-identity', place, `whether this is still the same cluster cannot be seen: the user ${place.user} may not call pg_control_system().`, { hint: `Let a superuser run: GRANT EXECUTE ON FUNCTION pg_control_system() TO "${place.user}"`, details });
  }
  return failure('postgres.wrong-identity', place, `another cluster answers there: its system identifier is ${server.systemIdentifier}, and ${expected} was expected.`, {
    hint: 'Nothing was done to it. If the server was rebuilt or moved on purpose, accept the new one: edit the connection in the console, or run "database accept". If not, find out what this connection leads to.',
    details,
  });
}

/** Why a server's version is not worked with; null where it is. */
export function versionProblem(place: Place, server: Pick<ServerFacts, 'major' | 'version'>): PilothouseError | null {
  if (server.major >= oldestMajor && server.major <= newestMajor) return null;
  const details = { version: server.version, oldest: oldestMajor, newest: newestMajor };
  const hint = server.major < oldestMajor ? 'Upgrade the server: that version has had no security fixes for years.' : 'Look for a newer Pilothouse: this one was written before that version.';
  return failure('postgres.unsupported-version', place, `Postgres ${server.version} is not among the versions that are worked with (${oldestMajor} to ${newestMajor}).`, { hint, details });
}
