import type { PostgresSession } from './types.ts';

/**
 * Whether a server has to be asked to speak English to Postgres's own programs, and may be: only superusers choose the
 * language. Asked for only where it is needed, because some poolers refuse a session that comes with settings.
 */
export async function needsEnglish(session: Pick<PostgresSession, 'server' | 'query'>): Promise<boolean> {
  if (!session.server.superuser) return false;
  const { rows } = await session.query<{ language: string }>("SELECT pg_catalog.current_setting('lc_messages') AS language");
  return !/^(?:$|C\b|POSIX|en[_@.-]|en$|English)/i.test(rows[0]?.language ?? '');
}
