/** What `vault.json` holds, and what of a file is believed before anything is computed from it. */
import { createHash } from 'node:crypto';
import { z } from 'zod';

export const formatName = 'pilothouse-vault';
export const formatVersion = 1;

const bytes = (exactly: number) => z.base64().refine((text) => Buffer.from(text, 'base64').length === exactly);
const someBytes = z.base64().max(100_000);

/** AES-256-GCM: the nonce, and the ciphertext followed by its tag. */
export const sealed = z.strictObject({ nonce: bytes(12), data: someBytes });
export type Sealed = z.infer<typeof sealed>;

/**
 * Cost of scrypt. Bounded, because whoever can write the file could otherwise make us fill the memory: 128·N·r stays
 * at 128 MiB.
 */
export const scryptCost = z.strictObject({
  N: z.number().int().min(2 ** 14).max(2 ** 17).refine((cost) => Number.isInteger(Math.log2(cost))),
  r: z.number().int().min(1).max(8),
  p: z.number().int().min(1).max(4),
});
export type ScryptCost = z.infer<typeof scryptCost>;

/** Of our own making; the first letter keeps out what JavaScript takes for more than a name. */
export const recordName = z.string().regex(/^[A-Za-z]/).max(200);

const header = z.strictObject({
  format: z.literal(formatName),
  version: z.literal(formatVersion),
  /** Drawn with the data key, and part of everything that is sealed with it. */
  vaultId: bytes(16),
  /** The data key, wrapped by a key from the passphrase. */
  passphrase: z.strictObject({ ...scryptCost.shape, salt: bytes(16), wrapped: sealed }),
  /** The data key, wrapped by a keychain as well; the passphrase opens the vault where that one is gone or another. */
  keychain: z.strictObject({ backend: z.string().min(1).max(100), wrapped: someBytes }).nullable(),
});
export type Header = z.infer<typeof header>;

export const vaultFile = z.strictObject({
  ...header.shape,
  /** SHA-256 of the header: by it a damaged header is told from a wrong passphrase. */
  headerSum: z.string().regex(/^[0-9a-f]{64}$/),
  records: z.record(recordName, sealed),
  /** An empty text sealed over the list of records: by it a record that went missing or was changed is noticed. */
  roll: sealed,
});
export type VaultFile = z.infer<typeof vaultFile>;

/** The checksum that belongs to a header. */
export function headerSumOf({ format, version, vaultId, passphrase, keychain }: Header): string {
  const { N, r, p, salt, wrapped } = passphrase;
  const canonical = JSON.stringify([format, version, vaultId, N, r, p, salt, wrapped.nonce, wrapped.data, keychain === null ? null : [keychain.backend, keychain.wrapped]]);
  return createHash('sha256').update(canonical).digest('hex');
}

/** Associated data of a record: version, parameters, and which record it is. */
export function recordContext(vaultId: string, recordId: string): string {
  return JSON.stringify([formatName, formatVersion, 'aes-256-gcm', vaultId, 'record', recordId]);
}

/** Associated data of the wrapped data key: a change of any parameter makes it unreadable instead of weaker. */
export function wrapContext(vaultId: string, passphrase: Omit<Header['passphrase'], 'wrapped'>): string {
  return JSON.stringify([formatName, formatVersion, 'aes-256-gcm', vaultId, 'key', 'scrypt', passphrase.N, passphrase.r, passphrase.p, passphrase.salt]);
}

/** Associated data of the roll: which records there are, and every byte of them. */
export function rollContext(vaultId: string, records: VaultFile['records']): string {
  const entries = Object.keys(records).sort().map((id) => [id, records[id]?.nonce, records[id]?.data]);
  return JSON.stringify([formatName, formatVersion, 'aes-256-gcm', vaultId, 'roll', entries]);
}
