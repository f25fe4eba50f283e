import { expect, test } from 'vitest';
import { openGate } from '#engine/postgres/gate.ts';
import type { RunFolder } from '#engine/postgres/run-folder.ts';
import { noLines } from '#test/no-lines.ts';

test('on Windows nobody of this computer is let through to a database behind a host', async () => {
  const place = { label: 'shop', host: 'localhost', port: 5432, database: 'shop', user: 'ann', viaId: 'db-1', through: 'db-1' };
  const gate = openGate(place, { connection: { tls: { mode: 'disable', ca: null } }, timeoutMs: 1000, lines: noLines, pin() {}, runFolder: {} as RunFolder, platform: 'win32' });
  await expect(gate).rejects.toMatchObject({ code: 'postgres.tool-missing', hint: expect.stringContaining('programs of the host') as string });
});
