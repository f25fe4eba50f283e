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

const asked = (field: 'dependencies' | 'devDependencies' | 'optionalDependencies', from: object = manifest): Record<string, string> => (from as Record<string, Record<string, string> | undefined>)[field] ?? {};
const fields = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

test('the lockfile is that of package.json, version by version', () => {
  const root = (lock.packages as Record<string, object>)[''] ?? {};
  expect(fields.map((field) => asked(field, root))).toEqual(fields.map((field) => asked(field)));
});
test('every package that is asked for is asked for in one exact version', () => {
  const loose = fields.flatMap((field) => Object.entries(asked(field))).filter(([, version]) => !/^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version));
  expect(loose).toEqual([]);
});
/** Which majors are supported changes every two months: whoever makes a release looks at Electron's own list. */
test('Electron is one exact version, the same in package.json and in the lockfile', () => {
  const { electron = '' } = asked('devDependencies');
  expect([electron, (lock.packages as Record<string, { version?: string }>)['node_modules/electron']?.version]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+$/) as string, electron]);
});
