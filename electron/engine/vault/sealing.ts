import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import type { Secret } from '#shared/domain/secret.ts';
import type { Random } from '../ports.ts';
import type { ScryptCost, Sealed } from './format.ts';

const tagBytes = 16;
/** 128 MiB are needed and a little more; 128 MiB exactly fail. */
const scryptMemoryBytes = 256 * 1024 * 1024;

/** The cost of a new vault: about half a second and 128 MiB. */
export const defaultCost: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

/** Encrypts with AES-256-GCM under a fresh nonce; `context` must be the same for opening it. */
export function seal(key: Buffer, plain: Buffer, context: string, random: Random): Sealed {
  const nonce = random.bytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { nonce: nonce.toString('base64'), data: data.toString('base64') };
}

/** What was sealed, or null where key, context or a single bit are not what they were. */
export function unseal(key: Buffer, { nonce, data }: Sealed, context: string): Buffer | null {
  const bytes = Buffer.from(data, 'base64');
  if (bytes.length < tagBytes) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), { authTagLength: tagBytes }).setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]);
  } catch {
    // The tag does not fit; the caller knows what that means.
    return null;
  }
}

/** A key from a passphrase, computed beside the event loop. The same text typed on any system gives the same key. */
export function deriveKey(passphrase: Secret, salt: string, cost: ScryptCost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.reveal().normalize('NFKC'), Buffer.from(salt, 'base64'), 32, { ...cost, maxmem: scryptMemoryBytes }, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
