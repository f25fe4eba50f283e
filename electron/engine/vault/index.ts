/** The vault: passwords at rest, under a passphrase and, where the host has one, a keychain. */
import type { z } from 'zod';
import type { vaultStatus } from '#shared/contract/app.ts';
import { PilothouseError, toErrorShape } from '#shared/domain/errors.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import type { Clock, KeyWrapping, Random } from '../ports.ts';
import { formatName, formatVersion, headerSumOf, recordContext, recordName, rollContext, wrapContext, type Header, type ScryptCost, type VaultFile } from './format.ts';
import { createKeychain, keychainFailed } from './keychain.ts';
import { defaultCost, deriveKey, seal, unseal } from './sealing.ts';
import { createVaultStorage, damaged } from './vault-file.ts';

export type VaultStatus = z.infer<typeof vaultStatus>;

export interface Vault {
  status(): VaultStatus;
  /** Makes an empty vault and leaves it open; the keychain is given its key meanwhile, which the status tells. @throws vault.exists, store.unwritable, store.disk-full */
  create(passphrase: Secret): Promise<void>;
  /**
   * Where the keychain is another one than before, or was reset, it is given the key anew, once the passphrase was right:
   * nobody waits for it, and the status tells when it has it.
   * @throws vault.absent, vault.wrong-passphrase, vault.damaged
   */
  unlock(passphrase: Secret): Promise<void>;
  /** Opens the vault by the host's keychain, and writes nothing. @throws vault.keychain-failed where only the passphrase can, vault.absent, vault.damaged */
  unlockByKeychain(): Promise<void>;
  /** Resolves when the keychain that is being given the key has it, or does not take it. Never rejects. */
  settled(): Promise<void>;
  /** Forgets the keys. Never throws. */
  lock(): void;
  /** Wraps the data key anew; no record is touched. @throws vault.absent, vault.wrong-passphrase, vault.damaged */
  changePassphrase(current: Secret, next: Secret): Promise<void>;
  /**
   * Null where there is no such record.
   * @param how.unasked the engine looks by itself: that is no use that keeps the vault open
   * @throws vault.absent, vault.locked, vault.damaged
   */
  get(recordId: string, how?: { unasked: boolean }): Promise<Secret | null>;
  /** @throws vault.absent, vault.locked, vault.damaged, store.unwritable, store.disk-full */
  set(recordId: string, secret: Secret): Promise<void>;
  /** Does nothing where there is no such record. @throws as set */
  delete(recordId: string): Promise<void>;
  /** @throws vault.absent, vault.locked */
  has(recordId: string): Promise<boolean>;
  /** Minutes without use until the vault locks; 0 never. 30 at first. */
  setAutoLockMinutes(minutes: number): void;
  /** Called when it was made, opened, locked or changed. Returns what stops that. */
  onChange(listener: () => void): () => void;
}

export interface VaultOptions {
  /** The data folder. */
  folder: string;
  ports: { clock: Clock; random: Random; keyWrapping: KeyWrapping | null };
  scrubber: Pick<Scrubber, 'register'>;
  /** Of new vaults and changed passphrases; the default is what a person can wait for. */
  cost?: ScryptCost;
}

interface Opened {
  key: Buffer;
  file: VaultFile;
  /** False where the file is not all that was written: then it is read, and never written over. */
  isWhole: boolean;
  lastUsedAt: number;
}

const minute = 60_000;
/** How often an open vault is looked at, in milliseconds, so that it locks although nobody asks it anything. */
const lookEveryMs = 5000;

