import { offsetWords } from '#shared/domain/calendar/words.ts';
import type { Zone } from '#shared/domain/calendar/zone.ts';

/** Names that people write for a place whose clocks change, and that mean none. */
const places: Readonly<Record<string, string>> = { EST: 'America/New_York', MST: 'America/Denver', HST: 'Pacific/Honolulu', EST5EDT: 'America/New_York', CST6CDT: 'America/Chicago', MST7MDT: 'America/Denver', PST8PDT: 'America/Los_Angeles', CET: 'Europe/Berlin', MET: 'Europe/Berlin', EET: 'Europe/Athens', WET: 'Europe/Lisbon' };

const yearMs = 366 * 86_400_000;

/** What is worth knowing of a zone before something is planned in it. */
export function zoneNotes(zone: Zone, at: number): string[] {
  const place = places[zone.name.toUpperCase()];
  if (place === undefined) return [];
  const changes = zone.changes(at, at + yearMs).length > 0;
  return [`${zone.name} is ${changes ? 'an old name' : `fixed at ${offsetWords(zone.offsetAt(at))} all year here`}. The clock on the wall of a place is ${place}.`];
}
