/** What an installation may run and fetch: only what somebody looked at, byte for byte. */
import { expect, test } from 'vitest';
import lock from '../../package-lock.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };

interface Entry {
  /** Its real name, where it is installed under another one. */
  name?: string;
  integrity?: string;
  hasInstallScript?: boolean;
}
const entries = Object.entries(lock.packages as Record<string, Entry>).filter(([place]) => place !== '');
const nameOf = ([place, entry]: [string, Entry]): string => entry.name ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

test('every package that would run something when it is installed was decided about, by its real name', () => {
  const undecided = entries.filter(([, entry]) => entry.hasInstallScript === true).map(nameOf).filter((name) => !Object.hasOwn(manifest.allowScripts, name));
  expect(undecided).toEqual([]);
});
test('every package is bound to its bytes', () => {
  expect(entries.length).toBeGreaterThan(100);
  expect(entries.filter(([, entry]) => !(entry.integrity ?? '').startsWith('sha512-')).map(([place]) => place)).toEqual([]);
});