export function createVault(options: VaultOptions): Vault {
  const { scrubber } = options;
  const { clock, random, keyWrapping } = options.ports;
  const keychainHere = keyWrapping === null ? null : createKeychain(keyWrapping);
  const cost = options.cost ?? defaultCost;
  const storage = createVaultStorage(options.folder, random);
  const listeners = new Set<() => void>();
  let opened: Opened | null = null;
  /** How often it was locked, so that what the keychain says late opens nothing that somebody locked meanwhile. */
  let locks = 0;
  /** Whether the keychain has the key of the vault, and why it did not give or take it when it was last asked. */
  let standing: { opens: boolean; problem: string | null } = { opens: false, problem: null };
  let adopting: Promise<void> = Promise.resolve();
  let autoLockMs = 30 * minute;
  let watch: NodeJS.Timeout | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One change at a time: two writers would lose each other's records, and each scrypt takes 128 MiB. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => {});
    return turn;
  };
  const tell = (): void => listeners.forEach((listener) => listener());

  const lock = (): void => {
    locks += 1;
    if (opened === null) return;
    clearInterval(watch);
    opened.key.fill(0);
    opened = null;
    tell();
  };
  const lockWhenUnused = (): void => {
    if (opened === null || autoLockMs === 0) return;
    const now = clock.now();
    // A clock that was set back must not keep the vault open for longer.
    opened.lastUsedAt = Math.min(opened.lastUsedAt, now);
    if (now - opened.lastUsedAt >= autoLockMs) lock();
  };
  const open = (key: Buffer, file: VaultFile): void => {
    lock();
    const isWhole = headerSumOf(file) === file.headerSum && unseal(key, file.roll, rollContext(file.vaultId, file.records)) !== null;
    opened = { key, file, isWhole, lastUsedAt: clock.now() };
    watch = setInterval(lockWhenUnused, lookEveryMs).unref();
    tell();
  };
  const use = ({ unasked } = { unasked: false }): Opened => {
    lockWhenUnused();
    if (opened === null) {
      if (!storage.exists()) throw new PilothouseError('vault.absent', 'There is no vault yet.', { hint: 'Make one in Settings or with "vault create"; it keeps passwords under a passphrase of yours.' });
      throw new PilothouseError('vault.locked', 'The vault is locked.', { hint: 'Open it, then try again.', retryable: true });
    }
    if (!unasked) opened.lastUsedAt = clock.now();
    return opened;
  };

  const wrapByPassphrase = async (key: Buffer, vaultId: string, passphrase: Secret): Promise<Header['passphrase']> => {
    const parameters = { N: cost.N, r: cost.r, p: cost.p, salt: random.bytes(16).toString('base64') };
    const wrapping = await deriveKey(passphrase, parameters.salt, parameters);
    const wrapped = seal(wrapping, key, wrapContext(vaultId, parameters), random);
    wrapping.fill(0);
    return { ...parameters, wrapped };
  };
  /** The data key. @throws vault.wrong-passphrase, or vault.damaged where the header is not what was written */
  const unwrap = async (file: VaultFile, passphrase: Secret): Promise<Buffer> => {
    const { salt, wrapped, N, r, p } = file.passphrase;
    const wrapping = await deriveKey(passphrase, salt, { N, r, p });
    const key = unseal(wrapping, wrapped, wrapContext(file.vaultId, { N, r, p, salt }));
    wrapping.fill(0);
    if (key !== null) return key;
    if (headerSumOf(file) !== file.headerSum) throw damaged(storage.path, 'its key is not what was written');
    throw new PilothouseError('vault.wrong-passphrase', 'This is not the passphrase of the vault.', { hint: 'Try again. Nothing was changed, and there is no limit; without the passphrase nobody can open it.', retryable: true });
  };

  /** Writes header and records, with what makes both checkable. */
  const write = async (key: Buffer, header: Header, records: VaultFile['records']): Promise<VaultFile> => {
    const { format, version, vaultId, passphrase, keychain } = header;
    const file = { format, version, vaultId, passphrase, keychain, headerSum: headerSumOf(header), records, roll: seal(key, Buffer.alloc(0), rollContext(vaultId, records), random) };
    await storage.write(file);
    return file;
  };
  const refuseDamaged = (what: Pick<Opened, 'isWhole'>): void => {
    if (!what.isWhole) throw damaged(storage.path, 'not all of it is what was written, so nothing is written over it');
  };
  const change = async (records: (current: Opened) => VaultFile['records']): Promise<void> => {
    const current = use();
    refuseDamaged(current);
    // A lock meanwhile wipes the key; the write has its own.
    const key = Buffer.from(current.key);
    try {
      const file = await write(key, current.file, records(current));
      current.file = file;
    } finally {
      key.fill(0);
    }
    tell();
  };

  const openByPassphrase = async (passphrase: Secret): Promise<void> => {
    scrubber.register(passphrase);
    const file = await storage.read();
    open(await unwrap(file, passphrase), file);
  };

  const keychainStands = (kept: Header['keychain'], error: unknown = null): void => {
    standing = { opens: kept !== null && kept.backend === keychainHere?.backend, problem: error === null ? null : toErrorShape(error, '').message };
    tell();
  };
  /** The data key, as the keychain has it. @throws vault.keychain-failed */
  const keyOfKeychain = async ({ keychain: kept, vaultId, roll, records }: VaultFile): Promise<Buffer> => {
    if (keychainHere === null) throw keychainFailed('Pilothouse uses no keychain here.', 'Open the vault with its passphrase.');
    const { backend } = keychainHere;
    if (kept === null) throw keychainFailed(`The keychain of this computer (${backend}) does not have the key of the vault.`);
    if (kept.backend !== backend) throw keychainFailed(`The key of the vault lies in another keychain (${kept.backend}); that of this computer is ${backend} now.`);
    const key = await keychainHere.unwrap(Buffer.from(kept.wrapped, 'base64'));
    if (key.length === 32 && unseal(key, roll, rollContext(vaultId, records)) !== null) return key;
    key.fill(0);
    throw keychainFailed(`The keychain of this computer (${backend}) gave no key that opens the vault: it may have been reset, or the vault come from another computer.`);
  };
  /** The key, wrapped by the keychain, which was seen to give it back. @throws vault.keychain-failed */
  const wrapByKeychain = async (to: KeyWrapping, key: Buffer): Promise<Header['keychain']> => {
    const wrapped = await to.wrap(key);
    const back = await to.unwrap(wrapped);
    const isSame = back.equals(key);
    back.fill(0);
    if (!isSame) throw keychainFailed(`The keychain of this computer (${to.backend}) did not give back the key that it was given.`);
    return { backend: to.backend, wrapped: wrapped.toString('base64') };
  };

  /**
   * The vault is open by its passphrase: where the keychain does not have its key, it is given it. Not in turn, because a
   * keychain may take its time. Never rejects: what goes wrong is told by the status, and the vault is open all the same.
   */
  const adoptKeychain = async (): Promise<void> => {
    if (keychainHere === null || opened === null || !opened.isWhole) return;
    const { file } = opened;
    const key = Buffer.from(opened.key);
    try {
      const had = await keyOfKeychain(file).catch(() => null);
      if (had !== null) {
        had.fill(0);
        return keychainStands(file.keychain);
      }
      const wrapped = await wrapByKeychain(keychainHere, key);
      await inTurn(async () => {
        if (opened?.file.vaultId !== file.vaultId) return;
        const current = opened;
        current.file = await write(key, { ...current.file, keychain: wrapped }, current.file.records);
        keychainStands(wrapped);
      });
    } catch (error) {
      keychainStands(file.keychain, error);
    } finally {
      key.fill(0);
    }
  };

  const unlockByKeychain = async (): Promise<void> => {
    const before = locks;
    const file = await storage.read();
    const key = await keyOfKeychain(file).catch((error: unknown) => {
      keychainStands(file.keychain, error);
      throw error;
    });
    keychainStands(file.keychain);
    await inTurn(async () => {
      // While the keychain was asked, somebody may have opened it by the passphrase, or locked it: that counts.
      if (opened === null && locks === before) open(key, file);
      else key.fill(0);
    });
  };

  return {
    status() {
      lockWhenUnused();
      const asked = keychainHere === null ? null : { backend: keychainHere.backend, ...standing };
      if (opened === null) return { state: storage.exists() ? 'locked' : 'absent', keychain: asked, records: null, locksAt: null };
      const locksAt = autoLockMs === 0 ? null : new Date(opened.lastUsedAt + autoLockMs).toISOString();
      return { state: 'unlocked', keychain: asked, records: Object.keys(opened.file.records).length, locksAt };
    },
    async create(passphrase) {
      await inTurn(async () => {
        if (storage.exists()) throw new PilothouseError('vault.exists', 'There is a vault already.', { hint: 'Unlock it, or change its passphrase.' });
        scrubber.register(passphrase);
        const key = random.bytes(32);
        const vaultId = random.bytes(16).toString('base64');
        const header: Header = { format: formatName, version: formatVersion, vaultId, passphrase: await wrapByPassphrase(key, vaultId, passphrase), keychain: null };
        open(key, await write(key, header, {}));
      });
      adopting = adoptKeychain();
    },
    async unlock(passphrase) {
      await inTurn(() => openByPassphrase(passphrase));
      adopting = adoptKeychain();
    },
    unlockByKeychain,
    settled: () => adopting,
    lock,
    changePassphrase: (current, next) =>
      inTurn(async () => {
        await openByPassphrase(current);
        const { key, file, isWhole } = use();
        refuseDamaged({ isWhole });
        scrubber.register(next);
        const copy = Buffer.from(key);
        open(copy, await write(copy, { ...file, passphrase: await wrapByPassphrase(copy, file.vaultId, next) }, file.records));
      }),
    get: (recordId, how) =>
      inTurn(async () => {
        const { key, file, isWhole } = use(how);
        const record = Object.hasOwn(file.records, recordId) ? file.records[recordId] : undefined;
        // In a damaged file, a record that is not there may have been lost: that is not the same as never kept.
        if (record === undefined && isWhole) return null;
        const plain = record === undefined ? null : unseal(key, record, recordContext(file.vaultId, recordId));
        if (plain === null) throw damaged(storage.path, `the record ${recordId} cannot be read`, { recordId });
        const secret = new Secret(plain.toString('utf8'));
        plain.fill(0);
        scrubber.register(secret);
        return secret;
      }),
    set: (recordId, secret) =>
      inTurn(async () => {
        if (!recordName.safeParse(recordId).success) throw new PilothouseError('internal', `${recordId} cannot name a record of the vault.`);
        scrubber.register(secret);
        await change(({ key, file }) => ({ ...file.records, [recordId]: seal(key, Buffer.from(secret.reveal()), recordContext(file.vaultId, recordId), random) }));
      }),
    delete: (recordId) =>
      inTurn(async () => {
        if (!Object.hasOwn(use().file.records, recordId)) return;
        await change(({ file }) => Object.fromEntries(Object.entries(file.records).filter(([id]) => id !== recordId)));
      }),
    has: (recordId) => inTurn(async () => Object.hasOwn(use().file.records, recordId)),
    setAutoLockMinutes(minutes) {
      autoLockMs = minutes * minute;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
