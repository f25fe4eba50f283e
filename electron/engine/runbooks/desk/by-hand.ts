/** What a person does for a procedure of the console where that reaches nothing: commands of Postgres's own programs, with what is known filled in. */
import type { Runbook, Step } from '#shared/domain/runbook/definition.ts';
import { fill } from '#shared/domain/runbook/template.ts';
import type { EngineContext } from '../../engine-context.ts';
import { quoteIdentifier } from '../../backup/identifiers.ts';
import { withSuffix } from '../../restore/names.ts';
import { quoteWord } from '../../ssh/quote.ts';
import type { CalledAction } from './called.ts';
import { allSteps } from './steps-of.ts';

/** How a database is connected to. */
export interface Reached {
  host: string;
  port: number;
  user: string;
}

export const reachedIn = (systems: Pick<EngineContext['systems'], 'findDatabase'>) => (databaseId: string): Reached | null => systems.findDatabase(databaseId)?.connection ?? null;

export interface ByHand {
  action: CalledAction;
  /** The step that made the copy which is swapped, or swapped back; null where none is known. */
  made: CalledAction | null;
  /** The database that the step, or the one that made the copy, has for its target; null where none was chosen. */
  database: string | null;
  /** What a restore went into, where it was done by the console. */
  into: string | null;
  reached: Reached | null;
  /** The value of this name, or what stands for one that is not known. */
  of: (name: string) => string;
}

