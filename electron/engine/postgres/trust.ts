import { X509Certificate } from 'node:crypto';
import { createSecureContext, getCACertificates, type PeerCertificate, type SecureContext } from 'node:tls';

let system: readonly string[] | null = null;

/** PEM texts of the authorities that this computer trusts, and of those that the runtime brings along. */
export function systemAuthorities(): readonly string[] {
  system ??= [...new Set([...getCACertificates('system'), ...getCACertificates('bundled')])];
  return system;
}

let systemContext: SecureContext | null = null;

/**
 * What a TLS connection trusts: the given authority alone, or this computer's.
 * @throws Error where the text is not a PEM certificate
 */
export function trustContext(authority: string | null): SecureContext {
  if (authority !== null) {
    const certificates = authority.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
    if (certificates.length === 0) throw new Error('there is no certificate in the text');
    // OpenSSL passes over what it cannot read; a typing error must not become an authority that signs nothing.
    const authorities = certificates.map((certificate) => new X509Certificate(certificate).toString());
    return createSecureContext({ ca: authorities, minVersion: 'TLSv1.2' });
  }
  systemContext ??= createSecureContext({ ca: [...systemAuthorities()], minVersion: 'TLSv1.2' });
  return systemContext;
}

const reasons: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself and not by an authority that is trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not trusted here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not trusted here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not trusted here',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet; one of the two clocks may be wrong',
  CERT_REVOKED: 'it has been revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is made out to another name',
};

/** Why a certificate is not believed, in words. */
export function reasonOf(problem: Error | string): string {
  const code = typeof problem === 'string' ? problem : ((problem as NodeJS.ErrnoException).code ?? problem.message);
  return reasons[code] ?? `it could not be verified (${code})`;
}

/** What a certificate says of itself, for people to compare. */
export function certificateFacts(certificate: PeerCertificate): Record<string, unknown> {
  const named = (name: { CN?: string | string[] | undefined; O?: string | string[] | undefined } | undefined): string => [name?.CN ?? name?.O ?? ''].flat().join(', ');
  return {
    subject: named(certificate.subject),
    issuer: named(certificate.issuer),
    names: certificate.subjectaltname ?? '',
    validFrom: certificate.valid_from,
    validTo: certificate.valid_to,
    fingerprint256: certificate.fingerprint256,
  };
}
