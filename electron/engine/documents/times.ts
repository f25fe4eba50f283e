/** Times and spans in a document that is handed on: whoever reads it may be elsewhere, so that UTC stands beside. */

/** Of this computer, as a name of the zone data base. */
const here = (): string => new Intl.DateTimeFormat('en-GB').resolvedOptions().timeZone;

export interface Times {
  /** "26 Nov 2026, 03:04:05 GMT+1 (02:04:05 UTC)". */
  exact(iso: string): string;
  /** "03:04:05" of the zone. */
  clock(iso: string): string;
  /** "26 Nov 2026" of the zone. */
  day(iso: string): string;
  /** What the zone is called: "Europe/Berlin". */
  zone: string;
}

/** @param timeZone a name of the zone data base; else that of this computer */
export function timesIn(timeZone: string = here()): Times {
  const dayFormat = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short', year: 'numeric' });
  const clockFormat = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const nameFormat = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' });
  const utcDay = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
  const day = (iso: string): string => dayFormat.format(new Date(iso));
  const clock = (iso: string): string => clockFormat.format(new Date(iso));
  return {
    zone: timeZone,
    day,
    clock,
    exact(iso) {
      const at = new Date(iso);
      if (Number.isNaN(at.getTime())) return iso;
      const name = nameFormat.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
      const utc = at.toISOString().slice(11, 19);
      if (name === 'UTC') return `${day(iso)}, ${clock(iso)} UTC`;
      return `${day(iso)}, ${clock(iso)} ${name} (${utcDay.format(at) === day(iso) ? '' : `${utcDay.format(at)}, `}${utc} UTC)`;
    },
  };
}

/** Milliseconds as people say them: "0.4 s", "3 min 12 s", "1 d 12 h". */
export function span(ms: number): string {
  if (ms < 9950) return `${Number((Math.max(ms, 0) / 1000).toFixed(1))} s`;
  const whole = Math.round(ms / 1000);
  const pairs: [number, string][] = [[Math.floor(whole / 86_400), 'd'], [Math.floor(whole / 3600) % 24, 'h'], [Math.floor(whole / 60) % 60, 'min'], [whole % 60, 's']];
  const first = pairs.findIndex(([amount]) => amount > 0);
  return pairs
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** "1 step", "2 steps". */
export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
