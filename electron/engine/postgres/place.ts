import { PilothouseError, type ErrorCode } from '#shared/domain/errors.ts';
import type { PostgresTarget } from './types.ts';

/** What errors name: which database, where, and as whom. */
export interface Place {
  label: string;
  host: string;
  port: number;
  database: string;
  user: string;
  /** The host that it is reached through, by its id; null where this computer reaches it. */
  viaId: string | null;
  /** What people call that host. */
  through: string | null;
}

/** The place of a target; `database` is another one of the same cluster. */
export function placeOf(target: PostgresTarget, database?: string): Place {
  const { connection } = target;
  return { label: target.label, host: connection.host, port: connection.port, database: database ?? connection.database, user: connection.user, viaId: connection.viaId, through: target.through ?? null };
}

/** "host:port", with brackets around an IPv6 address; a socket folder with its port. */
export function addressOf(place: Pick<Place, 'host' | 'port'>): string {
  return `${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}`;
}

/** "shop on 127.0.0.1:5432", whether or not the label says so already. */
export function nameOf(place: Place): string {
  return place.label.includes(addressOf(place)) ? place.label : `${place.label} (${addressOf(place)})`;
}

/** An error about a place: what happened to it, and what to do next. */
export function failure(code: ErrorCode, place: Place, what: string, options: { hint: string; retryable?: boolean; details?: Record<string, unknown>; cause?: unknown }): PilothouseError {
  const { label, host, port, database, user } = place;
  return new PilothouseError(code, `${nameOf(place)}: ${what}`, { ...options, details: { target: label, host, port, database, user, ...options.details } });
}
