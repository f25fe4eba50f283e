/** A file as text, or why it is none. */

/** Bytes; the engine takes as many characters. */
const largest = 4_000_000;
export const largestGuideWords = 'A guide is a text in UTF-8 of at most 4 MB.';

export async function readAsText(file: Pick<Blob, 'size' | 'arrayBuffer'>): Promise<{ text: string } | { why: string }> {
  if (file.size > largest) return { why: 'is too large' };
  if (file.size === 0) return { why: 'is empty' };
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    return { why: 'could not be read' };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? { why: 'is no text' } : { text };
  } catch {
    return { why: 'is not written in UTF-8' };
  }
}
