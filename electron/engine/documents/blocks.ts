/** A document as blocks, before it is Markdown or HTML. Ours are plain texts; what others wrote is marked as theirs, so that neither can be taken for markup. */

/** The colours that mean a state; there is always a word beside them. */
export type Tone = 'ok' | 'warn' | 'critical' | 'unknown' | 'skipped' | 'running';

/** A piece of a sentence: words of ours, words of somebody, or something to be read letter by letter. */
export type Piece = string | { said: string } | { code: string };
export type Words = readonly Piece[];

export type Block =
  | { kind: 'title'; words: Words; tone: Tone; state: string }
  | { kind: 'banner'; tone: Tone; words: Words }
  | { kind: 'heading'; level: 2 | 3; words: Words; /** Where it is about a step: what came of it. */ state: { word: string; tone: Tone } | null }
  | { kind: 'paragraph'; words: Words }
  | { kind: 'facts'; rows: readonly (readonly [label: string, words: Words])[] }
  | { kind: 'list'; items: readonly Words[] }
  /** What was expected; `ok` null: nobody has looked. */
  | { kind: 'expectations'; items: readonly { ok: boolean | null; say: string; seen: string | null }[] }
  | { kind: 'code'; label: Words; text: string }
  | { kind: 'image'; name: string; media: string; base64: string }
  | { kind: 'log'; rows: readonly { seq: number; at: string; local: string; actor: string; text: string; hash: string }[] };

export const said = (text: string): Piece => ({ said: text });
export const code = (text: string): Piece => ({ code: text });
/** Line ends are kept; one of another system begins no line of its own. */
export const codeBlock = (label: string | Words, text: string): Block => ({ kind: 'code', label: typeof label === 'string' ? [label] : label, text: text.replaceAll(/\r\n?/g, '\n') });
export const paragraph = (...words: Piece[]): Block => ({ kind: 'paragraph', words });
export const heading = (level: 2 | 3, ...words: Piece[]): Block => ({ kind: 'heading', level, words, state: null });

/** Facts of which those that are not known are left out. */
export const facts = (...rows: readonly (readonly [label: string, words: Words | null])[]): Block => ({ kind: 'facts', rows: rows.flatMap(([label, words]) => (words === null ? [] : [[label, words] as const])) });

/** Verdict in words beside its sign: signs alone are not read to who listens. */
export const verdictWords = (ok: boolean | null): { sign: string; word: string } => (ok === null ? { sign: '☐', word: 'not looked at' } : ok ? { sign: '✔', word: 'met' } : { sign: '✘', word: 'not met' });
