/** Text of Markdown as people read it: without emphasis, links and the signs in front of headings. Pure. */

/** Without marks of emphasis and code; of a link its words, of an image what it shows. */
export function plain(text: string): string {
  // Most lines have nothing of the kind.
  if (!/[*_`<[\\]/.test(text)) return text.replaceAll(/[ \t]+/g, ' ').trim();
  return text
    .replaceAll(/!\[([^\]]*)\]\(([^)\s]*)[^)]*\)/g, (_all, alt: string, url: string) => `(image: ${alt === '' ? url : alt})`)
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll(/<((?:https?:\/\/|mailto:)[^>\s]+)>/g, '$1')
    .replaceAll(/(\*\*|__)(?=\S)([\s\S]*?\S)\1/g, '$2')
    .replaceAll(/(^|[\s(])([*_])(?=[^\s*_])([^*_\n]*[^\s*_])\2(?=[\s).,:;!?]|$)/g, '$1$3')
    .replaceAll(/`+([^`]+)`+/g, '$1')
    .replaceAll(/<\/?[a-z][a-z0-9-]*(?:\s[^<>]*)?\/?>/gi, ' ')
    .replaceAll(/\\([\\`*_{}[\]()#+.!|<>-])/g, '$1')
    .replaceAll(/[ \t]+/g, ' ')
    .trim();
}

/** A heading as a title: without pictures in front, numbers ("3.2", "Step 3:") kept out, and no colon behind. */
export function titleOf(text: string): string {
  const bare = plain(text)
    .replaceAll(/\s+/g, ' ')
    .replace(/^[^\p{L}\p{N}("'<$./]+/u, '')
    .replace(/^\d+(?:\.\d+)*[.)]\s+(?=\S)/, '')
    .replace(/\s*[::]\s*$/, '')
    .trim();
  return bare === '' ? plain(text) : bare;
}

/** For comparing: small letters without accents. */
export const folded = (text: string): string => (/^\p{ASCII}*$/u.test(text) ? text.toLowerCase() : withoutAccents(text));

const withoutAccents = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'l')
    .toLowerCase();

/** "wal-full" of "WAL full!": what a key can be. */
export function slug(text: string, longest = 60): string {
  return folded(text)
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+/g, '')
    .slice(0, longest)
    .replaceAll(/-+$/g, '');
}

/** What stands in bold, or before a colon, in front of the rest: "**Phone**: +1 555 0100". Null: nothing does. */
export function leadOf(text: string): { lead: string; rest: string } | null {
  const bold = /^\s*(?:\*\*|__)(.+?)(?:\*\*|__)\s*(.*)$/s.exec(text);
  if (bold !== null) return { lead: titleOf(bold[1] ?? ''), rest: (bold[2] ?? '').replace(/^\s*[::–—-]\s*/, '').trim() };
  // The colon of a time does not end it.
  const colon = /^\s*((?:[^\n::|`]|\d:(?=\d)){2,60})[::]\s+(\S.*)$/s.exec(text);
  return colon === null || /https?$/.test(colon[1] ?? '') ? null : { lead: titleOf(colon[1] ?? ''), rest: (colon[2] ?? '').trim() };
}

/** Whether it stands in bold as a whole, with a colon or brackets behind at most: a heading that was not written as one. */
export function boldLine(text: string): string | null {
  const found = /^\s*(?:\*\*|__)([^*_\n]+?)(?:\*\*|__)\s*[::]?\s*$/.exec(text);
  return found === null ? null : titleOf(found[1] ?? '');
}

/** A short line that ends with a colon announces what follows. */
export function announced(text: string): string | null {
  const bold = boldLine(text);
  if (bold !== null) return bold;
  const found = /^([^\n]{2,60})[::]\s*$/.exec(text.trim());
  return found === null ? null : titleOf(found[1] ?? '');
}
