/** An archive on its way to a tar that would make everything in it: pipes and devices are taken out before. */
import { isSpecial } from './kinds.ts';
import { createTarReader, tarBlock, tarPadding, type TarEntry } from './tar-reader.ts';

/**
 * Everything else passes byte for byte.
 * @param archive uncompressed
 * @throws backup.damaged where it is no whole archive; what reading it throws
 */
export async function* withoutSpecial(archive: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const begun: TarEntry[] = [];
  const reader = createTarReader((entry) => {
    begun.push(entry);
    return null;
  });
  /** Headers of an entry that nobody has named yet: a long name comes before it. */
  let held: Buffer[] = [];
  /** Bytes of the file that is passed at the moment, with what fills its last block. */
  let bodyLeft = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of archive) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const passed: Buffer[] = [];
    while (rest.length >= (bodyLeft > 0 ? 1 : tarBlock)) {
      const piece = rest.subarray(0, bodyLeft > 0 ? bodyLeft : tarBlock);
      rest = rest.subarray(piece.length);
      await reader.push(piece);
      if (bodyLeft > 0) {
        bodyLeft -= piece.length;
        passed.push(piece);
        continue;
      }
      const entry = begun.pop();
      // What ends the archive announces nothing, and may be as long as it likes.
      const isEnd = held.length === 0 && piece.every((byte) => byte === 0);
      held.push(piece);
      if (entry === undefined && !isEnd) continue;
      if (entry === undefined || !isSpecial(entry)) passed.push(...held);
      held = [];
      bodyLeft = entry === undefined ? 0 : entry.size + tarPadding(entry.size);
    }
    if (passed.length > 0) yield Buffer.concat(passed);
  }
  await reader.push(rest);
  await reader.end();
}
