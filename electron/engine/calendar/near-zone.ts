import { nearest } from '../runbooks/format/index.ts';

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9/]/g, '');
const cityOf = (name: string): string => plain(name.slice(name.lastIndexOf('/') + 1));

/** The name of a zone that somebody may have meant by one that does not exist; null where none is near. */
export function nearZone(name: string): string | null {
  const all = Intl.supportedValuesOf('timeZone');
  const wanted = plain(name);
  if (wanted === '') return null;
  return all.find((each) => plain(each) === wanted) ?? nearest(name, all) ?? all.find((each) => cityOf(each) === cityOf(name)) ?? all.find((each) => each.endsWith(`/${nearest(cityOf(name), all.map(cityOf)) ?? ' '}`)) ?? null;
}
