/** `RESTORE.md`: what to do with a backup folder where there is no Pilothouse. */
import { figuresInWords, figuresOf } from '#shared/domain/table-counts.ts';
import type { Manifest } from './manifest.ts';
import { commandLine } from './run-tool.ts';
import { countInWords, timeInWords } from './words.ts';

export const restoreTextName = 'RESTORE.md';

/** A name in a sentence or heading: whatever is in it, it stays on its line. */
const onOneLine = (name: string) => name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** Postgres cuts longer names, in bytes: what is cut must not be what tells the two apart. Source: NAMEDATALEN. */
const longestName = 63;

/**
 * The name of the database to restore into: like the one it was, and for every shell and program nothing but a name,
 * never an option, a conninfo string or a second line.
 */
function nameBeside(name: string): string {
  const ending = '_restored';
  const letters = [...name.replaceAll(/[^\p{L}\p{N}_-]+/gu, '_').replace(/^-+/, '_')];
  while (Buffer.byteLength(letters.join('') + ending) > longestName) letters.pop();
  return letters.join('') + ending;
}

/** What createdb has to be told for the same order and the same kinds of letters. */
function localeArguments({ encoding, collate, ctype, localeProvider, locale, icuRules }: Omit<Manifest, 'files'>): string[] {
  const ofProvider: Record<string, string> = { icu: '--icu-locale', builtin: '--builtin-locale' };
  const option = ofProvider[localeProvider ?? ''];
  return [
    `--encoding=${encoding}`,
    `--lc-collate=${collate}`,
    `--lc-ctype=${ctype}`,
    // Before 15 there is libc and no such option.
    ...(localeProvider === null ? [] : [`--locale-provider=${localeProvider}`]),
    ...(option === undefined || locale === null ? [] : [`${option}=${locale}`]),
    // White space in rules means nothing, so they may stand on one line.
    ...(icuRules === undefined ? [] : [`--icu-rules=${icuRules}`]),
  ].map(onOneLine);
}

/** Plain Markdown with commands that can be copied. Names no password, and no host but the one it came from. */
export function restoreText(manifest: Omit<Manifest, 'files'>): string {
  const { server, dump, contents, globals } = manifest;
  const name = onOneLine(manifest.database.name);
  const host = onOneLine(manifest.database.host);
  const major = Math.floor(server.versionNum / 10_000);
  const into = nameBeside(manifest.database.name);
  const jobs = Math.max(2, dump.jobs);
  return `# ${name}, as it was on ${timeInWords(manifest.snapshotAt)}

A dump of the database ${name} of ${onOneLine(manifest.system.name)} (${manifest.system.environment}), made on ${host}:${manifest.database.port}
with pg_dump ${manifest.madeBy.pgDump} from Postgres ${server.version}. It holds ${figuresInWords(figuresOf(contents.tables))}, and ${countInWords(contents.largeObjects, 'large object')}.

\`manifest.json\` has the exact number of rows of every table, the values of the sequences, and size and SHA-256 of every file.
\`proofs.json\`, where there is one, says how far this backup was verified.

## Is it whole?

On Linux, in this folder (nothing is printed for files that are as they were):

    jq -r '.files[] | .sha256 + "  " + .path' manifest.json | sha256sum --check --quiet

Every byte can be read:

    pg_restore --file=/dev/null ${dump.path}

## Restore it beside what is there

With the programs of Postgres ${major} or newer, as a superuser or a role that may create databases. Nothing existing is touched:

    ${commandLine('createdb', ['--template=template0', ...localeArguments(manifest), into])}
    ${commandLine('pg_restore', ['--exit-on-error', `--jobs=${jobs}`, `--dbname=${into}`, dump.path])}
    ${commandLine('vacuumdb', ['--analyze-only', into])}

${globals.file === null ? 'Roles and tablespaces were not saved: what the dump needs has to exist before.' : `If roles or tablespaces are missing on the server, read \`${globals.file}\` and run what is needed of it first${globals.passwords ? '' : ' (it has no passwords: they were not readable)'}:

    ${commandLine('psql', ['-X', '--set=ON_ERROR_STOP=1', '--dbname=postgres', `--file=${globals.file}`])}

It stops at the first role that exists already; take those lines out.`} To restore without owners and rights, add \`--no-owner --no-privileges\` to pg_restore.

${manifest.extensions.length === 0 ? '' : `Extensions it needs: ${manifest.extensions.map((extension) => onOneLine(`${extension.name} ${extension.version}`)).join(', ')}.\n\n`}Then compare the rows with \`manifest.json\` before you rely on it.
`;
}
