import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { bytes, duration, json, localTime, plain, sentence, table } from '../../electron/cli/text.ts';
import { isSound } from '../../electron/cli/commands/backup.ts';
import { integerOption } from '../../electron/cli/command.ts';
import type { CliIo } from '../../electron/cli/io.ts';
import { errorOf, paragraph } from '../../electron/cli/failures.ts';
import { planText } from '../../electron/cli/run-plan.ts';
import { pick } from '../../electron/cli/find.ts';
import { createProgressView, lineOf } from '../../electron/cli/progress.ts';
import type { OperationEvent, Plan } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';

const hostile = fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u001b[2J', '\u001b]0;title\u0007', '\u001b]8;;http://evil\u001b\\', '\u009b31m', '\r', '\b', '\u001b', '\u0000')), { maxLength: 10 }).map((parts) => parts.join(''));

describe('text for a terminal', () => {
  test('holds nothing that a terminal would obey, wherever it came from', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(plain(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });
  test('keeps what people wrote', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text)), (text) => {
        expect(plain(text)).toBe(text);
      }),
    );
  });
  test('takes a whole escape sequence out, not only its first character', () => {
    expect(plain('a\u001b[31mb\u001b]0;title\u0007c')).toBe('abc');
  });
  test('keeps a table one line a row, whatever is in its cells', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(hostile, hostile), { minLength: 1, maxLength: 5 }), (rows) => {
        expect(table(['A', 'B'], rows, 'None.').split('\n')).toHaveLength(rows.length + 1);
      }),
    );
  });
  test('is also what JSON becomes, which still says the same', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const printed = json({ text });
        expect([/[\u0000-\u001f\u007f-\u009f]/.test(printed), JSON.parse(printed)]).toEqual([false, { text }]);
      }),
    );
  });
  test('says a sentence in place of an empty table', () => {
    expect(table(['A'], [], 'None yet.')).toBe('None yet.');
  });
  test.each([[0, '0 B'], [1023, '1023 B'], [1024, '1.0 KiB'], [1024 ** 3 * 2.5, '2.5 GiB']])('says %d bytes as %s', (size, text) => {
    expect(bytes(size)).toBe(text);
  });
  test.each([[12, '12 ms'], [4200, '4.2 s'], [59_960, '1 min 0 s'], [119_700, '2 min 0 s'], [200_000, '3 min 20 s'], [18_720_000, '5 h 12 min']])('says %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
  test.each([['Europe/Berlin', '2026-11-20 21:59 +01:00'], ['UTC', '2026-11-20 20:59 UTC'], ['America/St_Johns', '2026-11-20 17:29 -03:30']])('says a time in %s with how far it is from UTC', (name, text) => {
    vi.stubEnv('TZ', name);
    expect(localTime('2026-11-20T20:59:00.000Z')).toBe(text);
  });
});

describe('an instant in a sentence', () => {
  test.each([['of 2026-11-20T20:59:31.123Z.', 'of 2026-11-20 20:59 UTC.'], ['2026-11-20T20:59:31Z and 2026-01-02T03:04:05.6Z', '2026-11-20 20:59 UTC and 2026-01-02 03:04 UTC'], ['2026-11-20', '2026-11-20'], ['/backups/20261120T205931Z', '/backups/20261120T205931Z']])('of "%s" is said as "%s"', (text, said) => {
    expect(sentence(text)).toBe(said);
  });
  test('is said so in a plan', () => {
    const plan: Partial<Plan> = { question: 'Delete the backup of 2026-11-20T20:59:31.123Z?', findings: [], targets: [], consequences: ['It is of 2026-11-20T20:59:31.123Z.'], wayBack: null, environment: null };
    expect(planText(plan as Plan, true)).toBe('Delete the backup of 2026-11-20 20:59 UTC?\n  It is of 2026-11-20 20:59 UTC.');
  });
  test('is said so in a failure', () => {
    expect(paragraph(errorOf(new PilothouseError('backup.damaged', 'The backup of 2026-11-20T20:59:31.123Z is damaged.')))).toContain('of 2026-11-20 20:59 UTC is damaged.');
  });
});

describe('a failure', () => {
  test('has every field in its document, with null where there is nothing', () => {
    expect(errorOf(new PilothouseError('restore.failed', 'No.'))).toEqual({ code: 'restore.failed', message: 'No.', hint: null, details: {}, correlationId: null });
  });
  test('that nobody threw on purpose says the same id to people and to scripts', () => {
    const failure = errorOf(new TypeError('x is undefined'));
    expect([failure.code, paragraph(failure)]).toEqual(['internal', expect.stringMatching(new RegExp(`\\[internal ${failure.correlationId}\\]$`)) as string]);
  });
  test('of the engine keeps the id that the log has', () => {
    expect(errorOf(new PilothouseError('restore.failed', 'No.', { correlationId: 'c1' })).correlationId).toBe('c1');
  });
});

