/** Rows as text, for people and for evidence. */
import { shown } from './output.ts';

/** What stands for a value that is not there. */
export const nullSign = '∅';
/** Characters of one value that a table shows. */
const longestValue = 500;

/** A value as it may be kept: plain, and without losing digits. */
export function plainValue(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`;
  return JSON.stringify(value);
}

const cell = (value: unknown): string => {
  const plain = plainValue(value);
  const text = plain === null ? nullSign : shown(String(plain)).replaceAll('\n', ' ');
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text;
};

/** @param count of all rows, of which some may be left out */
export function tableText(columns: readonly string[], rows: readonly (readonly unknown[])[], count: number): string {
  const cells = [columns.map((name) => shown(name)), ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_name, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const lines = cells.map((row) => row.map((text, index) => text.padEnd(widths[index] ?? 0)).join(' | ').trimEnd());
  const rule = widths.map((width) => '-'.repeat(width)).join('-+-');
  const leftOut = count > rows.length ? `… ${(count - rows.length).toLocaleString('en-US')} rows are left out here …\n` : '';
  return `${[lines[0], rule, ...lines.slice(1)].join('\n')}\n${leftOut}(${count.toLocaleString('en-US')} ${count === 1 ? 'row' : 'rows'})\n`;
}
