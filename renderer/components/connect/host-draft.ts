/** A host as it is being typed, before it is one. */
import type { Host, HostConnection } from '#shared/contract/hosts.ts';
import { portOf } from './draft.ts';

export type SecretSource = HostConnection['signIn']['password']['source'];
export type SudoSource = NonNullable<HostConnection['signIn']['sudo']>['source'];

export interface KeyDraft {
  path: string;
  source: SecretSource;
  /** Typed here only. */
  passphrase: string;
}

export interface HostDraft {
  label: string;
  host: string;
  port: string;
  user: string;
  viaId: string | null;
  keys: readonly KeyDraft[];
  agent: boolean;
  /** Of the agent's keys only those whose files are named. */
  identitiesOnly: boolean;
  /** What the fields do not show, and what stays as it is. */
  kept: Pick<HostConnection['signIn'], 'agentSocket'>;
  passwordSource: SecretSource;
  /** Typed here only. */
  password: string;
  /** Whether what the server asks is put to a person. */
  questions: boolean;
  sudoSource: SudoSource;
  /** Typed here only. */
  sudoPassword: string;
}

export const emptyHost: HostDraft = { label: '', host: '', port: '22', user: '', viaId: null, keys: [], agent: true, identitiesOnly: false, kept: {}, passwordSource: 'none', password: '', questions: true, sudoSource: 'none', sudoPassword: '' };

const keptOf = ({ agentSocket }: HostConnection['signIn']): HostDraft['kept'] => (agentSocket === undefined ? {} : { agentSocket });

export function hostDraftOf({ label, connection: { host, port, user, viaId, signIn } }: Pick<Host, 'label' | 'connection'>): HostDraft {
  return { label, host, port: String(port), user, viaId, keys: signIn.keys.map(({ path, passphrase }) => ({ path, source: passphrase.source, passphrase: '' })), agent: signIn.agent, identitiesOnly: signIn.identitiesOnly ?? false, kept: keptOf(signIn), passwordSource: signIn.password.source, password: '', questions: signIn.questions ?? true, sudoSource: signIn.sudo?.source ?? 'none', sudoPassword: '' };
}

export interface HostProblems {
  host?: string;
  port?: string;
  user?: string;
  /** By the key's place in the list. */
  keys: Readonly<Record<number, string>>;
  signIn?: string;
}

const wholePath = /^(?:~?\/|[A-Za-z]:[\\/]|\\\\)/;

function hostProblem(host: string): string | null {
  if (host.trim() === '') return 'Write a name or an address';
  if (host.includes('@')) return 'The user has a field of its own';
  if (/[\s/[\]]/.test(host.trim())) return 'A name or an address, and nothing around it';
  return null;
}

export function hostProblemsOf(draft: HostDraft): HostProblems {
  const host = hostProblem(draft.host);
  return {
    ...(host === null ? {} : { host }),
    ...(portOf(draft.port) === null ? { port: 'Between 1 and 65535' } : {}),
    ...(draft.user.trim() === '' ? { user: 'Write the account to sign in as' } : {}),
    keys: Object.fromEntries(draft.keys.flatMap(({ path }, index) => (wholePath.test(path.trim()) ? [] : [[index, path.trim() === '' ? 'Write the path of the private key' : 'The whole path, from / or ~/']]))),
    ...(draft.keys.length === 0 && !draft.agent && draft.passwordSource === 'none' && !draft.questions ? { signIn: 'Name a way to sign in: a key file, the agent, a password, or the questions of the server' } : {}),
  };
}

export const isSound = ({ keys, ...rest }: HostProblems): boolean => Object.keys(rest).length === 0 && Object.keys(keys).length === 0;

export function hostConnectionOf(draft: HostDraft): HostConnection {
  const keys = draft.keys.map(({ path, source }) => ({ path: path.trim(), passphrase: { source } }));
  // Questions are asked unless it is said that they are not; where they are all there is, they are named.
  const onlyQuestions = draft.questions && keys.length === 0 && !draft.agent && draft.passwordSource === 'none';
  const questions = onlyQuestions ? { questions: true } : draft.questions ? {} : { questions: false };
  const signIn = { keys, agent: draft.agent, ...draft.kept, ...(draft.identitiesOnly ? { identitiesOnly: true } : {}), password: { source: draft.passwordSource }, ...questions, ...(draft.sudoSource === 'none' ? {} : { sudo: { source: draft.sudoSource } }) };
  return { host: draft.host.trim(), port: Number(draft.port), user: draft.user.trim(), viaId: draft.viaId, signIn };
}

/** What was typed for it and is to go along. */
export function typedOf(draft: HostDraft): { password?: string; sudoPassword?: string; passphrases?: { path: string; passphrase: string }[] } {
  const passphrases = draft.keys.filter(({ source, passphrase }) => source !== 'none' && passphrase !== '').map(({ path, passphrase }) => ({ path: path.trim(), passphrase }));
  return { ...(draft.password === '' || draft.passwordSource === 'none' ? {} : { password: draft.password }), ...(draft.sudoPassword === '' || (draft.sudoSource !== 'vault' && draft.sudoSource !== 'ask') ? {} : { sudoPassword: draft.sudoPassword }), ...(passphrases.length === 0 ? {} : { passphrases }) };
}

/** Which passwords of a host are in the vault and stay with a change: they are for an account on a machine, and go with that. @param before null: it is new */
export function keptOfHost(before: HostConnection | null, draft: HostDraft): { password: boolean; sudo: boolean } {
  const same = before !== null && before.host === draft.host.trim() && String(before.port) === draft.port.trim() && before.user === draft.user.trim();
  return { password: same && before.signIn.password.source === 'vault', sudo: same && before.signIn.sudo?.source === 'vault' };
}

/** "deploy@web-1.internal", with the port where it is not the usual one. */
export const addressOf = ({ host, port, user }: Pick<HostConnection, 'host' | 'port' | 'user'>): string => `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;
