/** What the script printed, in its marked sections. Whatever a host sends, this makes something of it and never throws. */
import type { PieceId } from './script/index.ts';

export interface Section {
  text: string;
  /** How its last command ended. */
  status: number;
}

export interface HostOutput {
  /** What was printed before the script began: by the shell of the account. */
  chatter: string;
  sections: ReadonlyMap<string, Section>;
  /** Whether the script came to its end: a section that is not there was left out on purpose then. */
  whole: boolean;
}

const longestSection = 4_000_000;

/** A section counts only when its own end came; the first of a name is the one. */
export function readOutput(text: string, mark: string): HostOutput {
  const sections = new Map<string, Section>();
  const [before = '', ...rest] = text.split(`\n${mark}`);
  let open: { id: string; text: string } | null = null;
  let whole = false;
  for (const part of rest) {
    const lineEnd = part.indexOf('\n');
    const line = (lineEnd < 0 ? part : part.slice(0, lineEnd)).trimEnd();
    // A line without its end may be half of a number.
    if (lineEnd < 0) break;
    const kind = line.charAt(0);
    if (kind === '+') open = { id: line.slice(1), text: part.slice(lineEnd + 1, lineEnd + 1 + longestSection) };
    else if (kind === '-' && open !== null) {
      const status = Number(line.slice(1));
      if (/^-\d{1,3}$/.test(line) && !sections.has(open.id)) sections.set(open.id, { text: open.text, status });
      open = null;
    } else if (kind === '=') {
      whole = true;
      break;
    }
  }
  return { chatter: before.trim(), sections, whole };
}

/** The sections as checks read them. */
export interface HostSeen {
  /** The text of a section; null where the host has nothing of the kind. */
  text(id: PieceId): string | null;
  /** Its lines without those that are empty; none where it is not there. */
  lines(id: PieceId): string[];
  /** How its last command ended; null where it is not there. */
  status(id: PieceId): number | null;
  /** Whether it was left out, or cut off, since the look ended before it. */
  cut(id: PieceId): boolean;
}

/**
 * The sections that a check has said it reads: only those are sent for it, and known to have come to their end.
 * @throws for any other, which is a fault of the check
 */
export function seenBy(reads: readonly PieceId[], seen: HostSeen): HostSeen {
  const allowed = new Set(reads);
  const guarded = <Result>(read: (id: PieceId) => Result) => (id: PieceId): Result => {
    if (!allowed.has(id)) throw new Error(`a check reads "${id}", which it does not say`);
    return read(id);
  };
  return { text: guarded(seen.text), lines: guarded(seen.lines), status: guarded(seen.status), cut: guarded(seen.cut) };
}

export function seenIn({ sections, whole }: Pick<HostOutput, 'sections' | 'whole'>): HostSeen {
  const text = (id: PieceId): string | null => sections.get(id)?.text ?? null;
  return {
    text,
    lines: (id) => (text(id) ?? '').split('\n').map((line) => line.trimEnd()).filter((line) => line !== ''),
    status: (id) => sections.get(id)?.status ?? null,
    cut: (id) => !whole && !sections.has(id),
  };
}
