/** Whether the key that a host shows is the one that it is known by. Pure. */

export interface HostKey {
  /** "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", … */
  type: string;
  /** Base64 of the wire format. */
  key: string;
}

/** A key that is known of this host, or that nobody may use as it any more. */
export interface KnownHostKey extends HostKey {
  revoked: boolean;
}

export type HostTrust =
  /** It is the key that is known. */
  | { verdict: 'trusted' }
  /** Nothing is known of this host: a person compares the fingerprint, and decides. */
  | { verdict: 'unknown' }
  /** A key of this type is known, and it is another one. */
  | { verdict: 'changed'; known: HostKey[] }
  /** Only keys of other types are known: somebody in between may show a type of which nothing is known. */
  | { verdict: 'other-type'; known: HostKey[] }
  /** Somebody has said that this key is not to be trusted. */
  | { verdict: 'revoked' };

/** @param known what is known of this host and port; revocations count for it wherever they came from */
export function judgeHostKey(known: readonly KnownHostKey[], offered: HostKey): HostTrust {
  if (known.some(({ revoked, key }) => revoked && key === offered.key)) return { verdict: 'revoked' };
  const valid = known.filter(({ revoked }) => !revoked).map(({ type, key }) => ({ type, key }));
  if (valid.some(({ key }) => key === offered.key)) return { verdict: 'trusted' };
  if (valid.length === 0) return { verdict: 'unknown' };
  const sameType = valid.filter(({ type }) => type === offered.type);
  return sameType.length > 0 ? { verdict: 'changed', known: sameType } : { verdict: 'other-type', known: valid };
}
