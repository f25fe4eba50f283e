/**
 * A process of its own for electron-builder, which says what it does on its own streams, waits long for a network and
 * cannot be called off: `node scripts/dist/packer.ts OPTIONS`, the options as JSON. What became of it is told to the
 * process that started it.
 */
import { pack, type PackOptions } from './pack.ts';

export type FromPacker =
  | { type: 'electron' }
  | { type: 'made'; files: string[] }
  /** `code`: of the network or the file system, where it is one of theirs. */
  | { type: 'failed'; code: string | null; message: string };

const tell = async (told: FromPacker): Promise<void> => await new Promise((resolve) => void process.send?.(told, () => resolve()));

// Whoever started it is gone: nobody waits for what it makes.
process.once('disconnect', () => process.exit(1));

try {
  const options = JSON.parse(process.argv[2] ?? '') as Omit<PackOptions, 'onElectron'>;
  const files = await pack({ ...options, onElectron: () => void tell({ type: 'electron' }) });
  await tell({ type: 'made', files });
} catch (error) {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  await tell({ type: 'failed', code, message: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
// A download that failed holds on to its line for half a minute more.
process.exit();
