/** Options of the form NAME=VALUE that may be given several times. */
import { UsageError } from './failures.ts';

/** @throws UsageError where one has no name */
export function pairs(options: Record<string, unknown>, name: string): Map<string, string> {
  const given = options[name];
  const found = new Map<string, string>();
  for (const text of Array.isArray(given) ? (given as string[]) : []) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`--${name} takes NAME=VALUE, not "${text}".`);
    found.set(text.slice(0, at), text.slice(at + 1));
  }
  return found;
}
