/**
 * The traffic as a process of its own that outlives the engine: `node traffic/main.ts PRACTICE_FOLDER PORT`.
 *
 * It ends when its record no longer names it, on SIGTERM, and when the server has been gone for a minute.
 */
import { join } from 'node:path';
import { systemClock } from '../../ports.ts';
import { startOf } from '../../platform/process-identity.ts';
import { readTrafficRecord, writeTrafficRecord } from './record.ts';
import { readTrafficPassword, runTraffic } from './traffic.ts';

const [folder = '', port = ''] = process.argv.slice(2);
const recordFile = join(folder, 'traffic.json');

const leaving = new AbortController();
process.on('SIGTERM', () => leaving.abort());
process.on('SIGINT', () => leaving.abort());

writeTrafficRecord(recordFile, { pid: process.pid, startedAt: (await startOf(process.pid)) ?? '' });
await runTraffic({
  password: readTrafficPassword(join(folder, 'passfile')),
  port: Number(port),
  signal: leaving.signal,
  isWanted: () => readTrafficRecord(recordFile)?.pid === process.pid,
  complain: (complaint) => void process.stderr.write(`${new Date(systemClock.now()).toISOString()} ${complaint}\n`),
});
process.exit(0);
