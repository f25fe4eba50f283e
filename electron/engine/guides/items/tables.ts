/** Tables of a guide by what their columns are: entries of a calendar, contacts, limits, severities, roles. */
import { plain, titleOf } from '#shared/domain/guide/plain.ts';
import { recurrenceIn } from '#shared/domain/guide/recurrence.ts';
import { durationIn, limitsIn, mailsIn, phonesIn } from '#shared/domain/guide/values.ts';
import { columnsOf, oftenOf, topicsOf, type Column } from '#shared/domain/guide/words.ts';
import type { TableBlock } from '../blocks.ts';
import type { Section } from '../sections.ts';
import { addEntry } from './calendar.ts';
import type { Collection } from './made.ts';
import { addContact, type Roles } from './people.ts';
import { severityOf, type ClockName, type Limits, type Severities } from './severities.ts';

export interface TableReaders {
  collection: Collection;
  severities: Severities;
  limits: Limits;
  roles: Roles;
  /** Runbooks by what a column of scripts names, once all are known. */
  scripts: { key: string; script: string; line: number }[];
}

interface Row {
  line: number;
  cell: (column: Column) => string;
  /** Cells of columns that are none of those. */
  rest: (...taken: Column[]) => string;
  all: string;
}

function rowsOf(table: TableBlock, columns: Partial<Record<Column, number>>): Row[] {
  return table.rows.map(({ cells, line }) => ({
    line,
    cell: (column) => plain(cells[columns[column] ?? -1] ?? ''),
    rest: (...taken) => cells.map((cell, index) => (taken.some((column) => columns[column] === index) || plain(cell) === '' ? '' : `${plain(table.header[index] ?? '')}: ${plain(cell)}`)).filter((each) => each !== '').join('\n'),
    all: cells.map(plain).join(' | '),
  }));
}

function addSchedule({ collection, scripts }: TableReaders, section: Section, rows: readonly Row[], columns: Partial<Record<Column, number>>, label: string): number {
  let count = 0;
  const often = oftenOf(label) ?? oftenOf(section.title) ?? section.path.toReversed().map(oftenOf).find((each) => each !== null) ?? null;
  for (const row of rows) {
    const task = row.cell('task') || row.cell('metric') || row.cell('script') || row.cell('examples') || row.cell('role');
    if (task === '') continue;
    const when = ['frequency', 'month', 'date', 'day', 'time'].map((column) => row.cell(column as Column)).filter((each) => each !== '').join(' ');
    const own = oftenOf(row.cell('frequency') || row.cell('time') || row.cell('day'));
    // A date alone is of each month, a day of the week of each week.
    const recurrence = recurrenceIn(when, own ?? (columns.date !== undefined || columns.day !== undefined ? null : often)) ?? (often === null ? null : recurrenceIn(when, often));
    if (recurrence === null) continue;
    const script = row.cell('script');
    const entry = addEntry(collection, section, {
      title: task,
      when,
      recurrence: recurrence.rrule === null && often !== null ? (recurrenceIn(when, often) ?? recurrence) : recurrence,
      line: row.line,
      lines: [{ from: row.line, to: row.line }],
      tasks: [script === '' || script === task ? task : `${task} (${script})`],
      durationMs: durationIn(row.cell('duration')),
      text: row.rest('task', 'duration'),
    });
    if (entry === null) continue;
    count += 1;
    if (script !== '') scripts.push({ key: entry.key, script, line: row.line });
  }
  return count;
}

function addContacts({ collection }: TableReaders, section: Section, rows: readonly Row[]): number {
  return rows.filter((row) => {
    const title = row.cell('role') || row.cell('level') || row.cell('owner') || row.cell('email') || section.title;
    const contact = addContact(collection, section, { title, about: [row.rest('role', 'email', 'phone').replaceAll('\n', '. ')], text: `${row.cell('email')} ${row.cell('phone')} ${row.all}`, line: row.line, lines: [{ from: row.line, to: row.line }] });
    return contact !== null;
  }).length;
}

const atLeast = /^\s*(?:>|≥|at least|over|above|min|mindestens|uber)/i;
const atMost = /^\s*(?:<|≤|below|under|at most|max|unter|hochstens)/i;

/** "500 ms | 2 s" in one cell: from when on it is a warning, and from when on critical. */
function twoIn(cell: string): [string, string] | null {
  const [warn = '', critical = '', ...more] = cell.split(/\s+[|/]\s+|\s*\|\s*/);
  return more.length === 0 && [warn, critical].every((text) => /\d/.test(text)) ? [warn, critical] : null;
}

/** Milliseconds of units of time. */
const timeUnits: Readonly<Record<string, number>> = { ms: 1, seconds: 1000, hours: 3_600_000, days: 86_400_000 };

