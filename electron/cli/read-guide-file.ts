import { readFile, stat } from 'node:fs/promises';
import { largestGuide } from '#shared/contract/guides.ts';
import { UsageError } from './failures.ts';

/** The text of a guide. @throws UsageError where it cannot be read */
export async function readGuideFile(path: string): Promise<string> {
  let bytes: Buffer;
  try {
    const facts = await stat(path);
    // Nobody waits for a pipe or a device, whose size says nothing.
    if (!facts.isFile()) throw new UsageError(`${path} is no plain file.`, 'Name a guide, a Markdown file.');
    if (facts.size > largestGuide) throw new UsageError(`${path} has ${facts.size} bytes, and a guide at most ${largestGuide}.`, 'Split it, and import its parts.');
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Name a guide, a Markdown file.');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path} is no text in UTF-8.`, 'Save it in that encoding.');
  }
}
