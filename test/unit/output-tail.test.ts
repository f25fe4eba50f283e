import { describe, expect, it } from 'vitest';
import { createTail } from '#engine/children/output.ts';

/** The tail of a stream that came in these chunks. */
function tailOf(limit: number, ...chunks: string[]): string {
  const tail = createTail(limit);
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail.text();
}

describe('the tail of an output', () => {
  const longLine = 'x'.repeat(200_000);

  it('begins with a whole line, however the stream was cut', () => {
    expect([tailOf(10, `${longLine}\nend\n`), tailOf(10, `${longLine}\n`, 'end\n'), tailOf(10, longLine, '\nend\n')]).toEqual(['end\n', 'end\n', 'end\n']);
  });

  it('is the end of a line that is longer', () => {
    expect(tailOf(10, longLine)).toBe('x'.repeat(10));
  });

  it('is all of a short output', () => {
    expect(tailOf(10, 'begin\n', 'end')).toBe('begin\nend');
  });

  it('is nothing where nothing is to be kept', () => {
    expect(tailOf(0, longLine)).toBe('');
  });
});
