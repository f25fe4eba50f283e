/** What a file is, by its mode as stat and tar see it. Source: <sys/stat.h>. */
import type { TarType } from './tar-reader.ts';

const kinds: Readonly<Record<number, TarType | 'socket'>> = { 1: 'pipe', 2: 'device', 4: 'folder', 6: 'device', 8: 'file', 10: 'link', 12: 'socket' };

/** What is never made, wherever an archive is brought out. */
export const isSpecial = ({ type }: { type: TarType }): boolean => type === 'pipe' || type === 'device';

/** Null for what nobody has seen yet. */
export const kindOf = (mode: number): TarType | 'socket' | null => kinds[(mode >> 12) & 0xf] ?? null;