describe('a number on the command line', () => {
  const jobs = (text: string) => () => integerOption({ jobs: text }, 'jobs', { min: 1, max: 16 });

  test.each(['x', '', '0', '17', '1.5', '-1', '1e1', ' 2', '0x2', 'NaN', 'Infinity', '99999999999999999999'])('is refused where it is "%s"', (text) => {
    expect(jobs(text)).toThrow(/^--jobs takes a whole number from 1 to 16/);
  });
  test('is taken where it is in its range, and may be left out', () => {
    expect([jobs('1')(), jobs('16')(), integerOption({}, 'jobs', { min: 1, max: 16 })]).toEqual([1, 16, undefined]);
  });
});

describe('a verified backup', () => {
  test('is not called sound when no check was recorded', () => {
    expect(isSound([])).toBe(false);
  });
  test('is called sound when every check says so', () => {
    expect([isSound([{ ok: true }]), isSound([{ ok: true }, { ok: false }])]).toEqual([true, false]);
  });
});

describe('a name', () => {
  const all = [{ id: 'ab12', name: 'Shop' }, { id: 'ab34', name: 'Shop two' }, { id: 'cd56', name: 'ab12' }, { id: 'ef78', name: 'Ärger' }];
  const of = (wanted: string) => pick('thing', wanted, all, ({ id, name }) => ({ id, names: [name] })).id;

  test('means the one that bears it, before all that only begin like it', () => {
    expect(of('Shop')).toBe('ab12');
  });
  test('means one by the beginning of its id', () => {
    expect(of('cd')).toBe('cd56');
  });
  test('means one whatever the case', () => {
    expect(of('shop TWO')).toBe('ab34');
  });
  test('is refused where it is one thing\'s id and another one\'s name', () => {
    expect(() => of('ab12')).toThrow(expect.objectContaining({ code: 'store.conflict' }));
  });
  test.each(['', ' '])('is refused where it is "%s", which everything begins with', (wanted) => {
    expect(() => pick('thing', wanted, all.slice(0, 1), ({ id, name }) => ({ id, names: [name] }))).toThrow(/name of the thing is empty/);
  });
  test('is refused where several begin with it, naming them', () => {
    expect(() => of('sho')).toThrow(/Shop \(ab12\), Shop two \(ab34\)/);
  });
  test('is refused where nothing bears it', () => {
    expect(() => of('nothing')).toThrow(expect.objectContaining({ code: 'store.not-found' }));
  });
});

describe('the bar of a terminal', () => {
  test.each([[0, 'Dumping orders'], [undefined, 'Dumping orders'], [60, 'Dumping orders'], [45, 'Dumping or']])('of %s columns says "%s"', (columns, words) => {
    let said = '';
    const stderr = Object.assign(new Writable({ write: (chunk, _encoding, done) => ((said += String(chunk)), done()) }), { isTTY: true, columns });
    createProgressView({ stderr } as unknown as CliIo, 'phases').show({ operationId: 'o', seq: 1, at: '2026-11-20T12:00:00.000Z', kind: 'progress', phase: null, fraction: 0.5, done: null, total: null, unit: null, leftMs: null, text: 'Dumping orders' });
    expect(said).toBe(`\r\u001b[K[############............]  50 %  ${words}`);
  });
});

describe('a line of an operation\'s story', () => {
  const event = (rest: Record<string, unknown>) => ({ operationId: 'o', seq: 1, at: '2026-11-20T12:00:00.000Z', ...rest }) as OperationEvent;

  test('is not told to people for every statement', () => {
    expect(lineOf(event({ kind: 'log', phase: null, level: 'info', text: 'SELECT 1', command: { text: 'SELECT 1', target: 'shop', exitStatus: null, durationMs: 1 } }), 'warnings')).toBeNull();
  });
  test('is told with its exit status when everything is', () => {
    expect(lineOf(event({ kind: 'log', phase: null, level: 'info', text: 'x', command: { text: 'pg_dump', target: 'shop', exitStatus: 1, durationMs: 1 } }), 'everything')).toBe('  $ pg_dump [1]');
  });
  test('is told when it warns', () => {
    expect(lineOf(event({ kind: 'log', phase: null, level: 'warn', text: 'Mind this.' }), 'warnings')).toBe('  Warning: Mind this.');
  });
  test('says why something failed', () => {
    expect(lineOf(event({ kind: 'phase', phase: 'dump', title: 'Dump', state: 'failed', detail: 'the disk is full' }), 'phases')).toBe('Dump: failed: the disk is full');
  });
});
