import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readArchiveList, type Archive } from '#engine/restore/archive.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

/** An archive that is read by a script in the place of pg_restore. */
async function readBy(script: string): Promise<Archive> {
  const folder = await temporaryFolder('archive');
  const path = join(folder, 'pg_restore');
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { tool: { name: 'pg_restore', path, version: '15.18', major: 15 }, path: join(folder, 'dump'), folder };
}

it.each([
  ['is killed', 'kill -KILL $$', 'postgres.tool-failed'],
  ['cannot be started', 'exit 127', 'postgres.tool-failed'],
  ['lacks memory', 'echo "pg_restore: error: out of memory" >&2; exit 1', 'postgres.tool-failed'],
  ['says that it cannot read it', 'echo "pg_restore: error: input file appears to be a text format dump" >&2; exit 1', 'backup.damaged'],
])('an archive whose pg_restore %s is judged by that', async (_what, script, code) => {
  await expect(readArchiveList(await readBy(script))).rejects.toMatchObject({ code });
});
