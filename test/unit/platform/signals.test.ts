/** How a program of a terminal is asked to end, on each system. */
import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endingSignals, onAskedToEnd } from '#engine/platform/signals.ts';

/** A process that is told of signals, and a clock that stands until it is moved. */
function listening(platform: 'linux' | 'win32') {
  const source = new EventEmitter();
  const heard: string[] = [];
  let at = 0;
  const stop = onAskedToEnd((signal) => void heard.push(signal), { sameWithinMs: 300, source, platform, now: () => at });
  return { source, heard, stop, send: (signal: string, afterMs = 1000) => { at += afterMs; return source.emit(signal, signal); } };
}

describe('a program of a terminal', () => {
  it.each([
    ['linux', ['SIGINT', 'SIGTERM', 'SIGHUP']],
    ['darwin', ['SIGINT', 'SIGTERM', 'SIGHUP']],
    ['win32', ['SIGINT', 'SIGBREAK', 'SIGHUP']],
  ] as const)('is asked to end on %s by %j', (platform, signals) => {
    expect(endingSignals(platform)).toEqual(signals);
  });
  it('hears Ctrl-C, Ctrl-Break and the closed console window on Windows', () => {
    const { heard, send } = listening('win32');
    for (const signal of ['SIGINT', 'SIGBREAK', 'SIGHUP']) send(signal);
    expect(heard).toEqual(['SIGINT', 'SIGBREAK', 'SIGHUP']);
  });
  it('hears a Ctrl-C once that the terminal and the program above both pass on', () => {
    const { heard, send } = listening('linux');
    send('SIGINT');
    send('SIGTERM', 5);
    send('SIGINT', 400);
    expect(heard).toEqual(['SIGINT', 'SIGINT']);
  });
  it('hears every press of somebody who is in a hurry', () => {
    const { heard, send } = listening('linux');
    for (let press = 0; press < 4; press += 1) send('SIGINT', 200);
    expect(heard.length).toBe(2);
  });
  it('hears no more when it listens no more', () => {
    const { heard, send, stop } = listening('win32');
    stop();
    expect([send('SIGBREAK'), send('SIGINT'), heard]).toEqual([false, false, []]);
  });
});
