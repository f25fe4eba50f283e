import { StringDecoder } from 'node:string_decoder';

/** Longest line handed on in one piece, in characters; a stream without line ends must not fill the memory. */
const longestLine = 64 * 1024;

/** Keeps the last bytes of a stream. */
export interface Tail {
  push(chunk: Buffer): void;
  text(): string;
}

/**
 * A tail of at most `limit` bytes, decoded as UTF-8 from the first whole line: of a secret that was cut nobody could
 * tell any more that it is one. Of a line longer than that, its last whole characters.
 */
export function createTail(limit: number): Tail {
  let chunks: Buffer[] = [];
  let size = 0;
  return {
    push(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      // Joined only now and then, so that many small chunks do not cost a copy of the tail each.
      if (size > 2 * limit + 65_536) {
        // One byte more than is wanted: by it `text` sees that something was cut off.
        const kept = Buffer.concat(chunks).subarray(-(limit + 1));
        chunks = [Buffer.from(kept)];
        size = kept.length;
      }
    },
    text() {
      const whole = Buffer.concat(chunks);
      if (whole.length <= limit) return whole.toString('utf8');
      let start = whole.length - limit;
      const lineEnd = whole.indexOf(0x0a, start - 1);
      if (lineEnd !== -1 && lineEnd < whole.length - 1) return whole.toString('utf8', lineEnd + 1);
      while (start < whole.length && ((whole[start] ?? 0) & 0xc0) === 0x80) start += 1;
      return whole.toString('utf8', start);
    },
  };
}

/** Cuts a stream into lines. `end` hands on a last line that had no line end. */
export interface LineReader {
  push(chunk: Buffer): void;
  end(): void;
}

/** Calls `onLine` for each line without its line end; lines over 64 Ki characters come in pieces of that size. */
export function createLineReader(onLine: (line: string) => void): LineReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string): void => {
    rest += text;
    let start = 0;
    for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n', start)) {
      onLine(rest.slice(start, end > start && rest[end - 1] === '\r' ? end - 1 : end));
      start = end + 1;
    }
    for (; rest.length - start > longestLine; start += longestLine) onLine(rest.slice(start, start + longestLine));
    rest = rest.slice(start);
  };
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
