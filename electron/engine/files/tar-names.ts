/** Names in an archive: which are safe, and how those are written that are no text. */

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A name to be looked up by: one character for each byte, so that different names stay different. */
export const keyOf = (name: Buffer): string => name.toString('latin1');
export const nameOf = (key: string): Buffer => Buffer.from(key, 'latin1');

/** As it is shown and written down. What is no text has its other bytes as \xHH; null as `raw` where it is text as it is. */
export function written(name: Buffer): { text: string; raw: string | null } {
  try {
    return { text: decoder.decode(name), raw: null };
  } catch {
    return { text: name.toString('latin1').replaceAll(/[\u0080-\u00ff\\]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`), raw: name.toString('base64') };
  }
}

/** Why nothing may be written by this name; null where it stays in its folder. The empty name is that folder. */
export function whyUnsafe(name: Buffer): string | null {
  if (name[0] === 0x2f) return 'its name begins with /';
  if (name.includes(0)) return 'its name holds a NUL character';
  if (keyOf(name).split('/').some((part, index) => part === '..' || part === '.' || (part === '' && (index > 0 || name.length > 0)))) return 'its name leads elsewhere, or is not in its plain form';
  return null;
}

/** The folders above a name, the topmost first. */
export function above(key: string): string[] {
  const parts = key.split('/').slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
}

/** Whether a name is one of these paths or below one of them; keys without a slash in front. */
export const isAtOrBelow = (key: string, paths: readonly string[]): boolean => paths.some((path) => path === '' || key === path || key.startsWith(`${path}/`));
