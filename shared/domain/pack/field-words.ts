/** Fields of items and what stands in them, as people read them. Pure. */
import { durationSpelled } from '../runbook/params.ts';

/** "body matches" of "bodyMatches", "warn" of "warnMs", "clocks, respond" of "clocks.respond". */
export const fieldWords = (path: string): string => path.split('.').map((name) => name.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)).join(', ');

/** Fields that hold milliseconds. */
const isDuration = (path: string): boolean => /Ms$|^(?:clocks|responds)\./.test(path);

/** What stands at the path of a field: "4 h" of 14 400 000 in "clocks.respond". */
export function valueWords(path: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map((each) => valueWords(path, each)).join('; ');
  if (typeof value === 'object') {
    const parts = Object.entries(value).filter(([, each]) => each !== null);
    return parts.length === 0 ? 'nothing' : parts.map(([name, each]) => `${fieldWords(name)} ${valueWords(name, each)}`).join(', ');
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && isDuration(path)) return durationSpelled(value);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
