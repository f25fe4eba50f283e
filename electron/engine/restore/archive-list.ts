/** The table of contents of an archive, as `pg_restore --list` prints it and `--use-list` takes it. */
import { PilothouseError } from '#shared/domain/errors.ts';

export interface ArchiveEntry {
  /** The number in front, which `--use-list` goes by. */
  dumpId: number;
  /** "TABLE DATA", "ACL", "EVENT TRIGGER", … */
  kind: string;
  /** Null where it belongs to no schema. */
  schema: string | null;
  /** What follows the schema up to the owner: "orders", "TABLE orders", "orders orders_pkey". */
  tag: string;
  /** Empty where nobody owns it. */
  owner: string;
  /** The line as it was printed. */
  line: string;
}

export interface ArchiveList {
  entries: ArchiveEntry[];
  /** Major of the server it was dumped from. Null where the list does not say. */
  serverMajor: number | null;
  /** Major of the pg_dump that wrote it. Null where the list does not say. */
  dumpMajor: number | null;
}

/** Kinds of more than one word; every other kind is one word. Source: pg_backup_archiver's descriptions, 13 to 18. */
const longKinds = [
  'ACCESS METHOD', 'BLOB COMMENTS', 'BLOB METADATA', 'CHECK CONSTRAINT', 'DATABASE PROPERTIES', 'DEFAULT ACL', 'EVENT TRIGGER', 'FK CONSTRAINT', 'FOREIGN DATA WRAPPER', 'FOREIGN SERVER',
  'FOREIGN TABLE', 'INDEX ATTACH', 'LARGE OBJECT', 'MATERIALIZED VIEW DATA', 'MATERIALIZED VIEW', 'OPERATOR CLASS', 'OPERATOR FAMILY', 'PROCEDURAL LANGUAGE', 'PUBLICATION TABLES IN SCHEMA',
  'PUBLICATION TABLE', 'ROW SECURITY', 'SECURITY LABEL', 'SEQUENCE OWNED BY', 'SEQUENCE SET', 'SHELL TYPE', 'STATISTICS DATA', 'SUBSCRIPTION TABLE', 'TABLE ATTACH', 'TABLE DATA',
  'TEXT SEARCH CONFIGURATION', 'TEXT SEARCH DICTIONARY', 'TEXT SEARCH PARSER', 'TEXT SEARCH TEMPLATE', 'USER MAPPING',
].sort((a, b) => b.length - a.length);

/** A name may hold anything but a line end of the list's own: pg_restore prints those of names as spaces. */
const entryLine = /^(\d+); \d+ \d+ ([^\n]+)$/;
const lineEnd = /\r?\n/;

function parseEntry(line: string): ArchiveEntry | null {
  const match = entryLine.exec(line);
  if (match === null) return null;
  const rest = match[2] ?? '';
  const kind = longKinds.find((candidate) => rest.startsWith(`${candidate} `)) ?? rest.split(' ', 1)[0] ?? rest;
  const after = rest.slice(kind.length + 1);
  // Names may contain spaces: only the first word and the last are certain, and both only where names have none.
  const schemaEnd = after.indexOf(' ');
  const ownerStart = after.lastIndexOf(' ');
  const schema = schemaEnd < 0 ? after : after.slice(0, schemaEnd);
  return {
    dumpId: Number(match[1]),
    kind,
    schema: schema === '-' ? null : schema,
    tag: schemaEnd < 0 ? '' : after.slice(schemaEnd + 1, Math.max(ownerStart, schemaEnd + 1)),
    owner: ownerStart < 0 ? '' : after.slice(ownerStart + 1),
    line,
  };
}

/**
 * Reads the output of `pg_restore --list`. Lines that are no entries are comments.
 * @throws postgres.tool-failed for a line that begins like an entry and is none: what is not seen is not decided upon
 */
export function parseArchiveList(text: string): ArchiveList {
  const entries: ArchiveEntry[] = [];
  let serverMajor: number | null = null;
  let dumpMajor: number | null = null;
  for (const line of text.split(lineEnd)) {
    const from = /^;\s+Dumped (from database|by pg_dump) version: (\d+)/.exec(line);
    if (from?.[1] === 'from database') serverMajor = Number(from[2]);
    if (from?.[1] === 'by pg_dump') dumpMajor = Number(from[2]);
    const entry = parseEntry(line);
    if (entry !== null) entries.push(entry);
    else if (/^\d/.test(line)) throw new PilothouseError('postgres.tool-failed', `pg_restore --list printed an entry that cannot be read: ${JSON.stringify(line)}.`, { hint: 'This says nothing about the backup. Try it with pg_restore of another version.', details: { line } });
  }
  return { entries, serverMajor, dumpMajor };
}

/** A list for `--use-list` without some entries. */
export function listWithout(list: ArchiveList, leftOut: ReadonlySet<number>): string {
  return `${list.entries.map((entry) => (leftOut.has(entry.dumpId) ? `;${entry.line}` : entry.line)).join('\n')}\n`;
}

/** A list for `--use-list` of some entries only. */
export function listOf(entries: readonly ArchiveEntry[]): string {
  return `${entries.map((entry) => entry.line).join('\n')}\n`;
}

/**
 * Which entries of the SQL that `pg_restore --verbose --file=-` prints name one of some roles, in a privilege, a policy
 * or a user mapping. Returns their dump ids. Rather one too many than one too few: what is left out is said, what fails
 * ends the restore.
 */
export function entriesNaming(sql: string, roles: readonly string[]): Set<number> {
  const found = new Set<number>();
  const quoted = roles.flatMap((role) => [`"${role.replaceAll('"', '""')}"`, ...(/^[a-z_][a-z0-9_$]*$/.test(role) ? [role] : [])]);
  let current: number | null = null;
  for (const line of sql.split('\n')) {
    const header = /^-- TOC entry (\d+) /.exec(line);
    if (header !== null) current = Number(header[1]);
    if (current === null || !/^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION AUTHORIZATION|CREATE POLICY|CREATE USER MAPPING) /.test(line)) continue;
    const names = quoted.some((name) => new RegExp(`(?: TO | FROM | FOR | ROLE | BY |, |AUTHORIZATION )${name.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')}(?=[ ,;]|$)`).test(line));
    if (names) found.add(current);
  }
  return found;
}
