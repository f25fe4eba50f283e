/** Which zone a file means: calendars of Windows have names of their own, and some write paths around the usual ones. */
import { findZone, type Zone } from '../zone.ts';
import { textOf, type Component } from './lines.ts';

const windows: Readonly<Record<string, string>> = {
  'utc': 'UTC', 'gmt standard time': 'Europe/London', 'greenwich standard time': 'Atlantic/Reykjavik',
  'w. europe standard time': 'Europe/Berlin', 'central europe standard time': 'Europe/Budapest', 'romance standard time': 'Europe/Paris', 'central european standard time': 'Europe/Warsaw',
  'gtb standard time': 'Europe/Bucharest', 'fle standard time': 'Europe/Kyiv', 'e. europe standard time': 'Europe/Chisinau', 'turkey standard time': 'Europe/Istanbul', 'russian standard time': 'Europe/Moscow',
  'israel standard time': 'Asia/Jerusalem', 'egypt standard time': 'Africa/Cairo', 'south africa standard time': 'Africa/Johannesburg', 'morocco standard time': 'Africa/Casablanca', 'w. central africa standard time': 'Africa/Lagos', 'e. africa standard time': 'Africa/Nairobi',
  'arab standard time': 'Asia/Riyadh', 'arabian standard time': 'Asia/Dubai', 'iran standard time': 'Asia/Tehran', 'pakistan standard time': 'Asia/Karachi', 'india standard time': 'Asia/Kolkata', 'nepal standard time': 'Asia/Kathmandu', 'bangladesh standard time': 'Asia/Dhaka',
  'se asia standard time': 'Asia/Bangkok', 'china standard time': 'Asia/Shanghai', 'singapore standard time': 'Asia/Singapore', 'taipei standard time': 'Asia/Taipei', 'w. australia standard time': 'Australia/Perth', 'tokyo standard time': 'Asia/Tokyo', 'korea standard time': 'Asia/Seoul',
  'cen. australia standard time': 'Australia/Adelaide', 'aus central standard time': 'Australia/Darwin', 'aus eastern standard time': 'Australia/Sydney', 'e. australia standard time': 'Australia/Brisbane', 'tasmania standard time': 'Australia/Hobart', 'lord howe standard time': 'Australia/Lord_Howe', 'new zealand standard time': 'Pacific/Auckland',
  'hawaiian standard time': 'Pacific/Honolulu', 'alaskan standard time': 'America/Anchorage', 'pacific standard time': 'America/Los_Angeles', 'us mountain standard time': 'America/Phoenix', 'mountain standard time': 'America/Denver', 'central standard time': 'America/Chicago', 'canada central standard time': 'America/Regina',
  'central america standard time': 'America/Guatemala', 'central standard time (mexico)': 'America/Mexico_City', 'eastern standard time': 'America/New_York', 'us eastern standard time': 'America/Indiana/Indianapolis', 'sa pacific standard time': 'America/Bogota', 'atlantic standard time': 'America/Halifax', 'newfoundland standard time': 'America/St_Johns',
  'sa western standard time': 'America/La_Paz', 'pacific sa standard time': 'America/Santiago', 'e. south america standard time': 'America/Sao_Paulo', 'argentina standard time': 'America/Argentina/Buenos_Aires',
};

/** By the calendar that describes them, so that a file with many is looked through once. */
const described = new WeakMap<Component, ReadonlyMap<string, string>>();

/** Where each zone of a calendar says that it is. */
function placesIn(calendar: Component): ReadonlyMap<string, string> {
  const known = described.get(calendar);
  if (known !== undefined) return known;
  const valueOf = (component: Component, name: string): string | undefined => component.properties.find((property) => property.name === name)?.value;
  const places = new Map<string, string>();
  for (const component of calendar.components) {
    const id = component.name === 'VTIMEZONE' ? valueOf(component, 'TZID') : undefined;
    const place = id === undefined || places.has(textOf(id)) ? undefined : valueOf(component, 'X-LIC-LOCATION');
    if (id !== undefined && place !== undefined) places.set(textOf(id), textOf(place).trim());
  }
  described.set(calendar, places);
  return places;
}

/** Of the longest names there are: "America/Argentina/Buenos_Aires". */
const mostParts = 3;
const longestName = 200;

/** @param calendar whose VTIMEZONE may say where it is. Null: nobody knows which zone that is */
export function zoneNamed(name: string, calendar: Component): Zone | null {
  if (name.length > longestName) return null;
  const direct = findZone(name) ?? findZone(windows[name.toLowerCase()] ?? '');
  if (direct !== null) return direct;
  const place = placesIn(calendar).get(name);
  const located = place === undefined ? null : findZone(place);
  if (located !== null) return located;
  // "/freeassociation.sourceforge.net/Europe/Berlin"
  const parts = name.split('/').filter((part) => part !== '');
  for (let from = Math.max(1, parts.length - mostParts); from < parts.length - 1; from += 1) {
    const zone = findZone(parts.slice(from).join('/'));
    if (zone !== null) return zone;
  }
  return null;
}
