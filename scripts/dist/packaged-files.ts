/** What a package holds, read from the package: the list that test/desktop/packaged-files.txt is compared with. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { getRawHeader } from '@electron/asar';

interface Entry {
  files?: Record<string, Entry>;
  unpacked?: boolean;
  link?: string;
}

/** What is in the archive, by its path there with forward slashes; whether it lies beside it instead. */
export function archived(archive: string): { path: string; unpacked: boolean }[] {
  const visit = (entry: Entry, path: string): { path: string; unpacked: boolean }[] =>
    entry.files === undefined ? [{ path, unpacked: entry.unpacked === true }] : Object.entries(entry.files).flatMap(([name, child]) => visit(child, path === '' ? name : `${path}/${name}`));
  return visit(getRawHeader(archive).header, '');
}

/** Names that change with their content, of our own builds. */
const withoutHash = (path: string): string => (path.startsWith('app.asar/dist/') ? path.replace(/-[\w-]{8}(?=\.\w+$)/, '-HASH') : path);

/**
 * Everything in the `resources` folder of a package, sorted, with forward slashes: what is in the archive as
 * `app.asar/…`, and what lies beside it under its own name.
 */
export function packagedFiles(resources: string): string[] {
  const inside = archived(join(resources, 'app.asar')).filter(({ unpacked }) => !unpacked).map(({ path }) => `app.asar/${path}`);
  const beside = readdirSync(resources, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(resources.length + 1).replaceAll('\\', '/'))
    .filter((path) => path !== 'app.asar');
  return [...inside, ...beside].map(withoutHash).sort((a, b) => (a < b ? -1 : 1));
}
