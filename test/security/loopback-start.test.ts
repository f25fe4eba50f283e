/** When anything listens at all, and how it compares what it is told. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createSessions } from '../../electron/loopback/sessions.ts';
import { startEngine } from '#engine/attach/connect-or-start.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { startConsole } from '#test/processes-of-ours.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const compared = vi.hoisted(() => ({ pairs: 0 }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<{ timingSafeEqual: (a: Buffer, b: Buffer) => boolean }>();
  return {
    ...crypto,
    timingSafeEqual: (a: Buffer, b: Buffer) => {
      compared.pairs += 1;
      return crypto.timingSafeEqual(a, b);
    },
  };
});
beforeEach(() => {
  compared.pairs = 0;
});

/** Addresses at which this process listens by TCP. */
function listening(): string[] {
  const mine = new Set(
    readdirSync('/proc/self/fd').map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      } catch {
        return undefined; // It was the descriptor of this very listing.
      }
    }),
  );
  return ['tcp', 'tcp6']
    .flatMap((name) => readFileSync(`/proc/self/net/${name}`, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === '0A' && mine.has(inode))
    .map(([, local = '']) => local);
}

describe('a port is open only where somebody started the console:', () => {
  const ports: Ports = { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test' };

  test('an engine by itself, and what attaches to it, opens none', async (context) => {
    if (process.platform !== 'linux') return context.skip('Listening sockets are read from /proc, which only Linux has.');
    const before = listening();
    const { engine } = await startEngine({ root: await temporaryFolder('no-port'), ports });
    onTestFinished(() => engine.close());
    expect(listening()).toEqual(before);
  });
  test('the console takes one that nobody chose, and another one for another data folder', async () => {
    const [one, other] = await Promise.all([startConsole(await temporaryFolder('port-one')), startConsole(await temporaryFolder('port-other'))]);
    const fixed = [0, 80, 443, 3000, 5173, 5432, 8000, 8080, 8443, 9222];
    expect([one.link.port === other.link.port, fixed.includes(Number(one.link.port)), one.link.hostname]).toEqual([false, false, '127.0.0.1']);
  });
});

describe('a token and a session are compared in constant time:', () => {
  const sessions = () => createSessions({ clock: systemClock, random: systemRandom });

  test.each([0, 3, 7])('every token is looked at, though number %i was the right one', (right) => {
    const all = sessions();
    const tokens = Array.from({ length: 8 }, () => all.issueToken());
    expect(all.exchange(tokens[right] ?? '')).not.toBeNull();
    expect(compared.pairs).toBe(8);
  });
  test('every session is looked at, though the first was the right one', () => {
    const all = sessions();
    const [first = ''] = Array.from({ length: 5 }, () => all.exchange(all.issueToken()) ?? '');
    compared.pairs = 0;
    expect([all.isKnown(first), compared.pairs]).toEqual([true, 5]);
  });
  test('every token is looked at, though none was the right one', () => {
    const all = sessions();
    for (let count = 0; count < 8; count += 1) all.issueToken();
    expect([all.exchange('wrong'), compared.pairs]).toEqual([null, 8]);
  });
});

test('a session of one run is none of the next, nor is its token', () => {
  const ports = { clock: systemClock, random: systemRandom };
  const [one, next] = [createSessions(ports), createSessions(ports)];
  const session = one.exchange(one.issueToken()) ?? '';
  expect([one.isKnown(session), next.isKnown(session), next.exchange(one.issueToken())]).toEqual([true, false, null]);
});
