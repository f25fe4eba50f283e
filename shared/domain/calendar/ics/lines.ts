/** The lines of iCalendar (RFC 5545, 3.1): long ones are folded, values escaped, parameters may be quoted. */

export interface Property {
  /** "DTSTART". */
  name: string;
  /** By name, in capitals; of several values the first. */
  params: ReadonlyMap<string, string>;
  /** As it stands there. */
  value: string;
}

export interface Component {
  /** "VEVENT". */
  name: string;
  properties: readonly Property[];
  components: readonly Component[];
}

const longestLine = 75;

/** A value that is text, as it is read: "\n" and escaped marks. */
export const textOf = (value: string): string => value.replaceAll(/\\([\\;,nN])/g, (_all, mark: string) => (mark === 'n' || mark === 'N' ? '\n' : mark));

/** The same as it is written. */
export const escaped = (text: string): string => text.replaceAll(/[\\;,]/g, (mark) => `\\${mark}`).replaceAll(/\r\n|\r|\n/g, '\\n').replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');

function octets(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x8_00 ? 2 : code < 0x1_00_00 ? 3 : 4;
}

/** A line as it is written: at most 75 octets each, no character cut in two. */
export function folded(line: string): string {
  let out = '';
  let length = 0;
  for (const character of line) {
    const size = octets(character);
    if (length + size > longestLine) {
      out += '\r\n ';
      length = 1;
    }
    out += character;
    length += size;
  }
  return `${out}\r\n`;
}

/** Null: it is no line of iCalendar. */
function propertyOf(line: string): Property | null {
  const found = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s.exec(line);
  if (found === null) return null;
  const [, name = '', written = '', value = ''] = found;
  const params = new Map<string, string>();
  for (const [, param = '', quoted, plain = ''] of written.matchAll(/;([A-Za-z0-9-]+)=(?:"([^"]*)"|([^";:,]*))/g)) params.set(param.toUpperCase(), quoted ?? plain);
  return { name: name.toUpperCase(), params, value };
}

/** A calendar holds events, which hold alarms; what is nested deeper than so means nothing. */
const deepest = 20;

interface Growing {
  name: string;
  properties: Property[];
  components: Growing[];
}

/** The calendars of a file; null where it is none. Lines that mean nothing are passed over. */
export function readComponents(text: string): Component[] | null {
  const lines = text.replace(/^\uFEFF/, '').replaceAll(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const root: Growing = { name: '', properties: [], components: [] };
  const open: Growing[] = [root];
  for (const line of lines) {
    const property = propertyOf(line);
    const current = open.at(-1);
    if (property === null || current === undefined) continue;
    if (property.name === 'BEGIN') {
      if (open.length > deepest) continue;
      const component: Growing = { name: property.value.trim().toUpperCase(), properties: [], components: [] };
      current.components.push(component);
      open.push(component);
    } else if (property.name === 'END') {
      // An end of something that was never begun ends nothing.
      const at = open.findLastIndex(({ name }) => name === property.value.trim().toUpperCase());
      if (at > 0) open.length = at;
    } else current.properties.push(property);
  }
  const calendars = root.components.filter(({ name }) => name === 'VCALENDAR');
  return calendars.length === 0 ? null : calendars;
}
