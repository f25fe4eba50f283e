/** Passwords of hosts and passphrases of key files: in the vault, or typed for this run of the engine. */
import { createHash } from 'node:crypto';
import type { Host, HostConnection } from '#shared/contract/hosts.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Logger } from '../ports.ts';
import { requireOpenVault, type Account, type TypedPasswords } from '../systems/passwords.ts';
import type { Vault } from '../vault/index.ts';
import { hopFailure } from './place.ts';
import { whereSecretsAreTyped } from './words.ts';

/** What a person typed for a host. */
export interface GivenSecrets {
  password?: Secret | undefined;
  sudoPassword?: Secret | undefined;
  passphrases?: readonly { path: string; passphrase: Secret }[] | undefined;
}

const digest = (...parts: unknown[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);

/** Named by the account that it was typed for, as passwords of databases are: it is never sent to another. */
export const hostPasswordRecord = (hostId: string, { host, port, user }: Omit<Account, 'way'>): string => `host:${hostId}:${digest(host, port, user)}:password`;
/** The same for sudo there. */
export const sudoPasswordRecord = (hostId: string, { host, port, user }: Omit<Account, 'way'>): string => `host:${hostId}:${digest(host, port, user)}:sudo`;
/** Named by the file alone: several hosts are signed in to by one key, and its passphrase never leaves this computer. */
export const keyPassphraseRecord = (path: string): string => `ssh-key:${digest(path)}:passphrase`;

export interface HostSecrets {
  /** @throws vault.absent, vault.locked where something of this would have to go there */
  requirePlace(connection: HostConnection, given: GivenSecrets): void;
  /** @throws vault.locked, store.unwritable, store.disk-full */
  keep(hostId: string, connection: HostConnection, given: GivenSecrets): Promise<void>;
  /** Keeps what is asked for at each start, once it was found to be right. */
  remember(hostId: string, connection: HostConnection, given: GivenSecrets): void;
  /** Takes out what a host no longer needs. @param now how it is reached from now on; null where it is gone. @param others every host that is left */
  forget(before: Host, now: HostConnection | null, others: readonly Host[]): Promise<void>;
  /** A host let us in without the password that was not typed: until the engine ends it is not asked for any more. */
  doesWithout(hostId: string, account: Omit<Account, 'way'>): void;
  /** Null: there is none, or the host does without. @param label of the machine. @throws ssh.password-needed; vault.absent, vault.locked, vault.damaged */
  password(hostId: string | null, connection: HostConnection, given: Secret | undefined, label: string): Promise<Secret | null>;
  /** Null: sudo has to do without. @throws ssh.sudo-password-needed, ssh.password-needed; vault.absent, vault.locked, vault.damaged */
  sudoPassword(hostId: string, connection: HostConnection, given: Secret | undefined, label: string): Promise<Secret | null>;
  /** @param hostId of the machine that wants it, null where it is not added yet. @throws ssh.passphrase-needed; vault.absent, vault.locked, vault.damaged */
  passphrase(hostId: string | null, key: HostConnection['signIn']['keys'][number], given: Secret | undefined, label: string): Promise<Secret | null>;
}

export function createHostSecrets({ vault, typed, scrubber, logger }: { vault: Vault; typed: TypedPasswords; scrubber: Pick<Scrubber, 'register'>; logger: Logger }): HostSecrets {
  /** The records of passwords that nobody has to type. */
  const needless = new Set<string>();

  /** Each secret that was given with where it belongs. */
  const placed = (hostId: string, { signIn, ...account }: HostConnection, { password, sudoPassword, passphrases = [] }: GivenSecrets) => [
    ...(password === undefined ? [] : [{ what: 'password' as const, source: signIn.password.source, record: hostPasswordRecord(hostId, account), secret: password }]),
    ...(sudoPassword === undefined ? [] : [{ what: 'password' as const, source: signIn.sudo?.source ?? 'none', record: sudoPasswordRecord(hostId, account), secret: sudoPassword }]),
    ...passphrases.flatMap(({ path, passphrase }) => signIn.keys.filter((key) => key.path === path).map((key) => ({ what: 'passphrase' as const, source: key.passphrase.source, record: keyPassphraseRecord(path), secret: passphrase }))),
  ];

  /** Where the vault is locked or cannot be written, the record stays in it, sealed. */
  const take = async (record: string): Promise<void> => {
    typed.forget(record);
    if (vault.status().state !== 'unlocked') return;
    try {
      await vault.delete(record);
    } catch (error) {
      logger.warn({ error: String(error) }, 'A secret of a host that is not needed any more stays in the vault: it could not be taken out.');
    }
  };

  /** @returns null where it has to be typed first */
  const find = async (source: 'vault' | 'ask' | 'none', record: string | null, given: Secret | undefined): Promise<Secret | null> => {
    const secret = given ?? (record === null ? null : source === 'vault' ? await vault.get(record) : typed.get(record));
    if (secret !== null) scrubber.register(secret);
    return secret;
  };

  /** @param doesWithout whether it may be one that the host was seen to do without */
  const passwordOf = async (hostId: string | null, connection: HostConnection, given: Secret | undefined, label: string, doesWithout: boolean): Promise<Secret | null> => {
    const { source } = connection.signIn.password;
    if (source === 'none') return null;
    const record = hostId === null ? null : hostPasswordRecord(hostId, connection);
    const secret = await find(source, record, given);
    if (secret === null && doesWithout && record !== null && needless.has(record)) return null;
    if (secret === null) throw hopFailure('ssh.password-needed', label, source === 'vault' ? `the vault holds no password of ${connection.user}.` : `the password of ${connection.user} is needed.`, { hint: whereSecretsAreTyped, details: { hostId } });
    return secret;
  };

  return {
    requirePlace(connection, given) {
      for (const { source, what } of placed('', connection, given)) if (source === 'vault') requireOpenVault(vault, what);
    },
    async keep(hostId, connection, given) {
      for (const { source, record, secret } of placed(hostId, connection, given)) {
        scrubber.register(secret);
        if (source === 'vault') await vault.set(record, secret);
        else if (source === 'ask') typed.set(record, secret);
      }
    },
    remember(hostId, connection, given) {
      for (const { source, record, secret } of placed(hostId, connection, given)) if (source === 'ask') typed.set(record, secret);
    },
    async forget({ id, connection: before }, now, others) {
      const record = hostPasswordRecord(id, before);
      if (now === null || hostPasswordRecord(id, now) !== record || now.signIn.password.source !== before.signIn.password.source) await take(record);
      const sudoRecord = sudoPasswordRecord(id, before);
      if (now === null || sudoPasswordRecord(id, now) !== sudoRecord || now.signIn.sudo?.source !== before.signIn.sudo?.source) await take(sudoRecord);
      const needed = [...others.filter((other) => other.id !== id).map(({ connection }) => connection), ...(now === null ? [] : [now])].flatMap(({ signIn }) => signIn.keys);
      for (const { path, passphrase } of before.signIn.keys) {
        if (passphrase.source !== 'none' && !needed.some((key) => key.path === path && key.passphrase.source === passphrase.source)) await take(keyPassphraseRecord(path));
      }
    },
    doesWithout: (hostId, account) => void needless.add(hostPasswordRecord(hostId, account)),
    password: (hostId, connection, given, label) => passwordOf(hostId, connection, given, label, true),
    async sudoPassword(hostId, connection, given, label) {
      const source = connection.signIn.sudo?.source ?? 'none';
      if (source === 'none') return given ?? null;
      if (source === 'sign-in') return passwordOf(hostId, connection, undefined, label, false);
      const secret = await find(source, sudoPasswordRecord(hostId, connection), given);
      if (secret === null) throw hopFailure('ssh.sudo-password-needed', label, source === 'vault' ? `the vault holds no password of ${connection.user} for sudo.` : `the password of ${connection.user} for sudo is needed.`, { hint: 'Type it in the settings of this host.', details: { hostId } });
      return secret;
    },
    async passphrase(hostId, { path, passphrase: { source } }, given, label) {
      if (source === 'none') return null;
      const secret = await find(source, keyPassphraseRecord(path), given);
      if (secret === null) throw hopFailure('ssh.passphrase-needed', label, source === 'vault' ? `the vault holds no passphrase of the key file ${path}.` : `the passphrase of the key file ${path} is needed.`, { hint: whereSecretsAreTyped, details: { hostId, path } });
      return secret;
    },
  };
}
