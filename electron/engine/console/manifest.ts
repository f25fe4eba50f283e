/** The list of what was built for the page, made by the build: nothing else is ever served. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const fileName = 'manifest.json';

/** Paths as requests name them, each with the SHA-256 of the file, in hexadecimal. */
export const manifest = z.strictObject({ files: z.record(z.string().regex(/^\/[\w.@-]+(?:\/[\w.@-]+)*$/), z.string().regex(/^[0-9a-f]{64}$/)) });
export type Manifest = z.infer<typeof manifest>;

export function digestOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** @throws Error where there is none, or it is not what the build writes */
export function readManifest(folder: string): Manifest {
  return manifest.parse(JSON.parse(readFileSync(join(folder, fileName), 'utf8')));
}

/** Names every file of a folder that was just built. Links are left out: what is served is what was built. */
export function writeManifest(folder: string): void {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== fileName)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const files = Object.fromEntries(paths.map((path) => [path.slice(folder.length).replaceAll('\\', '/'), digestOf(readFileSync(path))]));
  writeFileSync(join(folder, fileName), `${JSON.stringify(manifest.parse({ files }), null, 1)}\n`);
}
