/** Secrets in a guide: found and taken out before anything of it is kept. The lines stay where they are. Pure. */

export interface TakenOut {
  /** From 1. */
  line: number;
  /** "a password", "a private key". */
  what: string;
}

export const takenOutAt = (line: number): string => `⟨secret taken out: line ${line}⟩`;
/** The same wherever its lines stand: to see whether something else in it has changed. */
export const withoutPlaces = (text: string): string => text.replaceAll(/⟨secret taken out: line \d+⟩/g, '⟨secret taken out⟩');

/** What stands where a secret would, and is none. */
const noSecret = /^(?:|\*+|x{3,}|\.{3,}|…|-+|<[^>]*>|\$\{?[A-Za-z_]\w*(?::?[-?][^}]*)?\}?|\$\([^)]*\)|%\w+%|\{\{[^}]*\}\}|\[[^\]]*\]|(?:your|my|the|some|any|new|old)[-_ ]?\S*|change[-_]?me\S*|example|placeholder|redacted|secret|password|passwort|passwd|token|key|none|null|true|false|required|optional|enabled|disabled|string|text|prompt|ask|vault|env|md5|scram-sha-256|trust|peer|hash|reset|resets|policy|policies|manager|issues?|file|expired|rotation|process\.env\.\S*|os\.environ\S*|⟨.*|\$2[aby]\$\d\d?\$\.{3}.*)$/i;

interface Pattern {
  what: string;
  /** Its group `secret` is taken out. */
  pattern: RegExp;
}

const patterns: readonly Pattern[] = [
  { what: 'a password in an address', pattern: /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`<>]*:(?<secret>[^\s@"'`<>]{1,200})@/gdi },
  { what: 'an access key of AWS', pattern: /(?<![A-Za-z0-9/+=])(?<secret>(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16})(?![A-Za-z0-9])/gd },
  { what: 'a secret key of AWS', pattern: /aws_?(?:secret_?)?(?:access_?)?key["']?\s*[:=]\s*["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gdi },
  { what: 'a token (JWT)', pattern: /(?<![\w-])(?<secret>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})/gd },
  { what: 'a token', pattern: /(?<![\w-])(?<secret>(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk_(?:live|test)_[A-Za-z0-9]{10,}|rk_live_[A-Za-z0-9]{10,}|AIza[\w-]{30,}|npm_[A-Za-z0-9]{30,}|dop_v1_[a-f0-9]{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|hooks\.slack\.com\/services\/[\w/]{20,}))/gd },
  { what: 'a bearer token', pattern: /\b(?:Bearer|Basic)\s+(?<secret>[A-Za-z0-9._~+/=-]{12,})/gd },
  { what: 'a line of .pgpass', pattern: /^\s*[\w.*-]+:(?:\d{1,5}|\*):[\w.*-]+:[\w.*-]+:(?<secret>\S+)\s*$/gd },
  { what: 'a password hash', pattern: /(?<secret>\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|SCRAM-SHA-256\$\d+:[^\s"']+|\bmd5[0-9a-f]{32}\b)/gd },
  // What is said in quotes may have blanks in it; else it is one word.
  { what: 'a password', pattern: /(?:pass(?:word|wd|phrase|wort)?|pwd|kennwort|mot de passe|contrase[nñ]a|senha|wachtwoord|has[lł]o)\**["'`]?\s*(?:\bis\b|\blautet\b|=>|:=|[:=])\s*\**\s*(?:"(?<quoted>[^"\n]{1,200})"|'(?<single>[^'\n]{1,200})'|`(?<ticked>[^`\n]{1,200})`|(?<secret>[^\s"'`,;|)]{3,200}))/gdi },
  { what: 'a password', pattern: /\bPASSWORD\s+'(?<secret>[^'\n]{1,200})'/gd },
  { what: 'a password', pattern: /(?:^|\s)(?:sshpass\s+-p|mysql\S*\s.*?-p|curl\s.*?(?:-u|--user)\s+["']?[^\s:"']+:)\s*["']?(?<secret>[^\s"']{3,200})/gd },
  { what: 'a key or token', pattern: /(?:api[-_ ]?key|secret(?:[-_ ]?key)?|access[-_ ]?(?:key|token)|auth[-_ ]?token|(?<![a-z])token|client[-_ ]?secret|private[-_ ]?key|encryption[-_ ]?key|jwt[-_ ]?secret)\**["'`]?\s*(?:=>|:=|[:=])\s*\**\s*(?:"(?<quoted>[^"\s\n]{6,400})"|'(?<single>[^'\s\n]{6,400})'|`(?<ticked>[^`\s\n]{6,400})`|(?<secret>[^\s"'`,;|)]{8,400}))/gdi },
];

/** One look that lets most lines pass. */
const worthALook = /pass|pwd|kennwort|contrase|senha|wachtwoord|has[lł]o|secret|token|key|:\/\/|AKIA|ASIA|AROA|AIDA|eyJ|gh[pousr]_|github_pat|glpat|xox|sk_|rk_live|AIza|npm_|dop_v1|SG\.|hooks\.slack|Bearer|Basic|\$2[aby]\$|SCRAM|md5|curl|mysql|:\S+:\S+:/i;

function lineWithout(line: string, number: number): { line: string; what: string[] } {
  if (line.length > 20_000 || !worthALook.test(line)) return { line, what: [] };
  const spans: { from: number; to: number; what: string }[] = [];
  for (const { what, pattern } of patterns) {
    for (const found of line.matchAll(pattern)) {
      const name = ['quoted', 'single', 'ticked', 'secret'].find((each) => found.groups?.[each] !== undefined);
      const [from, to] = (name === undefined ? undefined : found.indices?.groups?.[name]) ?? [0, 0];
      const value = line.slice(from, to);
      if (to === from || noSecret.test(value.trim()) || spans.some((span) => span.from < to && from < span.to)) continue;
      // A key or token has figures in it; a word of prose behind "Token:" has none.
      if ((what === 'a key or token' || what === 'a bearer token') && !(/\d/.test(value) && /[A-Za-z]/.test(value))) continue;
      spans.push({ from, to, what });
    }
  }
  if (spans.length === 0) return { line, what: [] };
  let clean = line;
  for (const { from, to } of spans.toSorted((a, b) => b.from - a.from)) clean = clean.slice(0, from) + takenOutAt(number) + clean.slice(to);
  return { line: clean, what: spans.map(({ what }) => what) };
}

/** @returns the text with as many lines, and what was taken out where */
export function takeOutSecrets(text: string): { text: string; taken: TakenOut[] } {
  const taken: TakenOut[] = [];
  let inKey = false;
  const all = text.split('\n');
  const lines = all.map((line, index) => {
    const number = index + 1;
    if (!inKey && /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/.test(line)) {
      taken.push({ line: number, what: 'a private key' });
      inKey = !/-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/.test(line);
      return takenOutAt(number);
    }
    if (inKey) {
      // A key that is not closed ends where Markdown goes on.
      if (/^\s*(?:```|~~~|#{1,6} )/.test(line) || line.trim() === '') inKey = line.trim() === '' && /^[A-Za-z0-9+/=]{20,}\s*$|-----END/.test(all[index + 1] ?? '');
      else {
        inKey = !/-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/.test(line);
        return takenOutAt(number);
      }
      return line;
    }
    const { line: clean, what } = lineWithout(line, number);
    for (const each of what) taken.push({ line: number, what: each });
    return clean;
  });
  return { text: lines.join('\n'), taken };
}