/** The step that restored what `from` of this one names, through others that name it in turn; null where none does. */
export function madeBy(runbook: Pick<Runbook, 'prerequisites' | 'steps' | 'rollback'>, { with: given }: CalledAction): (Step & { action: CalledAction }) | null {
  const passed = new Set<string>();
  for (let at = given['from']; at !== undefined && !passed.has(at); ) {
    passed.add(at);
    const id = at;
    const step = allSteps(runbook).find((each) => each.id === id);
    if (step?.action.kind !== 'procedure') return null;
    if (step.action.procedure === 'restore.beside') return { ...step, action: step.action };
    at = step.action.with['from'];
  }
  return null;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A statement as one word of a shell: with quotes that leave its own as they are, where nothing in it means something within them. */
const word = (statement: string): string => (/[$`"\\!]/.test(statement) ? quoteWord(statement) : `"${statement}"`);

/** A line is a comment or a command: what is put into it must not begin another one. */
const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

/** A function of the shell that counts the rows of every table of the database that it is given; no "!", which shells at a terminal expand. */
const counting = [
  "counts() { psql -X -At -v ON_ERROR_STOP=1 -d \"$1\" <<'SQL'",
  "SELECT format('SELECT %1$L, count(*) FROM %1$s', format('%I.%I', schemaname, tablename)) FROM pg_catalog.pg_tables WHERE left(schemaname, 3) <> 'pg_' AND schemaname <> 'information_schema' ORDER BY schemaname COLLATE \"C\", tablename COLLATE \"C\" \\gexec",
  'SQL',
  '}',
];

function connecting(reached: Reached | null): string[] {
  const { host, port, user } = reached ?? { host: '⟨host⟩', port: 5432, user: '⟨role⟩' };
  return [
    '# In a shell of a machine that reaches the server, with the client programs of its version or a newer one, in a folder with room:',
    `export PGHOST=${quoteWord(host)} PGPORT=${port} PGUSER=${quoteWord(user)}`,
  ];
}

/** Makes a database, fills it from `$copy`, and compares its counts with those of the live one. */
function filled(database: string, into: string): string[] {
  const both = `${literal(database)}, ${literal(into)}`;
  return [
    '# Restore it into a new database, which stops at the first error:',
    `pg_restore --list "$copy" >/dev/null && createdb -T template0 ${quoteWord(into)} && pg_restore --exit-on-error -d ${quoteWord(into)} "$copy" && psql -X -d ${quoteWord(into)} -c ANALYZE`,
    '# Encoding, locale, owner, rights and settings of both have to be the same. Encoding and locale are given to createdb (-E, --lc-collate, --lc-ctype); the others by ALTER DATABASE and GRANT:',
    `psql -X -x -d postgres -c ${word(`SELECT datname, pg_encoding_to_char(encoding) AS encoding, datcollate, datctype, pg_get_userbyid(datdba) AS owner, datacl, datconnlimit, setrole, setconfig FROM pg_database LEFT JOIN pg_db_role_setting ON setdatabase = pg_database.oid WHERE datname IN (${both})`)}`,
    '# Count the rows of every table in both. What differs is printed: it has to be what was written since the copy was made, and nothing else. Where the live one does not answer, look at copy.counts:',
    ...counting,
    `counts ${quoteWord(into)} > copy.counts && counts ${quoteWord(database)} > live.counts && diff live.counts copy.counts`,
  ];
}

function backup(database: string, proof: string | null): string[] {
  const proved = withSuffix(database, '__proof');
  return [
    '# Dump under another name, which becomes its own only where the list of its contents can be read (L1):',
    `copy=${quoteWord(database.replaceAll(/[^\w.⟨⟩-]+/gu, '-').replaceAll(/^-+|-+$/g, '') || 'copy')}"-$(date -u +%Y%m%dT%H%M%SZ).dump"`,
    `pg_dump -Fc --lock-wait-timeout=30000 -f "$copy.part" -d ${quoteWord(database)} && pg_restore --list "$copy.part" >/dev/null && mv "$copy.part" "$copy"`,
    '# Roles are in no dump of one database:',
    'pg_dumpall --globals-only --no-role-passwords -f "$copy.roles.sql"',
    ...(proof === 'L0' || proof === 'L1' ? [] : ['# L2: it is read to its end:', 'pg_restore -f /dev/null "$copy"']),
    ...(proof === null || proof === 'L3' ? ['# L3, which alone is a proof: it is restored and counted.', ...filled(database, proved), '# When it was compared, remove what was made for the proof:', `dropdb ${quoteWord(proved)}`] : []),
    '# Note its name, size and time. The copy belongs on another machine too.',
  ];
}

/** Both names change, or none. */
function exchanged(database: string, goes: string, comes: string): string[] {
  const among = (...names: string[]): string => names.map(literal).join(', ');
  const rename = (from: string, to: string): string => quoteWord(`ALTER DATABASE ${quoteIdentifier(from)} RENAME TO ${quoteIdentifier(to)}`);
  return [
    '# Stop what writes: the application, its jobs, poolers. Who is connected still:',
    `psql -X -d postgres -c ${word(`SELECT datname, pid, usename, application_name, client_addr FROM pg_stat_activity WHERE datname IN (${among(database, comes)})`)}`,
    '# End those sessions, and exchange the names: both or neither. Where somebody is connected again ("is being accessed by other users"), nothing was renamed: stop that too, and do both once more.',
    `psql -X -d postgres -c ${word(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (${among(database, comes)}) AND backend_type = 'client backend' AND pid <> pg_backend_pid()`)}`,
    `psql -X -v ON_ERROR_STOP=1 --single-transaction -d postgres -c ${rename(database, goes)} -c ${rename(comes, database)}`,
    `# Both have to be there, ${database} and ${goes}:`,
    `psql -X -d postgres -c ${word(`SELECT datname, pg_size_pretty(pg_database_size(oid)) AS size FROM pg_database WHERE datname IN (${among(database, goes, comes)})`)}`,
  ];
}

/**
 * What is done by hand, a line each: commands of a shell, and comments between them. They need Postgres 13 or later.
 * Of a health check in words alone.
 */
export function byHand({ action, made, database, into, reached, of }: ByHand): string[] {
  const setting = (from: CalledAction | null, name: string): string | null => {
    const text = from?.with[name];
    return text === undefined ? null : oneLine(fill(text, of));
  };
  const restore = action.procedure === 'restore.beside' ? action : made;
  const live = setting(action.procedure === 'backup.run' ? action : restore, 'database') ?? oneLine(database ?? '⟨database⟩');
  const beside = (into === null ? null : oneLine(into)) ?? setting(restore, 'into') ?? withSuffix(live, '__new');
  const aside = withSuffix(live, '__old');
  switch (action.procedure) {
    case 'health.check':
      return [`It is done as soon as Pilothouse reaches the server. Until then look at ${setting(action, 'only') ?? 'what its checks look at: the server answers, disks, memory and load, connections, long transactions, replication, the last proven backup'}, each by hand, and write down what was seen.`];
    case 'backup.run':
      return [...connecting(reached), ...backup(live, setting(action, 'proof') ?? action.require)];
    case 'restore.beside': {
      const [wanted, age] = [setting(action, 'backup') ?? 'newest-proven', setting(action, 'max_age')];
      const which = wanted === 'newest-proven' ? 'the newest that was proven' : wanted === 'newest' ? 'the newest' : `the backup ${wanted}`;
      return [...connecting(reached), `# The path of the copy, ${which}${age === null ? '' : `, not older than ${age}`} (in a folder of Pilothouse: dump.pgdump, or dump):`, "copy='⟨path of the copy⟩'", ...filled(live, beside)];
    }
    case 'restore.swap':
      return [...connecting(reached), ...exchanged(live, aside, beside), `# Start the application, and see that it works. Keep ${aside}: it is the way back.`];
    case 'restore.undo':
      return [...connecting(reached), `# Where Pilothouse swapped, the old one is called ${withSuffix(live, '__old_')} with date and time: put that name in.`, ...exchanged(live, beside, aside), `# Start the application, and see that it works. What was written since the swap is in ${beside} alone.`];
  }
}
