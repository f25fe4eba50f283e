/** A key of an entry, made of its title: "Restore drill" becomes "restore-drill", or "restore-drill-2" where that is taken. */
export function freeKey(title: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  const slug = title.normalize('NFKD').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 50).replace(/-+$/, '') || 'entry';
  if (!known.has(slug)) return slug;
  for (let number = 2; ; number += 1) if (!known.has(`${slug}-${number}`)) return `${slug}-${number}`;
}
