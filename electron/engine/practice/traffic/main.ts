/**
 * A little traffic on the practice shop, as a process of its own that outlives the engine:
 * `node traffic/main.ts PRACTICE_FOLDER PORT`.
 *
 * It connects again when its database is swapped under it or away for a moment. It ends when its record no longer
 * names it, on SIGTERM, and when the server has been gone for a minute.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { systemClock, systemRandom } from '../../ports.ts';
import { databaseName } from '../configuration.ts';
import { applicationRole, passwordIn } from '../passfile.ts';
import { startOf } from '../process-identity.ts';
import { readTrafficRecord, writeTrafficRecord } from './record.ts';
import { comeBack, goToLunch, lunchMs, waitForPrice } from './shop-desk.ts';
import { serveCustomer } from './shop-web.ts';

const [folder = '', port = ''] = process.argv.slice(2);
const recordFile = join(folder, 'traffic.json');
const password = passwordIn(readFileSync(join(folder, 'passfile'), 'utf8'), applicationRole) ?? '';

/** Milliseconds: between two customers, before another try, and until a server that refuses is gone for good. */
const betweenMs = { least: 250, most: 700 };
const retryMs = 1000;
const goneAfterMs = 60_000;
/** How long a customer waits for a lock. Nothing of the shop keeps one for longer than a moment. */
const lockTimeoutMs = 15_000;

/** From 0 to 1. */
const chance = (): number => systemRandom.bytes(2).readUInt16LE() / 65_535;

const leaving = new AbortController();
process.on('SIGTERM', () => leaving.abort());
process.on('SIGINT', () => leaving.abort());

const isStillWanted = (): boolean => !leaving.signal.aborted && readTrafficRecord(recordFile)?.pid === process.pid;

/** Waits, but not beyond the end. */
async function rest(milliseconds: number): Promise<void> {
  try {
    await pause(milliseconds, undefined, { signal: leaving.signal });
  } catch {
    // Told to leave meanwhile, which the caller looks at next.
  }
}

async function connect(name: string): Promise<Client> {
  // Asked for by the session: a setting of the role would stay behind with a database that is swapped away.
  const client = new Client({ lock_timeout: lockTimeoutMs, host: '127.0.0.1', port: Number(port), user: applicationRole, password, database: databaseName, application_name: name, connectionTimeoutMillis: 5000 });
  // A session that is ended by the server also fails its next query, and that is where it is dealt with.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function closeAll(clients: readonly Client[]): Promise<void> {
  await Promise.allSettled(clients.map((client) => client.end()));
}

async function webShop(whenServed: () => void): Promise<void> {
  const client = await connect('shop-web');
  try {
    for (let turn = 1; isStillWanted(); turn += 1) {
      await serveCustomer(client, turn);
      whenServed();
      await rest(betweenMs.least + chance() * (betweenMs.most - betweenMs.least));
    }
  } finally {
    await closeAll([client]);
  }
}

async function desk(whenServed: () => void): Promise<void> {
  const clients: Client[] = [];
  try {
    const first = await connect('shop-desk');
    clients.push(first);
    const second = await connect('shop-desk');
    clients.push(second);
    while (isStillWanted()) {
      await goToLunch(first);
      const until = systemClock.now() + lunchMs;
      let over = false;
      let failure: unknown = null;
      const waiting = waitForPrice(second).then(
        () => {
          over = true;
        },
        (error: unknown) => {
          over = true;
          failure = error;
        },
      );
      whenServed();
      while (isStillWanted() && !over && systemClock.now() < until) await rest(500);
      if (failure !== null) throw failure;
      if (!isStillWanted()) return;
      // Where the wait is over well before its time, the first was sent away: this fails then, and both begin again.
      await comeBack(first);
      await waiting;
      if (failure !== null) throw failure;
    }
  } finally {
    await closeAll(clients);
  }
}

let lastServedAt = systemClock.now();
const served = (): void => {
  lastServedAt = systemClock.now();
};

/** Answers of a server that is there, but has no place or no such database for us just now. */
function cameFromServer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error;
}

/** Each complaint is written once, and no more than these: the log cannot grow for ever. */
const complaints = new Set<string>();
const mostComplaints = 200;

function complain(complaint: string): void {
  if (complaints.has(complaint) || complaints.size >= mostComplaints) return;
  complaints.add(complaint);
  process.stderr.write(`${new Date(systemClock.now()).toISOString()} ${complaint}\n`);
}

async function keepGoing(name: string, work: (whenServed: () => void) => Promise<void>): Promise<void> {
  while (isStillWanted()) {
    try {
      await work(served);
    } catch (error) {
      if (cameFromServer(error)) served();
      complain(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      if (systemClock.now() - lastServedAt > goneAfterMs) {
        complain(`${name}: the server has been gone for a minute: leaving.`);
        leaving.abort();
      }
      await rest(retryMs);
    }
  }
}

writeTrafficRecord(recordFile, { pid: process.pid, startedAt: (await startOf(process.pid)) ?? '' });
await Promise.all([keepGoing('shop-web', webShop), keepGoing('shop-desk', desk)]);
// What is still open belongs to sessions that end with this process.
process.exit(0);
