import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { tellBreakdown } from '../../electron/loopback/breakdown.ts';
import { createCrowd } from '../../electron/loopback/crowd.ts';
import { untilFound, type Found } from '../../electron/loopback/find-running.ts';
import { startCommandOf } from '../../electron/loopback/start-command.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';

describe('npm start where another process is at work on the data folder', () => {
  const busy: Found<string> = { kind: 'busy', error: new PilothouseError('operation.busy', 'A command line is using it.') };
  const silent: Found<string> = { kind: 'silent', error: new Error('nobody answers') };
  /** Each look takes half a minute. */
  const find = async (found: readonly Found<string>[]) => {
    let now = 0;
    const left = [...found];
    let told = 0;
    const outcome = await untilFound({
      look: async () => {
        now += 30_000;
        return left.shift() ?? silent;
      },
      onBusy: async () => void (told += 1),
      clock: { now: () => now },
      lookEveryMs: 0,
    });
    return { outcome, told };
  };

  test('waits for as long as it answers', async () => {
    expect(await find([...Array.from({ length: 20 }, () => busy), { kind: 'link', link: 'http://127.0.0.1:1/' }])).toEqual({ outcome: { link: 'http://127.0.0.1:1/' }, told: 20 });
  });
  test('gives up on one that has not answered for a minute', async () => {
    await expect(find([silent, busy, silent, silent, silent, silent, { kind: 'started', started: 'too late' }])).rejects.toThrow('nobody answers');
  });
  test('is patient with one that is silent between two answers', async () => {
    expect((await find([silent, silent, busy, silent, silent, { kind: 'started', started: 'in' }])).outcome).toBe('in');
  });
});

describe('too many connections', () => {
  const connection = () => {
    const made = Object.assign(new EventEmitter(), {
      destroyed: false,
      destroy: () => {
        made.destroyed = true;
        made.emit('close');
      },
    });
    return made as unknown as Duplex & { destroyed: boolean };
  };
  test('make room for a new one, the first without a session first, and never one that is in', () => {
    const crowd = createCrowd(3);
    const all = Array.from({ length: 5 }, connection);
    crowd.enter(all[0] as Duplex);
    crowd.admit(all[0] as Duplex);
    for (const each of all.slice(1)) crowd.enter(each);
    expect(all.map((each) => each.destroyed)).toEqual([false, true, true, false, false]);
  });
});

test('what nobody expected is said without secrets, and without what a terminal would obey', () => {
  const scrubber = createScrubber();
  scrubber.register(new Secret('hunter2-hunter2'));
  const said: unknown[] = [];
  tellBreakdown(new Error('\u001b[2Jhunter2-hunter2 was refused'), {
    scrub: (text) => scrubber.scrub(text),
    logger: { info() {}, warn() {}, error: (fields, message) => void said.push(fields, message) },
    complain: (text) => void said.push(text),
    logFile: '/home/ann/pilothouse.log',
  });
  expect([JSON.stringify(said).includes('hunter2'), String(said.at(-1)).split('\n')[0]]).toEqual([false, 'Pilothouse broke down: [redacted] was refused']);
});

describe('the command that starts Pilothouse again', () => {
  test('is the plain one where nothing else was asked for', () => {
    expect(startCommandOf({ home: null, port: null, browser: false })).toBe('npm start');
  });
  test('names the data folder and the port that are in use, as a shell takes them', () => {
    expect(startCommandOf({ home: "/srv/it's here", port: 4000, browser: true })).toBe("npm start -- --home '/srv/it'\\''s here' --port 4000");
  });
  test('opens no window where none was opened on purpose', () => {
    expect(startCommandOf({ home: null, port: null, browser: true })).toBe('npm start -- --browser');
  });
});
