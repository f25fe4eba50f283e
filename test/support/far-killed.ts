/** Engines that are killed while a host makes a dump by itself, and the ones that come after them. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { openFarDump, type FarDump } from './far-dump.ts';
import type { FarPlace } from './far-shop.ts';

/** Runs an engine of its own on the folder until it kills itself. */
export function killAt({ place, root, databaseId, line }: Pick<FarDump, 'place' | 'root' | 'databaseId' | 'line'>, at: string, continues: string | null = null): Promise<{ said: string; signal: string | null }> {
  const { sockets, keyFiles, bastion, host } = place;
  const orders = { root, databaseId, at, continues, place: { sockets, keyFiles, bastion: { ...bastion, port: line.port }, host } };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'far-engine-to-kill.ts'), JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (_status, signal) => resolve({ said, signal }));
  });
}

/** A folder that knows the place, and whose engine is closed. */
export async function prepare(place: FarPlace): Promise<FarDump> {
  const dump = await openFarDump(place);
  await dump.far.engine.close();
  return dump;
}

/** The next start, when it has looked what became of everything. */
export async function startAgain(before: FarDump): Promise<{ dump: FarDump; operationId: string; advice: string | null; state: string }> {
  const dump = await openFarDump(before.place, { root: before.root, line: before.line });
  await dump.far.engine.recovered;
  const [operation] = (await dump.far.client.call('operation.list', { kinds: ['backup.run'] })).operations;
  return { dump, operationId: operation?.id ?? '', advice: operation?.advice ?? null, state: operation?.state ?? '' };
}
