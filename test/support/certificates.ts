import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestCertificates {
  /** The certificate of the authority that signed the server's. */
  caFile: string;
  /** The certificate of another authority, which signed nothing. */
  strangerCaFile: string;
  certificateFile: string;
  keyFile: string;
}

function openssl(folder: string, ...parameters: string[]): void {
  execFileSync('openssl', parameters, { cwd: folder, stdio: 'pipe' });
}

function makeAuthority(folder: string, file: string, name: string): void {
  openssl(folder, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30', '-subj', `/CN=${name}`, '-keyout', `${file}.key`, '-out', `${file}.crt`);
}

/**
 * Makes an authority and a server certificate signed by it, with the `openssl` program.
 *
 * @param folder is made if needed; keys in it are 0600.
 * @param names the host names and addresses the server's certificate is for.
 */
export function makeCertificates(folder: string, names: readonly string[]): TestCertificates {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  makeAuthority(folder, 'authority', 'Pilothouse test authority');
  makeAuthority(folder, 'stranger', 'Pilothouse test stranger');
  const alternatives = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
  writeFileSync(join(folder, 'server.ext'), `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth\n`);
  openssl(folder, 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', `/CN=${names[0] ?? 'localhost'}`, '-keyout', 'server.key', '-out', 'server.csr');
  openssl(folder, 'x509', '-req', '-in', 'server.csr', '-CA', 'authority.crt', '-CAkey', 'authority.key', '-CAcreateserial', '-days', '30', '-extfile', 'server.ext', '-out', 'server.crt');
  return {
    caFile: join(folder, 'authority.crt'),
    strangerCaFile: join(folder, 'stranger.crt'),
    certificateFile: join(folder, 'server.crt'),
    keyFile: join(folder, 'server.key'),
  };
}
