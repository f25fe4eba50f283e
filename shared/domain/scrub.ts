import { scrubPasswords, scrubUrls } from './scrub-passwords.ts';
import { Secret } from './secret.ts';

/** What stands where a secret stood. */
export const redacted = '[redacted]';

/** Takes secrets out of whatever is about to be stored, logged, thrown or exported. */
export interface Scrubber {
  /** Remembers a secret of this process, in the forms it may be written in. */
  register(secret: Secret | string): void;
  /** Names that stand in the open, of roles and databases: where one is a password too, redacting it hides nothing and makes plans unreadable. */
  keepReadable(names: readonly string[]): void;
  /** A copy without secrets, of the same shape: strings, and whatever holds strings at any depth. */
  scrub<T>(value: T): T;
}

/**
 * Shorter values would redact half of every text without hiding anything; such passwords are still taken out where
 * they stand as passwords (`password=…`).
 */
const shortestValue = 4;

/** Words that stand in every log of ours whether or not they are somebody's password, so redacting them hides nothing and breaks the rest. */
const ordinaryWords = new Set(['postgres', 'postgresql', 'password', 'localhost', 'template0', 'template1', 'pilothouse', 'public', 'admin', 'root', 'user', 'test', 'true', 'false', 'null', 'database', 'secret', 'none']);

/** Fields that programs tell things apart by: they hold our own words and identifiers, never what somebody typed. */
const structuralKey = /^(?:code|kind|state|level|at|id|[a-z]+Id)$/;
const secretKey = /^(?:password|passphrase|PGPASSWORD)$/;

/** One look that lets most lines pass without trying each pattern. */
const worthALook = /pass|pwd|radiussecret|:\/\/|PRIVATE KEY|SCRAM-SHA|md5|Bearer|Basic /i;

const patterns: readonly { pattern: RegExp; replacement: string }[] = [
  { pattern: /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, replacement: redacted },
  { pattern: /SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+/g, replacement: redacted },
  { pattern: /\bmd5[0-9a-f]{32}\b/g, replacement: redacted },
  { pattern: /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{12,}/g, replacement: `$1 ${redacted}` },
];

function base64(text: string): string {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return btoa(bytes);
}

function percentEncoded(text: string): string {
  // A lone surrogate has no encoding; it cannot have come through a URL either.
  return encodeURIComponent(text.toWellFormed());
}

/** Every way a secret may be written where we or Postgres's tools write. */
function formsOf(value: string): string[] {
  const encoded = percentEncoded(value);
  const standard = base64(value);
  const unpadded = standard.replace(/=+$/, '');
  const strictlyEncoded = encoded.replace(/[!'()*~._-]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  const forms = [
    value,
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    encoded.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`),
    encoded.replaceAll('%20', '+'),
    strictlyEncoded,
    standard,
    unpadded,
    unpadded.replaceAll('+', '-').replaceAll('/', '_'),
    JSON.stringify(value).slice(1, -1),
    value.replaceAll("'", "''"),
    value.replace(/['\\]/g, '\\$&'),
    value.replaceAll("'", `'\\''`),
    value.replace(/[:\\]/g, '\\$&'),
  ];
  // A key or certificate is printed line by line.
  const lines = value.includes('\n') ? value.split(/\r?\n/).filter((line) => line.length >= 8 && !line.startsWith('-----')) : [];
  return [...forms, ...lines];
}

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** A scrubber that knows no secret yet. */
export function createScrubber(): Scrubber {
  const forms = new Set<string>();
  const readable = new Set<string>();
  let values: RegExp | null = null;
  let stale = false;

  const currentValues = (): RegExp | null => {
    if (stale) {
      // Longest first, so that a secret that begins with another is taken out whole.
      const longestFirst = [...forms].filter((form) => !readable.has(form)).sort((a, b) => b.length - a.length);
      values = longestFirst.length === 0 ? null : new RegExp(longestFirst.map(literal).join('|'), 'g');
      stale = false;
    }
    return values;
  };

  const scrubText = (text: string): string => {
    const known = currentValues();
    let clean = known === null ? text : text.replace(known, redacted);
    if (!worthALook.test(clean)) return clean;
    clean = scrubPasswords(scrubUrls(clean, redacted), redacted);
    for (const { pattern, replacement } of patterns) clean = clean.replace(pattern, replacement);
    return clean;
  };

  const scrubValue = (value: unknown, seen: ReadonlySet<object>): unknown => {
    if (typeof value === 'string') return scrubText(value);
    if (typeof value !== 'object' || value === null || value instanceof Date) return value;
    if (value instanceof Secret) return redacted;
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return '[binary]';
    if (seen.has(value)) return '[circular]';
    const inside = new Set(seen).add(value);
    if (Array.isArray(value)) return value.map((item) => scrubValue(item, inside));
    if (value instanceof Map) return new Map([...value].map(([key, item]) => [scrubValue(key, inside), scrubValue(item, inside)]));
    if (value instanceof Set) return new Set([...value].map((item) => scrubValue(item, inside)));
    const fields: [string, unknown][] = Object.entries(value);
    if (value instanceof Error) fields.push(['name', value.name], ['message', value.message], ['stack', value.stack], ...(value.cause === undefined ? [] : [['cause', value.cause] as [string, unknown]]));
    return Object.fromEntries(
      fields.map(([key, item]) => {
        if (typeof item === 'string' && structuralKey.test(key)) return [key, item];
        if (typeof item === 'string' && secretKey.test(key)) return [key, redacted];
        return [scrubText(key), scrubValue(item, inside)];
      }),
    );
  };

  return {
    register(secret) {
      const value = typeof secret === 'string' ? secret : secret.reveal();
      if (value.length < shortestValue || ordinaryWords.has(value.toLowerCase())) return;
      for (const form of formsOf(value)) {
        if (form.length < shortestValue || forms.has(form)) continue;
        forms.add(form);
        stale = true;
      }
    },
    keepReadable(names) {
      for (const name of names) {
        if (readable.has(name)) continue;
        readable.add(name);
        stale = true;
      }
    },
    scrub: <T>(value: T): T => scrubValue(value, new Set()) as T,
  };
}