/** A limit in the smaller of two units of time, so that a warning in milliseconds and what is critical in seconds are of one thing. */
function inUnitOf<Found extends { value: number; unit: string }>(limit: Found | undefined, other: Found | undefined): Found | undefined {
  const own = timeUnits[limit?.unit ?? ''];
  const smaller = timeUnits[other?.unit ?? ''];
  return limit === undefined || other === undefined || own === undefined || smaller === undefined || smaller >= own ? limit : { ...limit, value: (limit.value * own) / smaller, unit: other.unit };
}

function addLimits({ limits }: TableReaders, section: Section, rows: readonly Row[], columns: Partial<Record<Column, number>>, header: string): number {
  // A target is what is wanted: above it all is well where it is to be reached.
  const isTarget = /target|goal|ziel|objecti|objetiv|obiettiv|meta\b|doel\b/i.test(header);
  let count = 0;
  for (const row of rows) {
    const title = row.cell('metric') || row.cell('task') || row.cell('role') || row.cell('examples');
    if (title === '') continue;
    const lines = [{ from: row.line, to: row.line }];
    const limitOf = (text: string): ReturnType<typeof limitsIn>[number] | undefined => limitsIn(/[<>≤≥]|\d\s*%/.test(text) ? text : `> ${text}`)[0];
    const add = (level: 'warn' | 'critical', text: string, beside = ''): void => {
      const limit = inUnitOf(limitOf(text), limitOf(beside));
      if (limit === undefined) return;
      count += 1;
      limits.add(section, { title, unit: limit.unit, lowerIsWorse: isTarget ? atLeast.test(text) : (atMost.test(text) && limit.unit !== 'ms' && limit.unit !== 'seconds') || limit.lowerIsWorse, [level]: { value: limit.value, line: row.line, words: text }, note: row.all, lines, merge: true });
    };
    const levels: [string, string] = [row.cell('warn'), row.cell('critical')];
    const both = levels.every((text) => text !== '') ? levels : columns.level === undefined ? twoIn(levels[0] || levels[1] || row.cell('threshold')) : null;
    if (both !== null || columns.warn !== undefined || columns.critical !== undefined) {
      const [warn, critical] = both ?? levels;
      add('warn', warn, critical);
      add('critical', critical, warn);
    } else add(severityOf(row.cell('level'))?.rank === 1 || /crit|krit|red|rot/i.test(row.cell('level')) ? 'critical' : 'warn', row.cell('threshold'));
  }
  return count;
}

const clockColumns: readonly ClockName[] = ['acknowledge', 'respond', 'update', 'escalate', 'resolve'];

function addSeverities({ severities }: TableReaders, section: Section, rows: readonly Row[]): number {
  return rows.filter((row) => {
    const title = row.cell('severity') || row.cell('level') || row.cell('role');
    const clocks = Object.fromEntries(clockColumns.flatMap((name) => {
      const ms = durationIn(row.cell(name));
      return ms === null ? [] : [[name, { ms, line: row.line }]];
    }));
    if (title === '') return false;
    severities.add(section, { title, examples: [row.cell('examples')].filter((each) => each !== ''), clocks, note: row.rest('severity', 'examples'), lines: [{ from: row.line, to: row.line }] });
    return true;
  }).length;
}

/** @param label what was announced right above it @returns whether something was made of it */
export function addTable(readers: TableReaders, section: Section, table: TableBlock, label: string): boolean {
  const columns = columnsOf(table.header.map(plain));
  const rows = rowsOf(table, columns);
  const has = (...names: Column[]): boolean => names.some((name) => columns[name] !== undefined);
  const topics = topicsOf([section.title, label].join(' '));
  const whole = rows.map(({ all }) => all).join('\n');
  if (has('email', 'phone') && (mailsIn(whole).length > 0 || phonesIn(whole).length > 0)) return addContacts(readers, section, rows) > 0;
  if (has('threshold', 'warn') && has('metric', 'task', 'role') && rows.some(({ all }) => /\d/.test(all)) && !has('respond', 'resolve')) {
    if (addLimits(readers, section, rows, columns, plain(table.header[columns.threshold ?? -1] ?? '')) > 0) return true;
  }
  if (has('severity', 'level', 'role') && has('respond', 'acknowledge', 'resolve', 'update') && rows.some((row) => clockColumns.some((name) => durationIn(row.cell(name)) !== null))) return addSeverities(readers, section, rows) > 0;
  if (has('time', 'day', 'date', 'month', 'frequency') && has('task', 'script', 'metric', 'examples', 'role')) {
    if (addSchedule(readers, section, rows, columns, label) > 0) return true;
  }
  if (topics.has('severity') && has('respond') && has('task', 'metric', 'examples')) return addSeverities(readers, section, rows) > 0;
  if (topics.has('roles') && has('role') && table.header.length > 1) {
    for (const row of rows) if (row.cell('role') !== '') readers.roles.add(section, titleOf(row.cell('role')), row.rest('role').split('\n').map((each) => each.replace(/^[^:]+:\s*/, '')), [{ from: row.line, to: row.line }]);
    return true;
  }
  return false;
}
