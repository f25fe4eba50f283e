/** A little traffic on the practice shop: two at work, until they are told to leave. */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { systemClock, systemRandom } from '../../ports.ts';
import { databaseName } from '../configuration.ts';
import { applicationRole, passwordIn } from '../passfile.ts';
import { comeBack, goToLunch, lunchMs, waitForPrice } from './shop-desk.ts';
import { serveCustomer } from './shop-web.ts';

/** Milliseconds: between two customers, before another try, and until a server that refuses is gone for good. */
const betweenMs = { least: 250, most: 700 };
const retryMs = 1000;
const goneAfterMs = 60_000;
/** How long a customer waits for a lock. Nothing of the shop keeps one for longer than a moment. */
const lockTimeoutMs = 15_000;
/** How long what is just being said to the server may take when the traffic is told to leave. Milliseconds. */
const farewellMs = 1000;
/** Each complaint is told once, and no more than these: a log cannot grow for ever. */
const mostComplaints = 200;

export interface TrafficOptions {
  password: string;
  port: number;
  /** Told to leave. */
  signal: AbortSignal;
  /** Asked between two customers: whether it is still wanted here. */
  isWanted: () => boolean;
  /** Told of what went wrong, in words, each once. */
  complain: (complaint: string) => void;
}

/** What the shop itself signs in with. @throws what reading the passfile throws */
export function readTrafficPassword(passfile: string): string {
  return passwordIn(readFileSync(passfile, 'utf8'), applicationRole) ?? '';
}

/** From 0 to 1. */
const chance = (): number => systemRandom.bytes(2).readUInt16LE() / 65_535;

/** Answers of a server that is there, but has no place or no such database for us just now. */
function cameFromServer(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error;
}

/**
 * Runs the traffic. It connects again when its database is swapped under it or away for a moment. It ends when it is
 * told to, when it is not wanted any more, and when the server has been gone for a minute; its sessions have ended then.
 */
export async function runTraffic({ password, port, signal, isWanted, complain }: TrafficOptions): Promise<void> {
  const gone = new AbortController();
  const leaving = AbortSignal.any([signal, gone.signal]);
  const isStillWanted = (): boolean => !leaving.aborted && isWanted();
  const sockets = new Set<Socket>();

  /** Waits, but not beyond the end. */
  const rest = async (milliseconds: number): Promise<void> => {
    try {
      await pause(milliseconds, undefined, { signal: leaving });
    } catch {
      // Told to leave meanwhile, which the caller looks at next.
    }
  };

  const connect = async (name: string): Promise<Client> => {
    const socket = new Socket();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // Asked for by the session: a setting of the role would stay behind with a database that is swapped away.
    const client = new Client({ lock_timeout: lockTimeoutMs, host: '127.0.0.1', port, user: applicationRole, password, database: databaseName, application_name: name, connectionTimeoutMillis: 5000, stream: () => socket });
    // A session that is ended by the server also fails its next query, and that is where it is dealt with.
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  const closeAll = async (clients: readonly Client[]): Promise<void> => {
    await Promise.allSettled(clients.map((client) => client.end()));
  };

  const webShop = async (whenServed: () => void): Promise<void> => {
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
  };

  const desk = async (whenServed: () => void): Promise<void> => {
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
  };

  let lastServedAt = systemClock.now();
  const served = (): void => {
    lastServedAt = systemClock.now();
  };

  const complaints = new Set<string>();
  const complainOnce = (complaint: string): void => {
    if (complaints.has(complaint) || complaints.size >= mostComplaints) return;
    complaints.add(complaint);
    complain(complaint);
  };

  const keepGoing = async (name: string, work: (whenServed: () => void) => Promise<void>): Promise<void> => {
    while (isStillWanted()) {
      try {
        await work(served);
      } catch (error) {
        // Cut off while it was leaving, which is nothing to complain of.
        if (leaving.aborted) return;
        if (cameFromServer(error)) served();
        complainOnce(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        if (systemClock.now() - lastServedAt > goneAfterMs) {
          complainOnce(`${name}: the server has been gone for a minute: leaving.`);
          gone.abort();
        }
        await rest(retryMs);
      }
    }
  };

  let farewell: NodeJS.Timeout | undefined;
  const cutOff = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  leaving.addEventListener('abort', () => {
    farewell = setTimeout(cutOff, farewellMs);
  });
  await Promise.all([keepGoing('shop-web', webShop), keepGoing('shop-desk', desk)]);
  clearTimeout(farewell);
}
