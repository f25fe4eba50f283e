import { describe, expect, it } from 'vitest';
import { cronRecurrence, recurrenceIn, startFor, zoneOf, zoneOfAll } from '#shared/domain/guide/recurrence.ts';
import { durationIn, writtenDuration, limitsIn, phonesIn } from '#shared/domain/guide/values.ts';

describe('when something is done', () => {
  it.each([
    [['# Work', 'All times are in CET.'], 'cet'],
    [['Alle Zeiten in MEZ.'], 'mez'],
    [['Die Zeitzone ist MEZ'], 'mez'],
    [['**Timezone:** America/New_York (no UTC)'], 'america/new_york'],
    [['All times UTC', 'All times are Pacific, PST'], null],
    [['Backup at all times and/or twice', 'Sunday 03:00 UTC'], null],
  ])('%j says one zone for all its times: %s', (lines, zone) => {
    expect(zoneOfAll(lines)).toBe(zone);
  });

  it.each([
    ['02:00 UTC', 'DAILY', 'FREQ=DAILY', '02:00', 'utc'],
    ['Sunday 03:00 UTC', 'WEEKLY', 'FREQ=WEEKLY;BYDAY=SU', '03:00', 'utc'],
    ['First Sunday 04:00 UTC', 'MONTHLY', 'FREQ=MONTHLY;BYDAY=1SU', '04:00', 'utc'],
    ['first Sunday of each month 04:00 UTC', null, 'FREQ=MONTHLY;BYDAY=1SU', '04:00', 'utc'],
    ['First Sunday of quarter 05:00 UTC', 'QUARTERLY', 'FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1SU', '05:00', 'utc'],
    ['daily at 2 AM', null, 'FREQ=DAILY', '02:00', null],
    ['Evening Checks (6:00 PM)', 'DAILY', 'FREQ=DAILY', '18:00', null],
    ['1st 03:00', null, 'FREQ=MONTHLY;BYMONTHDAY=1', '03:00', null],
    ['Monthly Backups (1st of month 4:00 AM)', null, 'FREQ=MONTHLY;BYMONTHDAY=1', '04:00', null],
    ['15th 22:00', null, 'FREQ=MONTHLY;BYMONTHDAY=15', '22:00', null],
    ['Jan/Apr/Jul/Oct', null, 'FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=1', null, null],
    ['last Friday of each month', null, 'FREQ=MONTHLY;BYDAY=-1FR', null, null],
    ['every 6 hours', null, 'FREQ=HOURLY;INTERVAL=6', null, null],
    ['every 2 weeks', null, 'FREQ=WEEKLY;INTERVAL=2', null, null],
    ['Jeden ersten Sonntag im Monat um 04:00 Uhr', null, 'FREQ=MONTHLY;BYDAY=1SU', '04:00', null],
    ['täglich um 2 Uhr', null, 'FREQ=DAILY', '02:00', null],
    ['tous les jours à 3h30', null, 'FREQ=DAILY', '03:30', null],
    ['cada lunes a las 22:15', null, 'FREQ=WEEKLY;BYDAY=MO', '22:15', null],
  ] as const)('%s', (text, often, rrule, time, zone) => {
    expect(recurrenceIn(text, often)).toMatchObject({ rrule, time, zone });
  });

  it('reads a span of time with its length', () => {
    expect(recurrenceIn('Sunday 2 AM - 6 AM EST', 'WEEKLY')).toMatchObject({ time: '02:00', durationMs: 4 * 3_600_000, zone: 'est' });
  });

  it('asks which Sunday of the month is meant where the guide does not say', () => {
    expect(recurrenceIn('Sunday 2 AM', 'MONTHLY')).toMatchObject({ rrule: 'FREQ=MONTHLY;BYDAY=1SU', unsure: [expect.stringContaining('not which of the month')] });
  });

  it('finds nothing where no time and no day is named', () => {
    expect(recurrenceIn('Check the logs')).toBeNull();
  });

  it.each([
    ['0 2 * * *', 'FREQ=DAILY', '02:00', 0],
    ['30 4 * * 1-5', 'FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR', '04:30', 0],
    ['0 0 2 * * ?', 'FREQ=DAILY', '02:00', 0],
    ['0 0 3 * * SUN', 'FREQ=WEEKLY;BYDAY=SU', '03:00', 0],
    ['0 4 1-7 * 0', 'FREQ=MONTHLY;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU', '04:00', 1],
  ] as const)('reads the cron line %s', (text, rrule, time, unsure) => {
    const found = cronRecurrence(text);
    expect([found?.rrule, found?.time, found?.unsure.length]).toEqual([rrule, time, unsure]);
  });

  it('takes no sentence for a line of cron', () => {
    expect(cronRecurrence('we do it each Sunday')).toBeNull();
  });

  it('knows two zones that EST may mean', () => {
    expect(zoneOf('EST')).toEqual({ tz: 'America/New_York', other: 'Etc/GMT+5' });
  });

  it('begins on the first day that the rule falls on', () => {
    expect(startFor('FREQ=YEARLY;BYMONTH=1,4,7,10;BYDAY=1SU', '05:00', Date.UTC(2025, 0, 6))).toBe('2025-04-06T05:00');
  });
});

describe('figures', () => {
  it.each([
    ['15 minutes', 900_000],
    ['1-4 hours', 14_400_000],
    ['30 minutes - 2 hours', 7_200_000],
    ['48-hour notification', 172_800_000],
    ['Immediate notification', 60_000],
    ['45 Minuten', 2_700_000],
    ['1 month', 2_592_000_000],
    ['as needed', null],
  ])('%s is a duration', (text, ms) => {
    expect(durationIn(text)).toBe(ms);
  });

  it('writes durations as runbooks do', () => {
    expect([90_000, 5_400_000, 172_800_000, 500, 1500].map(writtenDuration)).toEqual(['1m30s', '1h30m', '2d', '500ms', '1s500ms']);
  });

  it.each([
    ['>500ms', 500, 'ms', false],
    ['<3 seconds page load', 3, 'seconds', false],
    ['> 15 minutes', 900, 'seconds', false],
    ['>80%', 80, 'percent', false],
    ['99.5% uptime', 99.5, 'percent', true],
    ['unter 100 ms', 100, 'ms', false],
  ])('%s is a limit', (text, value, unit, lowerIsWorse) => {
    expect(limitsIn(text)[0]).toMatchObject({ value, unit, lowerIsWorse });
  });

  it.each([
    ['+1-555-EMERGENCY (1-555-363-7439)', ['+1-555-EMERGENCY', '1-555-363-7439']],
    ['(555) 123-ADMIN', ['(555) 123-ADMIN']],
    ['+49 30 555 0101', ['+49 30 555 0101']],
    ['on 2025-10-08 at 14:30', []],
    ['version 10.20.30', []],
  ])('%s has these numbers', (text, numbers) => {
    expect(phonesIn(text).map((phone) => phone.text)).toEqual(numbers);
  });

  it('dials no letters', () => {
    expect(phonesIn('+1-555-SALES')).toEqual([{ text: '+1-555-SALES', number: null }]);
  });
});
