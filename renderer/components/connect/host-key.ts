/** A key that a machine showed, as an error about it tells, and how a person compares it. */
import type { MethodArgument } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import type { Machine } from './layers.tsx';

export interface ShownKey {
  keyType: string;
  key: string;
  fingerprint: string;
}

export type MachineRef = MethodArgument<'host.keys'>['machine'];

/** The key in the details of an error; null where there is none. */
export function shownKey(error: ErrorShape | null | undefined): ShownKey | null {
  const { keyType, key, fingerprint } = error?.details ?? {};
  return typeof keyType === 'string' && typeof key === 'string' && typeof fingerprint === 'string' ? { keyType, key, fingerprint } : null;
}

/** Whose key it is. @param viaId of a machine that is not added yet: the host that leads to it */
export const refOf = ({ hostId, host, port }: Pick<Machine, 'hostId' | 'host' | 'port'>, viaId: string | null): MachineRef => (hostId === null ? { host, port, viaId } : { hostId });

/** What somebody who is at the machine types to read its fingerprint. */
export function compareCommand(keyType: string): string {
  const name = keyType.startsWith('ecdsa-') ? 'ecdsa' : keyType === 'ssh-rsa' ? 'rsa' : 'ed25519';
  return `ssh-keygen -lf /etc/ssh/ssh_host_${name}_key.pub`;
}
