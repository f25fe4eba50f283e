/**
 * Text that people wrote, whatever the editor of their system made of it: with or without a byte order mark, with lines
 * that end in LF or CRLF, and UTF-16 as Windows' own shell writes it. What we write is UTF-8 without a mark, with LF.
 */

/** The text of a file, without its mark. */
export function textOf(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return withoutMark(bytes.toString('utf8'));
}

/** Pasted text may bring the mark of its file along. */
export const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);

/** The lines of a text, without their ends. */
export const linesOf = (text: string): string[] => withoutMark(text).split(/\r*\n/);
