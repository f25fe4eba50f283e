/** Calendars of other programs, and ours as they read it. */
import { describe, expect, test } from 'vitest';
import { readTiming, type Entry } from '#shared/domain/calendar/entry.ts';
import { escaped, folded, readComponents } from '#shared/domain/calendar/ics/lines.ts';
import { readCalendar } from '#shared/domain/calendar/ics/read.ts';
import { durationOut, readDuration } from '#shared/domain/calendar/ics/values.ts';
import { writeCalendar } from '#shared/domain/calendar/ics/write.ts';

const hour = 3_600_000;
const event = (...lines: string[]): string => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'BEGIN:VEVENT', 'UID:1', ...lines, 'END:VEVENT', 'END:VCALENDAR'].join('\r\n');
const one = (...lines: string[]) => {
  const [found] = readCalendar(event(...lines), 'Europe/Berlin') ?? [];
  if (found === undefined) throw new Error('no event');
  return found;
};

/** As Outlook writes it: zones named as Windows names them, quoted, long lines folded, alarms of its own. */
const outlook = `BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:PUBLISH
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16011028T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
CLASS:PUBLIC
DESCRIPTION:Vacuum\\, then look at the size.\\nTell the shop before it begin
 s.
DTEND;TZID="W. Europe Standard Time":20260104T060000
DTSTAMP:20251120T101112Z
DTSTART;TZID="W. Europe Standard Time":20260104T020000
LOCATION:Server room
RRULE:FREQ=MONTHLY;BYDAY=1SU
SUMMARY;LANGUAGE=en-us:Database maintenance
UID:040000008200E00074C5B7101A82E008
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
BEGIN:VALARM
TRIGGER:-P2D
ACTION:DISPLAY
DESCRIPTION:Reminder
END:VALARM
END:VEVENT
END:VCALENDAR
`;

/** As Google writes it: a series, one of its times moved, one left out, and a day without a time. */
const google = `BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
X-WR-TIMEZONE:America/New_York
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20261102T090000
DTEND;TZID=America/New_York:20261102T093000
RRULE:FREQ=WEEKLY;UNTIL=20270101T045959Z;BYDAY=MO
EXDATE;TZID=America/New_York:20261109T090000
UID:a1@google.com
SUMMARY:Morning check
END:VEVENT
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20261117T100000
DTEND;TZID=America/New_York:20261117T103000
RECURRENCE-ID;TZID=America/New_York:20261116T090000
UID:a1@google.com
SUMMARY:Morning check
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20261224
DTEND;VALUE=DATE:20261225
UID:b2@google.com
SUMMARY:Freeze
END:VEVENT
END:VCALENDAR
`;

test('an event of Outlook is an entry in the zone that Windows means', () => {
  expect(readCalendar(outlook, 'UTC')).toStrictEqual([
    {
      uid: '040000008200E00074C5B7101A82E008',
      summary: 'Database maintenance',
      draft: { title: 'Database maintenance', text: 'Vacuum, then look at the size.\nTell the shop before it begins.\n\nWhere: Server room', starts: '2026-01-04T02:00', rrule: 'FREQ=MONTHLY;BYDAY=1SU', tz: 'Europe/Berlin', durationMs: 4 * hour, noticeMs: 48 * hour },
      problem: null,
      notes: [],
      skips: [],
      own: null,
    },
  ]);
});

test('a series of Google has what it leaves out, and what it moves is named and kept out', () => {
  expect(readCalendar(google, 'Asia/Tokyo')?.map(({ summary, draft, problem, skips, notes }) => [summary, draft?.starts ?? problem, draft?.tz ?? null, skips, notes])).toStrictEqual([
    ['Morning check', '2026-11-02T09:00', 'America/New_York', ['2026-11-09T09:00'], []],
    ['Morning check', 'It moves or changes one time of a series, which is not known here. Leave that time out, and plan one of its own.', null, [], []],
    ['Freeze', '2026-12-24T00:00', 'Asia/Tokyo', [], ['It has no time of day: it begins at 00:00.']],
  ]);
});

test.each([
  ['a rule that is not known', ['DTSTART:20260104T020000Z', 'RRULE:FREQ=DAILY;BYHOUR=2,14'], 'Its rule FREQ=DAILY;BYHOUR=2,14: BYHOUR is not known here. Write one entry for each hour.'],
  ['a zone that nobody knows', ['DTSTART;TZID=Mars/Olympus:20260104T020000'], 'The time zone "Mars/Olympus" is not known here.'],
  ['times of its own', ['DTSTART:20260104T020000Z', 'RDATE:20260111T020000Z'], 'It has RDATE, which is not known here. Plan those times as entries of their own.'],
  ['what is cancelled', ['DTSTART:20260104T020000Z', 'STATUS:CANCELLED'], 'It is cancelled.'],
  ['no beginning', ['SUMMARY:x'], 'It has no beginning.'],
  ['nonsense for a beginning', ['DTSTART:tomorrow'], 'DTSTART is "tomorrow", which is no date and time.'],
])('%s is kept out by name', (_name, lines, problem) => {
  expect(one(...lines).problem).toBe(problem);
});

test.each([
  ['a path around its name', 'DTSTART;TZID=/freeassociation.sourceforge.net/America/New_York:20260104T020000', 'America/New_York'],
  ['UTC', 'DTSTART:20260104T020000Z', 'UTC'],
  ['none', 'DTSTART:20260104T020000', 'Europe/Berlin'],
])('a zone that is written as %s is found', (_name, line, tz) => {
  expect(one(line).draft?.tz).toBe(tz);
});

