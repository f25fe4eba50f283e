/** libpq's connection service file: `[name]` and lines of key=value. Source: libpq's "The Connection Service File", and parseServiceFile() of fe-connect.c. */
import { linesOf } from '../platform/text.ts';

export interface Service {
  name: string;
  line: number;
  values: Map<string, string>;
  /** Why libpq would refuse it. */
  problems: { line: number; reason: string }[];
}

/** Reads a file. Of a name that stands twice libpq takes the first, and of a key in it the first too. */
export function readServiceFile(text: string): { services: Service[]; problems: { line: number; reason: string }[] } {
  const services: Service[] = [];
  const problems: { line: number; reason: string }[] = [];
  let current: Service | null = null;
  linesOf(text).forEach((content, index) => {
    const line = index + 1;
    const trimmed = content.trim();
    if (trimmed === '' || trimmed.startsWith('#')) return;
    if (trimmed.startsWith('[')) {
      const end = trimmed.indexOf(']');
      current = { name: end === -1 ? trimmed.slice(1) : trimmed.slice(1, end), line, values: new Map(), problems: [] };
      if (end === -1 || current.name === '') current.problems.push({ line, reason: 'the name of the service is not between brackets' });
      services.push(current);
      return;
    }
    if (current === null) return void problems.push({ line, reason: 'it stands before the first [service]' });
    const equals = trimmed.indexOf('=');
    const key = trimmed.slice(0, equals);
    if (/^ldaps?:/i.test(trimmed)) current.problems.push({ line, reason: 'what is looked up by LDAP is not supported' });
    else if (equals === -1) current.problems.push({ line, reason: 'there is no = in it' });
    else if (!/^[a-z_]+$/.test(key)) current.problems.push({ line, reason: 'it does not begin with a key of libpq and =, without blanks between' });
    else if (key === 'service') current.problems.push({ line, reason: 'a service may not name another one' });
    else if (!current.values.has(key)) current.values.set(key, trimmed.slice(equals + 1));
  });
  return { services, problems };
}
