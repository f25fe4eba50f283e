import type { PostgresSession } from './types.ts';

export interface Language {
  /** Whether the server speaks English, so that it can be told what it means. */
  isEnglish: boolean;
  /**
   * Whether it has to be asked to, and may be: only superusers choose the language. Asked for only where it is needed,
   * because some poolers refuse a session that comes with settings.
   */
  mayAsk: boolean;
}

/** In which language a server speaks to this role. */
export async function readLanguage(session: Pick<PostgresSession, 'server' | 'query'>): Promise<Language> {
  const { rows } = await session.query<{ language: string }>("SELECT pg_catalog.current_setting('lc_messages') AS language");
  const isEnglish = /^(?:$|C\b|POSIX|en[_@.-]|en$|English)/i.test(rows[0]?.language ?? '');
  return { isEnglish, mayAsk: !isEnglish && session.server.superuser };
}
