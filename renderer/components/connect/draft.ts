/** A connection as it is being typed, before it is one. */
import type { DatabaseConnection, DatabaseTools, TlsMode, ToolsAccess } from '#shared/contract/systems.ts';

export interface Draft {
  label: string;
  host: string;
  port: string;
  database: string;
  user: string;
  tlsMode: TlsMode;
  /** Nobody has chosen it: it goes with where the database is. */
  tlsByDefault: boolean;
  ca: string;
  passwordSource: DatabaseConnection['password']['source'];
  passfile: string;
  /** Typed here only; it goes to the engine with the test or the save and is kept nowhere else. */
  password: string;
  viaId: string | null;
  toolsWhere: DatabaseTools['where'];
  access: ToolsAccess['kind'];
  sudoUser: string;
  container: string;
  namespace: string;
  pod: string;
  podContainer: string;
  /** Whether the programs of the host have a way of their own, without a password. */
  ownWay: boolean;
  ownHost: string;
  ownPort: string;
  ownUser: string;
}

export const emptyDraft: Draft = {
  label: '', host: '', port: '5432', database: '', user: '', tlsMode: 'prefer', tlsByDefault: true, ca: '', passwordSource: 'vault', passfile: '', password: '', viaId: null,
  toolsWhere: 'here', access: 'plain', sudoUser: 'postgres', container: '', namespace: '', pod: '', podContainer: '', ownWay: false, ownHost: '/var/run/postgresql', ownPort: '5432', ownUser: 'postgres',
};

/** Tools as the fields of a draft. */
export function toolsDraft(tools: DatabaseTools): Partial<Draft> {
  if (tools.where === 'here') return { toolsWhere: 'here' };
  const { access, connect } = tools;
  return {
    toolsWhere: 'host', access: access.kind,
    ...(access.kind === 'sudo' ? { sudoUser: access.user } : {}),
    ...(access.kind === 'docker' ? { container: access.container } : {}),
    ...(access.kind === 'kubectl' ? { namespace: access.namespace ?? '', pod: access.pod, podContainer: access.container ?? '' } : {}),
    ownWay: connect !== null,
    ...(connect === null ? {} : { ownHost: connect.host, ownPort: String(connect.port), ownUser: connect.user }),
  };
}

export function draftOf(connection: DatabaseConnection, label: string): Draft {
  return {
    ...emptyDraft,
    label,
    host: connection.host,
    port: String(connection.port),
    database: connection.database,
    user: connection.user,
    tlsMode: connection.tls.mode,
    tlsByDefault: false,
    ca: connection.tls.ca ?? '',
    passwordSource: connection.password.source,
    passfile: connection.password.source === 'passfile' ? connection.password.path : '',
    viaId: connection.viaId,
    ...toolsDraft(connection.tools),
  };
}

/** Whether a line that ends there never leaves the machine: the folder of a socket, or its own loopback. */
export function staysThere(host: string): boolean {
  const name = host.trim().toLowerCase();
  return name.startsWith('/') || name === 'localhost' || name === '::1' || name.startsWith('127.');
}

/** A draft after a change; what goes with something else and nobody has chosen goes with it. */
export function changed(before: Draft, part: Partial<Draft>): Draft {
  const next = { ...before, ...part };
  if (part.tlsMode !== undefined && part.tlsByDefault === undefined) next.tlsByDefault = false;
  if (next.tlsByDefault) next.tlsMode = next.viaId !== null && staysThere(next.host) ? 'disable' : 'prefer';
  if (next.viaId === null) next.toolsWhere = 'here';
  return next;
}

export const portOf = (text: string): number | null => (/^\d{1,5}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 65_535 ? Number(text) : null);

export type Problems = Partial<Record<'host' | 'port' | 'database' | 'user' | 'passfile' | 'sudoUser' | 'container' | 'namespace' | 'pod' | 'podContainer' | 'ownHost' | 'ownPort' | 'ownUser', string>>;
/** Those that stand on the page Advanced. */
export const advancedProblems: readonly (keyof Problems)[] = ['sudoUser', 'container', 'namespace', 'pod', 'podContainer', 'ownHost', 'ownPort', 'ownUser'];

const dashed = (text: string): boolean => text.trim().startsWith('-');

function toolsProblems(draft: Draft): Problems {
  if (draft.toolsWhere === 'here') return {};
  const word = (field: keyof Problems, text: string, what: string): Problems => (text.trim() === '' ? { [field]: what } : dashed(text) ? { [field]: 'It may not begin with a dash' } : {});
  const optional = (field: keyof Problems, text: string): Problems => (dashed(text) ? { [field]: 'It may not begin with a dash' } : {});
  return {
    ...(draft.access === 'sudo' ? word('sudoUser', draft.sudoUser, 'Write the account, mostly postgres') : {}),
    ...(draft.access === 'docker' ? word('container', draft.container, 'Write the name of the container') : {}),
    ...(draft.access === 'kubectl' ? { ...word('pod', draft.pod, 'Write the name of the pod'), ...optional('namespace', draft.namespace), ...optional('podContainer', draft.podContainer) } : {}),
    ...(draft.ownWay ? { ...word('ownHost', draft.ownHost, 'Write the folder of a socket, or an address'), ...(portOf(draft.ownPort) === null ? { ownPort: 'Between 1 and 65535' } : {}), ...(draft.ownUser.trim() === '' ? { ownUser: 'Write the role' } : {}) } : {}),
  };
}

/** What stands in the way, by field, in words. */
export function problemsOf(draft: Draft): Problems {
  return {
    ...(draft.host.trim() === '' ? { host: 'Write a host name, an address or a socket folder' } : {}),
    ...(portOf(draft.port) === null ? { port: 'Between 1 and 65535' } : {}),
    ...(draft.database === '' ? { database: 'Write the name of the database' } : {}),
    ...(draft.user === '' ? { user: 'Write the role to sign in as' } : {}),
    ...(draft.passwordSource === 'passfile' && draft.passfile.trim() === '' ? { passfile: 'Write the path of the file' } : {}),
    ...toolsProblems(draft),
  };
}

function toolsOf(draft: Draft): DatabaseTools {
  if (draft.toolsWhere === 'here') return { where: 'here' };
  const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  const accesses: Record<ToolsAccess['kind'], ToolsAccess> = {
    plain: { kind: 'plain' },
    sudo: { kind: 'sudo', user: draft.sudoUser.trim() },
    docker: { kind: 'docker', container: draft.container.trim() },
    kubectl: { kind: 'kubectl', namespace: orNull(draft.namespace), pod: draft.pod.trim(), container: orNull(draft.podContainer) },
  };
  return { where: 'host', access: accesses[draft.access], connect: draft.ownWay ? { host: draft.ownHost.trim(), port: Number(draft.ownPort), user: draft.ownUser } : null };
}

/** Whether a password in the vault stays with a change: it is one for an account somewhere, and goes with that. */
export function keepsPassword(before: DatabaseConnection, after: DatabaseConnection): boolean {
  return before.password.source === 'vault' && before.host === after.host && before.port === after.port && before.user === after.user && before.viaId === after.viaId;
}

export function connectionOf(draft: Draft): DatabaseConnection {
  const password: DatabaseConnection['password'] = draft.passwordSource === 'passfile' ? { source: 'passfile', path: draft.passfile.trim() } : { source: draft.passwordSource };
  return { host: draft.host.trim(), port: Number(draft.port), database: draft.database, user: draft.user, tls: { mode: draft.tlsMode, ca: draft.ca.trim() === '' ? null : draft.ca }, password, viaId: draft.viaId, tools: toolsOf(draft) };
}
