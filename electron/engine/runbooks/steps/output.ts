/** What a step says: its first and its last parts are kept, and its lines are told, as far as they are few. */
import { spanInWords } from '../../backup/words.ts';
import { createLineReader } from '../../children/output.ts';
import { serverText } from '../../ssh/server-text.ts';
import type { StepOperation } from './types.ts';

/** Bytes of one output that are kept, from its beginning and from its end. */
export const headBytes = 64 * 1024;
export const tailBytes = 192 * 1024;

export interface KeptOutput {
  push(chunk: Buffer): void;
  /** Bytes that were written there and are not looked at. */
  skip(bytes: number): void;
  /** Of all that was written. */
  readonly bytes: number;
  readonly truncated: boolean;
  /** As it may be shown: what a terminal would obey is taken out. */
  text(): string;
}

/** Text of a server of any length. A carriage return alone begins a line anew, as progress is drawn. */
export const shown = (text: string): string => serverText(text.replace(/\r+(?!\n)/g, '\n'), Number.MAX_SAFE_INTEGER);

/** Keeps both ends of one output, cut at whole lines: of a secret that was cut nobody could tell any more that it is one. */
export function createKeptOutput(limits: { head: number; tail: number } = { head: headBytes, tail: tailBytes }): KeptOutput {
  const head: Buffer[] = [];
  let headSize = 0;
  let tail: Buffer[] = [];
  let tailSize = 0;
  let bytes = 0;
  let isSkipped = false;
  const isTruncated = (): boolean => isSkipped || bytes > limits.head + limits.tail;
  return {
    push(chunk) {
      bytes += chunk.length;
      const ofHead = chunk.subarray(0, limits.head - headSize);
      if (ofHead.length > 0) {
        head.push(Buffer.from(ofHead));
        headSize += ofHead.length;
      }
      if (ofHead.length === chunk.length || limits.tail === 0) return;
      tail.push(Buffer.from(chunk.subarray(ofHead.length)));
      tailSize += chunk.length - ofHead.length;
      // Joined only now and then, so that many small chunks do not cost a copy of the tail each.
      if (tailSize > 2 * limits.tail + 65_536) {
        const kept = Buffer.concat(tail).subarray(-limits.tail);
        tail = [Buffer.from(kept)];
        tailSize = kept.length;
      }
    },
    skip(skipped) {
      bytes += skipped;
      isSkipped = true;
      tail = [];
      tailSize = 0;
    },
    get bytes() {
      return bytes;
    },
    get truncated() {
      return isTruncated();
    },
    text() {
      const first = Buffer.concat(head);
      const last = Buffer.concat(tail);
      if (!isTruncated()) return shown(Buffer.concat([first, last]).toString('utf8'));
      const begins = first.subarray(0, first.lastIndexOf(0x0a) + 1 || first.length);
      const within = last.subarray(Math.max(0, last.length - limits.tail));
      const lineEnd = within.indexOf(0x0a);
      const ends = lineEnd === -1 || lineEnd === within.length - 1 ? within : within.subarray(lineEnd + 1);
      const leftOut = bytes - begins.length - ends.length;
      const end = begins.length === 0 || begins.at(-1) === 0x0a ? '' : '\n';
      return shown(`${begins.toString('utf8')}${end}… ${leftOut.toLocaleString('en-US')} bytes are left out here …\n${ends.toString('utf8')}`);
    },
  };
}

/** Lines that are told as they come, and those that are told at the end where there were more. */
const linesTold = 400;
const lastLines = 20;
const longestLine = 500;
const tellEveryMs = 2000;

export interface Teller {
  stdout(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** What it said last; nobody waits for its next word any more. */
  end(): void;
}

/** One line of what a step says. */
export const tellLine = (operation: Pick<StepOperation, 'log' | 'said'>, text: string): void => (operation.said === undefined ? operation.log('info', text) : operation.said(text));

/** Tells lines into the log of an operation, and that nothing comes. @param from who says it: "web-1" */
export function createTeller(operation: Pick<StepOperation, 'log' | 'progress' | 'said'>, from: string, stallWarnMs: number | null): Teller {
  let told = 0;
  let held = 0;
  let lastToldAt = 0;
  let last: string[] = [];
  const timer = stallWarnMs === null ? null : setTimeout(() => operation.log('warn', `${from} has said nothing for ${spanInWords(stallWarnMs)}; it is waited for all the same`), stallWarnMs);
  const tell = (line: string): void => {
    const text = serverText(line, longestLine);
    if (told < linesTold) {
      told += 1;
      tellLine(operation, text);
      return;
    }
    held += 1;
    last.push(text);
    if (last.length > 2 * lastLines) last = last.slice(-lastLines);
    if (performance.now() - lastToldAt < tellEveryMs) return;
    lastToldAt = performance.now();
    operation.progress({ text: `${from} goes on writing: ${(told + held).toLocaleString('en-US')} lines so far` });
  };
  const readers = { stdout: createLineReader(tell), stderr: createLineReader(tell) };
  const heard = (reader: { push(chunk: Buffer): void }) => (chunk: Buffer): void => {
    timer?.refresh();
    reader.push(chunk);
  };
  return {
    stdout: heard(readers.stdout),
    stderr: heard(readers.stderr),
    end() {
      if (timer !== null) clearTimeout(timer);
      readers.stdout.end();
      readers.stderr.end();
      const shownLast = last.slice(-lastLines);
      if (held > shownLast.length) operation.log('info', `… ${(held - shownLast.length).toLocaleString('en-US')} lines are left out here …`);
      for (const line of shownLast) tellLine(operation, line);
    },
  };
}
