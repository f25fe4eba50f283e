/** A connection as it is being typed, before it is one. */
import { fromHere, type DatabaseConnection, type TlsMode } from '#shared/contract/systems.ts';

export interface Draft {
  label: string;
  host: string;
  port: string;
  database: string;
  user: string;
  tlsMode: TlsMode;
  ca: string;
  passwordSource: DatabaseConnection['password']['source'];
  passfile: string;
  /** Typed here only; it goes to the engine with the test or the save and is kept nowhere else. */
  password: string;
}

export const emptyDraft: Draft = { label: '', host: '', port: '5432', database: '', user: '', tlsMode: 'prefer', ca: '', passwordSource: 'vault', passfile: '', password: '' };

export function draftOf(connection: DatabaseConnection, label: string): Draft {
  return {
    ...emptyDraft,
    label,
    host: connection.host,
    port: String(connection.port),
    database: connection.database,
    user: connection.user,
    tlsMode: connection.tls.mode,
    ca: connection.tls.ca ?? '',
    passwordSource: connection.password.source,
    passfile: connection.password.source === 'passfile' ? connection.password.path : '',
  };
}

export type Problems = Partial<Record<'host' | 'port' | 'database' | 'user' | 'passfile', string>>;

/** What stands in the way, by field, in words. */
export function problemsOf(draft: Draft): Problems {
  const port = Number(draft.port);
  return {
    ...(draft.host.trim() === '' ? { host: 'Write a host name, an address or a socket folder' } : {}),
    ...(Number.isInteger(port) && port >= 1 && port <= 65535 ? {} : { port: 'Between 1 and 65535' }),
    ...(draft.database === '' ? { database: 'Write the name of the database' } : {}),
    ...(draft.user === '' ? { user: 'Write the role to sign in as' } : {}),
    ...(draft.passwordSource === 'passfile' && draft.passfile.trim() === '' ? { passfile: 'Write the path of the file' } : {}),
  };
}

export function connectionOf(draft: Draft): DatabaseConnection {
  const password: DatabaseConnection['password'] = draft.passwordSource === 'passfile' ? { source: 'passfile', path: draft.passfile.trim() } : { source: draft.passwordSource };
  return { host: draft.host.trim(), port: Number(draft.port), database: draft.database, user: draft.user, tls: { mode: draft.tlsMode, ca: draft.ca.trim() === '' ? null : draft.ca }, password, ...fromHere };
}
