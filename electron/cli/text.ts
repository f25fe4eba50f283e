/** Figures and tables for people. */

import { plain } from '#shared/domain/plain-text.ts';

export { plain };

/** JSON that a terminal may show: JSON itself leaves DEL and the C1 controls raw, of which U+009B begins a sequence. */
export function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(/[\u007f-\u009f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** "2026-11-20 20:59 UTC": an instant of the contract in a sentence, where it must read alike on every computer. */
export function instantInWords(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

/** The engine's sentences for a terminal: nothing that it would obey, and instants as people read them. */
export function sentence(text: string): string {
  return plain(text).replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, instantInWords);
}

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1024 && unit < binaryUnits.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${binaryUnits[unit]}`;
}

/** "4.2 s", "3 min 20 s", "5 h 12 min". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  // Rounded before it is split, so that there are never 60 seconds beside the minutes.
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** How far this computer's time is ahead of UTC at an instant: "+01:00", "UTC" where it is not. */
function zone(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** An instant of the contract in this computer's time: "2026-11-20 19:04 +01:00". */
export function localTime(instant: string | null): string {
  if (instant === null) return 'never';
  const at = new Date(instant);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())} ${zone(at)}`;
}

export function count(number: number): string {
  return number.toLocaleString('en-US');
}

/** Enough of an identifier to name it: every command takes a beginning that only one has. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** Columns as wide as they must be; empty rows give the sentence for "none". */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  const lines = [headings, ...rows.map((row) => row.map((cell) => plain(cell).replaceAll(/\s+/g, ' ')))];
  const widths = headings.map((_heading, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => (column === line.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ').trimEnd()).join('\n');
}
