/** Certificates in files that web servers use: how long they hold. */
import { X509Certificate } from 'node:crypto';
import type { Finding } from '../check.ts';
import { many } from '../figures.ts';
import { against, evidence, partly, skipped, unknown } from '../findings.ts';
import { filesOf } from './facts.ts';
import type { HostCheck } from './host-check.ts';

const dayMs = 86_400_000;

interface Read {
  path: string;
  subject: string;
  until: number;
}

function certificateIn(path: string, lines: readonly string[]): Read | null {
  try {
    const certificate = new X509Certificate(lines.join('\n'));
    const until = Date.parse(certificate.validTo);
    return Number.isFinite(until) ? { path, subject: (certificate.subjectAltName ?? certificate.subject).replaceAll(/\s+/g, ' ').slice(0, 200), until } : null;
  } catch {
    return null;
  }
}

export const certificateFiles: HostCheck = {
  about: {
    id: 'certificate-files',
    title: 'Certificates',
    group: 'security',
    unit: 'days',
    warn: 14,
    critical: 7,
    source: 'own: 14 / 7 days',
    question: 'How many days does the certificate hold that ends first, of those that nginx, Apache or certbot use here?',
    meaning: 'After that day browsers and programs refuse to connect.',
    causes: ['Its renewal failed, or nothing renews it', 'It was renewed, and the server was not told to read it again'],
    needs: 'an account that may read the files',
  },
  lowerIsWorse: true,
  reads: ['certificates', 'certificate-folders'],
  judge(seen, look): Finding {
    const files = filesOf(seen.lines('certificates'));
    const shut = [...files.filter((file) => file.shut).map(({ path }) => path), ...seen.lines('certificate-folders').filter((line) => line.startsWith('shut ')).map((line) => line.slice(5))];
    const read = files.filter((file) => !file.shut).map(({ path, lines }) => ({ path, certificate: certificateIn(path, lines) }));
    const garbled = read.filter(({ certificate }) => certificate === null).map(({ path }) => path);
    const certificates = read.flatMap(({ certificate }) => certificate ?? []).sort((a, b) => a.until - b.until);
    const letIn = 'sudo chmod 0755 /etc/letsencrypt/live /etc/letsencrypt/archive\n# As certbot\'s own manual says: the private keys in them stay for root alone (0600). Elsewhere let the account read the file with the certificate, never that with the key.';
    const [first] = certificates;
    if (first === undefined) {
      if (shut.length > 0) return unknown(`${shut.slice(0, 3).join(', ')} may not be read`, letIn);
      if (garbled.length > 0) return unknown(`No certificate could be read in ${garbled.slice(0, 3).join(', ')}`, 'Look with: openssl x509 -in FILE -noout -enddate');
      return skipped('No certificate of nginx, Apache or certbot was found here');
    }
    const days = Math.floor((first.until - look.now) / dayMs);
    const status = against(days, look);
    const until = new Date(first.until).toISOString().slice(0, 10);
    const finding: Finding = {
      status,
      value: days,
      summary: days < 0 ? `${many(-days, 'day')} ago a certificate ran out: ${first.path} (${first.subject}), on ${until}` : `${many(days, 'day')} until ${first.path} (${first.subject}) runs out, on ${until}`,
      ...(status === 'ok' ? { meaning: `It is the first to end of ${many(certificates.length, 'certificate')}.` } : {}),
      evidence: evidence(certificates, { file: (row) => row.path, for: (row) => row.subject, until: (row) => new Date(row.until).toISOString(), days: (row) => Math.floor((row.until - look.now) / dayMs) }),
      fix: status === 'ok' ? null : { where: 'shell', do: 'sudo certbot renew --dry-run\nsudo certbot renew\nsudo systemctl reload nginx', undo: null, note: 'Where certbot renews them; the first line only tries, and changes nothing. A certificate from elsewhere is replaced in its file, and the server told to read it again.' },
    };
    const hidden = [...shut, ...garbled];
    return hidden.length === 0 ? finding : partly(finding, hidden.slice(0, 5).join(', '), letIn);
  },
};
