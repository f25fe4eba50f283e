import { createHash } from 'node:crypto';
import type { HostKey, KnownHostKey } from '#shared/domain/host-trust.ts';

/** Of the signatures that ssh2 can check, by the type of the key; the strongest first. */
const algorithmsByType: Record<string, string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Whether a host can be known by a key of this type: others cannot be checked. */
export const isHostKeyType = (type: string): boolean => Object.hasOwn(algorithmsByType, type);

/** A key in the wire format, whose first field is its type. */
export function readHostKey(wire: Buffer): HostKey {
  const length = wire.readUInt32BE(0);
  return { type: wire.toString('latin1', 4, 4 + length), key: wire.toString('base64') };
}

/** "SHA256:…", as `ssh-keygen -l` prints it. */
export function fingerprintOf({ key }: HostKey): string {
  return `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;
}

/**
 * Which signatures of a host are accepted, in order: of the types that are known first, so that a host with several
 * keys shows the one that is known. SHA-1 is never among them.
 */
export function hostKeyAlgorithms(known: readonly KnownHostKey[]): string[] {
  const types = Object.keys(algorithmsByType);
  const knownTypes = types.filter((type) => known.some((key) => !key.revoked && key.type === type));
  return [...new Set([...knownTypes, ...types])].flatMap((type) => algorithmsByType[type] ?? []);
}
