/** What the traffic writes down about itself. It lives exactly as long as this file names it. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from '../../platform/process-identity.ts';

/** The traffic that is recorded, or null. Whether it still runs is another question. */
export function readTrafficRecord(path: string): ProcessIdentity | null {
  if (!existsSync(path)) return null;
  let record: unknown;
  try {
    record = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    // Removed between two looks, or cut by a full disk: it names nobody.
    return null;
  }
  if (typeof record !== 'object' || record === null || !('pid' in record) || !('startedAt' in record)) return null;
  return typeof record.pid === 'number' && typeof record.startedAt === 'string' ? { pid: record.pid, startedAt: record.startedAt } : null;
}

export function writeTrafficRecord(path: string, identity: ProcessIdentity): void {
  const unfinished = `${path}.${identity.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
  renameSync(unfinished, path);
}
