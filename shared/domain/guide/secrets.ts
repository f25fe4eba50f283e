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
const noSecret = /^(?:|\*+|x{3,}|\.{3,}|…|-+|<[^>]*>|\$\{?[A-Za-z_]\w*(?::?[-?][^}]*)?\}?|\$\([^)]*\)|%\w+%|\{\{[^}]*\}\}|\[[^\]]*\]|(?:your|my|the|some|any|new|old)[^\d\s]*|\w+\(\d+\)|(?:sha|md|utf)-?\d+|change[-_]?me\S*|example|placeholder|redacted|secret|password|passwort|passwd|token|key|none|null|true|false|required|optional|enabled|disabled|string|text|prompt|ask|see|stored|kept|vault|env|md5|scram-sha-256|trust|peer|hash|reset|resets|policy|policies|manager|issues?|file|expired|rotation|process\.env\.\S*|os\.environ\S*|⟨.*|\$2[aby]\$\d\d?\$\.{3}.*)$/i;

/** Of what only looks like one. */
const apparent = 'what looks like a password';

interface Pattern {
  what: string;
  /** Its group `secret` is taken out. */
  pattern: RegExp;
}

const patterns: readonly Pattern[] = [
  { what: 'a password in an address', pattern: /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"'`<>]*:(?<secret>[^\s@"'`<>]{1,200})@/gdi },
  { what: 'an access key of AWS', pattern: /(?<![A-Za-z0-9/+=])(?<secret>(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16})(?![A-Za-z0-9])/gd },
  { what: 'a secret key of AWS', pattern: /aws_?(?:secret_?)?(?:access_?)?key["']?\s*[:=]\s*["']?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])/gdi },
  { what: 'an account key', pattern: /\b(?:account|shared ?access|storage)[-_ ]?key["']?\s*[:=]\s*["']?(?<secret>[A-Za-z0-9/+]{40,200}={0,2})/gdi },
  { what: 'a token (JWT)', pattern: /(?<![\w-])(?<secret>eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})/gd },
  { what: 'a token', pattern: /(?<![\w-])(?<secret>(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk_(?:live|test)_[A-Za-z0-9]{10,}|rk_live_[A-Za-z0-9]{10,}|AIza[\w-]{30,}|npm_[A-Za-z0-9]{30,}|dop_v1_[a-f0-9]{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|hooks\.slack\.com\/services\/[\w/]{20,}|sk-[\w-]{20,}|whsec_\w{16,}|hv[sb]\.[\w-]{20,}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|\d{8,10}:AA[\w-]{30,}))/gd },
  { what: 'a token', pattern: /\/api\/webhooks\/\d{10,}\/(?<secret>[\w-]{30,})/gd },
  { what: 'a signature in an address', pattern: /[?&](?:sig|X-Amz-Signature|signature)=(?<secret>[^\s&"'`<>)]{16,400})/gdi },
  { what: 'a bearer token', pattern: /\b(?:Bearer|Basic)\s+(?<secret>[A-Za-z0-9._~+/=-]{12,})/gd },
  { what: 'a line of .pgpass', pattern: /^\s*[\w.*-]+:(?:\d{1,5}|\*):[\w.*-]+:[\w.*-]+:(?<secret>\S+)\s*$/gd },
  { what: 'a password hash', pattern: /(?<secret>\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|\$(?:apr1|[1567y]|argon2i?d?)\$[./A-Za-z0-9$=,+-]{16,200}|SCRAM-SHA-256\$\d+:[^\s"']+|\bmd5[0-9a-f]{32}\b)/gd },
  // What is said in quotes may have blanks in it; else it is one word.
  { what: 'a password', pattern: /(?:pass(?:word|wd|phrase|wort)?|pwd|kennwort|mot de passe|contrase[nñ]a|senha|wachtwoord|has[lł]o|パスワード|密码)(?:\*\*|\\?["'`]|<\/\w+>)*\s*(?:\bis\b|\bist\b|\blautet\b|=>|:=|[:=：])\s*(?:\*\*|<\/?\w+>|\\(?="))*\s*(?:"(?<quoted>[^"\n]{1,200})"|'(?<single>[^'\n]{1,200})'|`(?<ticked>[^`\n]{1,200})`|(?<secret>(?:[^\s"'`,;|)\\]|,(?=\S)){3,200}))/gdi },
  { what: 'a password', pattern: /\b(?:PASSWORD|IDENTIFIED\s+BY)\s+(?:'(?<single>[^'\n]{1,200})'|"(?<quoted>[^"\n]{1,200})")/gdi },
  { what: 'a password', pattern: /(?:^|\s)(?:sshpass\s+-p|mysql\S{0,20}(?=\s).{0,300}?\s-p(?!assword)|docker\s+login(?=\s).{0,300}?\s-p\s|curl\s.{0,300}?(?:-u|--user)\s+["']?[^\s:"']+:|--?pass(?:word|wd|phrase)?\s|requirepass\s|masterauth\s)\s*["']?(?<secret>[^\s"']{3,200})/gd },
  // Where nothing but its place says that it is one, it has to look like one.
  { what: apparent, pattern: /(?:pass(?:word|wd|phrase|wort)|kennwort|\bpwd|mot de passe|contrase[nñ]a|senha)(?:\*\*)?\s*(?:[→|–—]|->|(?=`))\s*(?:\*\*)?(?:`(?<ticked>[^\s`]{6,200})`|(?<secret>[^\s"'`|*]{6,200}))/gdi },
  { what: apparent, pattern: /(?:credentials?|login|zugang|zugangsdaten|user)(?:\*\*)?\s*[:：|](?:\*\*)?\s*`?[\w.@-]{2,60}`?\s*[/|]\s*`?(?<secret>[^\s"'`|/]{6,200})/gdi },
  { what: 'a key or token', pattern: /(?:api[-_ ]?key|secret(?:[-_ ]?key(?:[-_]base)?)?|access[-_ ]?(?:key|token)|auth[-_ ]?token|(?<![a-z])token|client[-_ ]?secret|private[-_ ]?key|encryption[-_ ]?key|jwt[-_ ]?secret)\**["'`]?\s*(?:=>|:=|[:=])\s*\**\s*(?:"(?<quoted>[^"\s\n]{6,400})"|'(?<single>[^'\s\n]{6,400})'|`(?<ticked>[^`\s\n]{6,400})`|(?<secret>[^\s"'`,;|)]{8,400}))/gdi },
];

/** One look that lets most lines pass. */
const worthALook = /pass|pwd|kennwort|contrase|senha|wachtwoord|has[lł]o|パス|密码|secret|token|key|zugang|credential|login|user|:\/\/|AKIA|ASIA|AROA|AIDA|eyJ|gh[pousr]_|github_pat|glpat|xox|sk[_-]|rk_live|AIza|npm_|dop_v1|SG\.|hooks\.slack|whsec|hv[sb]\.|sig|Bearer|Basic|\$\w+\$|SCRAM|md5|curl|mysql|docker|IDENTIFIED|masterauth|:\S+:\S+:|:AA/i;

const looksSecret = (value: string): boolean => value.length >= 6 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/^(?:https?:|\/|\d+(?:\.\d+)*[a-z]{1,5}$)/i.test(value);
/** A key or token has figures in it, or letters of both sizes as nobody writes them; a word of prose behind "Token:" has not. */
const looksToken = (value: string): boolean => /[A-Za-z]/.test(value) && (/\d/.test(value) || (value.length >= 20 && /^[\w-]+$/.test(value) && /[a-z][A-Z][A-Za-z]*[a-z]/.test(value) && /[A-Z]{2}/.test(value)));

interface Span {
  from: number;
  to: number;
  what: string;
}

/** What is longer is looked through in pieces, which overlap by more than what is looked for is long. */
const longestPiece = 10_000;
const overlap = 1000;

/** @param spans in which those of this piece that are not among them yet are put */
function addSpans(piece: string, at: number, spans: Span[]): void {
  if (!worthALook.test(piece)) return;
  // Only the last of those of the piece before reach into this one.
  const near = spans.slice(-overlap).filter(({ to }) => to > at);
  for (const { what, pattern } of patterns) {
    for (const found of piece.matchAll(pattern)) {
      const name = ['quoted', 'single', 'ticked', 'secret'].find((each) => found.groups?.[each] !== undefined);
      const [from, to] = (name === undefined ? undefined : found.indices?.groups?.[name]) ?? [0, 0];
      const value = piece.slice(from, to);
      if (to === from || noSecret.test(value.trim()) || near.some((span) => span.from < to + at && from + at < span.to)) continue;
      if (what === apparent && !looksSecret(value)) continue;
      if ((what === 'a key or token' || what === 'a bearer token') && !looksToken(value)) continue;
      const span = { from: from + at, to: to + at, what };
      near.push(span);
      spans.push(span);
    }
  }
}

function lineWithout(line: string, number: number, named: Span | null): { line: string; what: string[] } {
  const spans: Span[] = named === null ? [] : [named];
  for (let at = 0; at === 0 || at < line.length - overlap; at += longestPiece - overlap) addSpans(line.slice(at, at + longestPiece), at, spans);
  if (spans.length === 0) return { line, what: [] };
  const parts: string[] = [];
  let done = 0;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    parts.push(line.slice(done, from), takenOutAt(number));
    done = to;
  }
  return { line: [...parts, line.slice(done)].join(''), what: spans.map(({ what }) => what) };
}

const secretName = /pass(?:word|wd|phrase|wort)\b|kennwort|\bpwd\b|contrase[nñ]a|senha|mot de passe/i;
/** Ends with the name of a secret: what it is stands on the next line. */
const announces = /(?:(?:pass(?:word|wd|phrase|wort)|kennwort)(?:\*\*)?\s*[:：](?:\*\*)?\s*(?:[|>][-+]?)?|name:\s*["']?\w*(?:PASSWORD|SECRET|TOKEN|API_?KEY)\w*["']?)\s*$/i;
const cellsOf = (line: string): { from: number; text: string }[] => {
  const cells: { from: number; text: string }[] = [];
  let from = 0;
  for (const text of line.split('|')) {
    cells.push({ from, text });
    from += text.length + 1;
  }
  return cells;
};
const isTable = (line: string): boolean => line.length < longestPiece && line.includes('|');

/** What lines above say that a line holds: a column of passwords, or a name that ended one of them. */
function createAbove(): (line: string, next: string) => Span | null {
  let column: number | null = null;
  let isAnnounced = false;
  const spanOf = (text: string, from: number): Span | null => {
    const value = text.trim().replace(/^[`"']+|[`"']+$/g, '');
    const at = text.indexOf(value);
    return value === '' || /\s/.test(value) || noSecret.test(value) || !looksSecret(value) ? null : { from: from + at, to: from + at + value.length, what: apparent };
  };
  return (line, next) => {
    const wasAnnounced = isAnnounced;
    if (line.trim() !== '' && !/^\s*(?:```|~~~)/.test(line)) isAnnounced = line.length < longestPiece && announces.test(line);
    if (!isTable(line)) column = null;
    else if (/^[\s|:-]*-[\s|:-]*$/.test(next) && next.includes('|')) {
      const found = cellsOf(line).findIndex(({ text }) => secretName.test(text) && text.trim().length < 40);
      column = found === -1 ? null : found;
      return null;
    } else if (column !== null) {
      const cell = cellsOf(line)[column];
      return cell === undefined ? null : spanOf(cell.text, cell.from);
    }
    if (!wasAnnounced || line.length > 400) return null;
    const before = /^\s*(?:value:\s*)?/.exec(line)?.[0].length ?? 0;
    return spanOf(line.slice(before), before);
  };
}

const beginsKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
const endsKey = /-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----/;
/** Lines of a key; it is looked for its end no further. */
const longestKey = 400;

/** @returns the text with as many lines, and what was taken out where */
export function takeOutSecrets(text: string): { text: string; taken: TakenOut[] } {
  const taken: TakenOut[] = [];
  const all = text.split('\n');
  const above = createAbove();
  /** Of the key that it is in; the line after it goes on. */
  let keyEnds = 0;
  const lines = all.map((line, index) => {
    const number = index + 1;
    if (index >= keyEnds && beginsKey.test(line)) {
      taken.push({ line: number, what: 'a private key' });
      keyEnds = index + 1;
      if (!endsKey.test(line)) {
        const rest = all.slice(index + 1, index + 1 + longestKey);
        const end = rest.findIndex((each) => endsKey.test(each));
        // One that is not closed ends where Markdown goes on.
        const open = rest.findIndex((each) => /^\s*(?:```|~~~|#{1,6} )/.test(each) || each.trim() === '');
        keyEnds += end === -1 ? (open === -1 ? rest.length : open) : end + 1;
      }
    }
    if (index < keyEnds) return takenOutAt(number);
    const { line: clean, what } = lineWithout(line, number, above(line, all[index + 1] ?? ''));
    for (const each of what) taken.push({ line: number, what: each });
    return clean;
  });
  return { text: lines.join('\n'), taken };
}
