/** How a host is reached, as it is said on the command line. */
import { resolve } from 'node:path';
import type { HostConnection } from '#shared/contract/hosts.ts';
import { textOption } from './command.ts';
import { UsageError } from './failures.ts';
import { obtainSecret } from './prompt.ts';
import { openVaultToKeep } from './open-vault.ts';
import type { Session } from './session.ts';

type Source = 'vault' | 'ask' | 'none';

/** For an option that may be given several times, and taken back by its "no". */
export const collect = (value: string, before: unknown): unknown[] => [...(Array.isArray(before) ? before : []), value];

/** "user@host:port": the user is never guessed, and an IPv6 address stands in brackets. */
export function readAddress(text: string): { user: string; host: string; port: number } {
  const at = text.lastIndexOf('@');
  const [, bracketed, plain, port = '22'] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text.slice(at + 1)) ?? [];
  const host = bracketed ?? plain;
  if (at < 1 || host === undefined || Number(port) < 1 || Number(port) > 65_535) throw new UsageError(`"${text}" is no address of a host.`, 'Write USER@HOST or USER@HOST:PORT, an IPv6 address in brackets: USER@[2001:db8::7]:22.');
  return { user: text.slice(0, at), host, port: Number(port) };
}

export function sourceOf(options: Record<string, unknown>, name: string, option: string): Source {
  const source = textOption(options, name);
  if (source === 'vault' || source === 'ask' || source === 'none') return source;
  throw new UsageError(`"${source}" is no place for a secret to come from.`, `${option} takes one of: vault, ask, none.`);
}

type SudoSource = NonNullable<HostConnection['signIn']['sudo']>['source'];

/** Undefined where it is not said. */
export function sudoOf(options: Record<string, unknown>): { sudo?: { source: SudoSource } } {
  const source = textOption(options, 'sudoPasswordFrom');
  if (source === undefined) return {};
  if (source === 'vault' || source === 'ask' || source === 'none' || source === 'sign-in') return { sudo: { source } };
  throw new UsageError(`"${source}" is no place for a password to come from.`, '--sudo-password-from takes one of: vault, ask, sign-in, none.');
}

/** As it is kept: the engine may be started in another folder. */
export const wholePath = (path: string): string => (path.startsWith('~/') ? path : resolve(path));

export function requireWay({ keys, agent, password, questions }: HostConnection['signIn']): void {
  if (keys.length === 0 && !agent && password.source === 'none' && questions !== true) throw new UsageError('Nothing says how one signs in.', 'Name a key file with --key FILE, or say --agent, --password-from vault or ask, or --questions.');
}

export function signInOf(options: Record<string, unknown>): HostConnection['signIn'] {
  const passphrase = { source: sourceOf(options, 'keyPassphraseFrom', '--key-passphrase-from') };
  const paths = (options['key'] ?? []) as string[];
  const signIn: HostConnection['signIn'] = { keys: paths.map((path) => ({ path: wholePath(path), passphrase })), agent: options['agent'] === true, password: { source: sourceOf(options, 'passwordFrom', '--password-from') }, ...(options['questions'] === undefined ? {} : { questions: options['questions'] === true }), ...(options['identitiesOnly'] === true ? { identitiesOnly: true } : {}), ...sudoOf(options) };
  requireWay(signIn);
  return signIn;
}

/** What has to be typed for a host. */
export interface WantedSecrets {
  password: boolean;
  sudoPassword: boolean;
  /** Of the keys at these paths. */
  passphrases: readonly string[];
}

/** Whether it is one of its own, that has to be typed. */
export const hasSudoPassword = ({ sudo }: HostConnection['signIn']): boolean => sudo?.source === 'vault' || sudo?.source === 'ask';

/** Everything that is kept or asked for. */
export const wantedSecrets = ({ signIn }: HostConnection): WantedSecrets => ({ password: signIn.password.source !== 'none', sudoPassword: hasSudoPassword(signIn), passphrases: signIn.keys.filter(({ passphrase }) => passphrase.source !== 'none').map(({ path }) => path) });

/** What has to be typed before it is added or changed: nobody should type what cannot be kept. @throws what openVaultToKeep throws */
export async function secretsFor(session: Session, { user, signIn }: HostConnection, wanted: WantedSecrets, options: Record<string, unknown>) {
  const keys = signIn.keys.filter(({ path }) => wanted.passphrases.includes(path));
  const sudoSource: Source = wanted.sudoPassword && (signIn.sudo?.source === 'vault' || signIn.sudo?.source === 'ask') ? signIn.sudo.source : 'none';
  const sources = [sudoSource, ...(wanted.password ? [signIn.password.source] : []), ...keys.map((key) => key.passphrase.source)];
  if (sources.includes('vault')) await openVaultToKeep(session, '--password-from ask and --key-passphrase-from ask ask at each start.');
  const obtain = async (source: Source, file: string | undefined, question: string, option: string): Promise<string | null> => {
    if (source === 'none') return null;
    const secret = await obtainSecret(session.io, file, question);
    if (secret === null && source === 'vault') throw new UsageError('There is nothing to put into the vault.', `Run this at a terminal, or name a file of yours alone with ${option} FILE.`);
    return secret;
  };
  const password = wanted.password ? await obtain(signIn.password.source, session.options.passwordFile, `Password of ${user}: `, '--password-file') : null;
  const sudoPassword = await obtain(sudoSource, textOption(options, 'sudoPasswordFile'), `Password of ${user} for sudo: `, '--sudo-password-file');
  const passphrases: { path: string; passphrase: string }[] = [];
  for (const { path, passphrase } of keys) {
    const secret = await obtain(passphrase.source, textOption(options, 'keyPassphraseFile'), `Passphrase of ${path}: `, '--key-passphrase-file');
    if (secret !== null) passphrases.push({ path, passphrase: secret });
  }
  return { ...(password === null ? {} : { password }), ...(sudoPassword === null ? {} : { sudoPassword }), ...(passphrases.length === 0 ? {} : { passphrases }) };
}
