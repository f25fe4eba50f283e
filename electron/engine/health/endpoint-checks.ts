/** What is looked at of an endpoint. */
import type { AnyCheck } from './check.ts';

/** A check of an address; its answers are judged in `endpoints/judge-endpoint.ts`. */
export const endpointAnswer: AnyCheck = {
  about: {
    id: 'endpoint',
    title: 'Endpoint answers',
    group: 'availability',
    unit: 'ms',
    warn: null,
    critical: null,
    source: 'The endpoint itself, or the threshold of the system that it goes by',
    question: 'Does the address answer as it should, and how long does it take until the whole answer is there?',
    meaning: 'This is what people who use the system meet, whatever its servers say of themselves.',
    causes: ['The application or its web server does not run', 'What it needs (database, storage, another service) does not answer it', 'The address, the firewall or the certificate was changed', 'It has more to do than it can'],
    needs: 'A way to the address, from this computer or from the host that makes the connection. Nothing is sent that would sign in.',
  },
};

export const endpointCertificate: AnyCheck = {
  lowerIsWorse: true,
  about: {
    id: 'endpoint-certificate',
    title: 'Certificate of an endpoint',
    group: 'availability',
    unit: 'days',
    warn: 14,
    critical: 7,
    source: 'Renewal begins 30 days before the end; two weeks leave time to mend it',
    question: 'How many days is the certificate that the address shows still valid?',
    meaning: 'From its end on nobody is let in by a browser, and programs refuse to connect.',
    causes: ['Its renewal fails, or runs and the server was not reloaded', 'Another server of the same name shows an old one', 'It is renewed by hand'],
    needs: 'A way to the address. The certificate is the one that it shows, not a file.',
  },
};

export const endpointChecks: readonly AnyCheck[] = [endpointAnswer, endpointCertificate];
