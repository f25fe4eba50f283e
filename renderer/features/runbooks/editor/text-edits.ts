/** Changes to the text of a runbook that the screen makes. Pure. */
import type { MethodOutput } from '#shared/contract/index.ts';

export type Problem = MethodOutput<'runbook.check'>['problems'][number];

/** What a new runbook begins with: it has no errors, and shows what a step is made of. */
export const template = `schema: runbook/1
id: look-at-a-disk
title: Look at a disk
version: "1.0.0"
summary: How much room is left, and whether it is enough
tags: [routine]
estimate: 5m

targets:
  host: { kind: ssh, label: Host to look at }

params:
  folder: { type: path, label: Folder whose disk is meant, default: /var }

steps:
  - id: space
    title: Room that is left
    target: host
    sh: df -P -k {{ folder }}
    risk: read
    expect:
      - { exit: 0, say: The folder is there }

  - id: enough
    title: Enough for a week
    manual: Look at the figures above. Is there room for another week?
    confirm: checkbox
`;

/** The text with its day of review: in its line, or in a new one below the version. @param day "2026-01-31" */
export function withReview(text: string, day: string): string {
  const line = /^reviewed_on:.*$/m;
  if (line.test(text)) return text.replace(line, `reviewed_on: "${day}"`);
  const after = /^version:.*$/m.exec(text) ?? /^title:.*$/m.exec(text) ?? /^schema:.*$/m.exec(text);
  if (after === null) return `reviewed_on: "${day}"\n${text}`;
  const at = after.index + after[0].length;
  return `${text.slice(0, at)}\nreviewed_on: "${day}"${text.slice(at)}`;
}

export function idOf(text: string): string {
  return /^id:\s*["']?([a-z0-9][a-z0-9-]*)["']?\s*(?:#.*)?$/m.exec(text)?.[1] ?? '';
}

export function withId(text: string, id: string): string {
  return /^id:.*$/m.test(text) ? text.replace(/^id:.*$/m, `id: ${id}`) : `id: ${id}\n${text}`;
}

/** Where a line and column, counted from 1, are in a text; past its end is its end. */
export function offsetAt(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) return text.length;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  return Math.min(start + Math.max(0, column - 1), end < 0 ? text.length : end);
}

export interface Difference {
  text: string;
  /** Not in the other text. */
  only: boolean;
}

const longestCompared = 3000;

/** The lines of two texts, with those apart that the other has not. */
export function differences(mine: string, theirs: string): { mine: Difference[]; theirs: Difference[] } {
  const a = mine.split('\n');
  const b = theirs.split('\n');
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const left = a.slice(head, a.length - tail);
  const right = b.slice(head, b.length - tail);
  const kept = left.length > longestCompared || right.length > longestCompared ? { left: new Set<number>(), right: new Set<number>() } : common(left, right);
  const marked = (lines: string[], inner: number, same: ReadonlySet<number>): Difference[] => lines.map((text, index) => ({ text, only: index >= head && index < head + inner && !same.has(index - head) }));
  return { mine: marked(a, left.length, kept.left), theirs: marked(b, right.length, kept.right) };
}

/** Which lines belong to the longest sequence that both have. */
function common(left: readonly string[], right: readonly string[]): { left: Set<number>; right: Set<number> } {
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = left[i] === right[j] ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const found = { left: new Set<number>(), right: new Set<number>() };
  for (let i = 0, j = 0; i < left.length && j < right.length; ) {
    if (left[i] === right[j]) {
      found.left.add(i);
      found.right.add(j);
      i += 1;
      j += 1;
    } else if ((lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return found;
}