test('what is left out of a long series is found at once, and too much of it is kept out by name', () => {
  const times = Array.from({ length: 2000 }, (_value, index) => `${2100 + (index % 100)}0105T000000Z`);
  const series = ['DTSTART:19700101T000000Z', 'RRULE:FREQ=DAILY;COUNT=100000'];
  const from = performance.now();
  const found = one(...series, `EXDATE:${times.join(',')}`);
  expect([found.skips.length, performance.now() - from < 2000, one(...series, ...Array.from({ length: 2100 }, (_value, index) => `EXDATE:${1971 + Math.floor(index / 12)}${String(1 + (index % 12)).padStart(2, '0')}05T000000Z`)).problem]).toStrictEqual([100, true, 'It leaves out more than 2000 times. Plan it as an entry of its own.']);
});

test('more events than a file may have are named', () => {
  const text = `BEGIN:VCALENDAR\n${'BEGIN:VEVENT\nDTSTART:20260101T000000Z\nEND:VEVENT\n'.repeat(5001)}END:VCALENDAR`;
  expect(readCalendar(text, 'UTC')?.at(-1)).toMatchObject({ summary: '1 further events', problem: 'A file may have 5000 events. Split it.' });
});

test('a file that is something else is none', () => {
  expect(readCalendar('<html>BEGIN:VCALENDAR</html>', 'UTC')).toBeNull();
});

describe('ours', () => {
  const entry: Entry = { systemId: 's1', key: 'vacuum', title: 'Vacuum; analyze, and a long title that is folded where seventy-five octets are over – ü', starts: '2026-01-04T02:00', rrule: 'FREQ=MONTHLY;BYDAY=1SU', tz: 'America/New_York', durationMs: 4.5 * hour, cutoffMs: null, noticeMs: 48 * hour, missed: 'ask', lookBackMs: null, after: [], removes: false };
  const { timing } = readTiming(entry, () => null);
  if (timing === null) throw new Error('not read');
  const text = writeCalendar([{ entry, timing, text: 'First line\nsecond; line, \\', category: 'Shop', skips: ['2026-02-01T02:00'], own: '{"key":"vacuum","missed":"ask"}' }], Date.UTC(2026, 0, 1));

  test('comes back as it was', () => {
    expect(readCalendar(text, 'UTC')).toStrictEqual([
      { uid: 'vacuum.s1@pilothouse', summary: entry.title, draft: { title: entry.title, text: 'First line\nsecond; line, \\', starts: entry.starts, rrule: entry.rrule, tz: entry.tz, durationMs: entry.durationMs, noticeMs: entry.noticeMs }, problem: null, notes: [], skips: ['2026-02-01T02:00'], own: '{"key":"vacuum","missed":"ask"}' },
    ]);
  });

  test('has no line that is longer than 75 octets', () => {
    expect(Math.max(...text.split('\r\n').map((line) => new TextEncoder().encode(line).length))).toBeLessThanOrEqual(75);
  });

  test('says how the clocks of its zone change, as a rule', () => {
    const [calendar] = readComponents(text) ?? [];
    const zone = calendar?.components.find(({ name }) => name === 'VTIMEZONE');
    expect(zone?.components.map(({ name, properties }) => [name, ...properties.filter((property) => property.name !== 'TZNAME').map((property) => property.value)])).toStrictEqual([
      ['STANDARD', '20250103T020000', '-0500', '-0500'],
      ['DAYLIGHT', '20250309T020000', '-0500', '-0400', 'FREQ=YEARLY;BYMONTH=3;BYDAY=2SU'],
      ['STANDARD', '20251102T020000', '-0400', '-0500', 'FREQ=YEARLY;BYMONTH=11;BYDAY=1SU'],
    ]);
  });

  test('begins with a time that fits its rule', () => {
    const later = { ...entry, starts: '2026-01-01T02:00' };
    const read = readTiming(later, () => null).timing;
    expect(read === null ? '' : writeCalendar([{ entry: later, timing: read, text: '', category: 'Shop', skips: [], own: '{}' }], 0)).toContain('DTSTART;TZID=America/New_York:20260104T020000');
  });

  test('ends as an instant, as others want it', () => {
    const ending = { ...entry, rrule: 'FREQ=DAILY;UNTIL=20260105T020000' };
    const read = readTiming(ending, () => null).timing;
    expect(read === null ? '' : writeCalendar([{ entry: ending, timing: read, text: '', category: 'Shop', skips: [], own: '{}' }], 0)).toContain('RRULE:FREQ=DAILY;UNTIL=20260105T070000Z');
  });
});

test.each([
  ['PT4H30M', 4.5 * hour],
  ['-P2D', -48 * hour],
  ['P1W', 168 * hour],
  ['P', null],
  ['PT', null],
  ['4h', null],
])('the duration %s is %s', (text, ms) => {
  expect(readDuration(text)).toBe(ms);
});

test('a duration of two days is written in hours', () => {
  expect(durationOut(48 * hour)).toBe('PT48H');
});

test('what is escaped has no line of its own', () => {
  expect(folded(`SUMMARY:${escaped('a\r\nDTSTART:20260101T000000Z\u0000')}`)).toBe('SUMMARY:a\\nDTSTART:20260101T000000Z\r\n');
});
