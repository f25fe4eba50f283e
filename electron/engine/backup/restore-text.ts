/** `RESTORE.md`: what to do with a backup folder where there is no Pilothouse. */
import type { Manifest } from './manifest.ts';
import { commandLine } from './run-tool.ts';
import { countInWords, timeInWords } from './words.ts';

export const restoreTextName = 'RESTORE.md';

/** Plain Markdown with commands that can be copied. Names no password, and no host but the one it came from. */
export function restoreText(manifest: Omit<Manifest, 'files'>): string {
  const { database, server, dump, contents, globals } = manifest;
  const major = Math.floor(server.versionNum / 10_000);
  const into = `${database.name}_restored`;
  const rows = contents.tables.reduce((sum, table) => sum + (table.kind === 'materialized-view' ? 0 : table.rows), 0);
  const jobs = Math.max(2, dump.jobs);
  return `# ${database.name}, as it was on ${timeInWords(manifest.snapshotAt)}

A dump of the database ${database.name} of ${manifest.system.name} (${manifest.system.environment}), made on ${database.host}:${database.port}
with pg_dump ${manifest.madeBy.pgDump} from Postgres ${server.version}. It holds ${countInWords(rows, 'row')} in ${countInWords(contents.tables.length, 'table')} and ${countInWords(contents.largeObjects, 'large object')}.

\`manifest.json\` has the exact number of rows of every table, the values of the sequences, and size and SHA-256 of every file.
\`proofs.json\`, where there is one, says how far this backup was verified.

## Is it whole?

On Linux, in this folder (nothing is printed for files that are as they were):

    jq -r '.files[] | .sha256 + "  " + .path' manifest.json | sha256sum --check --quiet

Every byte can be read:

    pg_restore --file=/dev/null ${dump.path}

## Restore it beside what is there

With the programs of Postgres ${major} or newer, as a superuser or a role that may create databases. Nothing existing is touched:

    ${commandLine('createdb', ['--template=template0', `--encoding=${manifest.encoding}`, `--lc-collate=${manifest.collate}`, `--lc-ctype=${manifest.ctype}`, into])}
    ${commandLine('pg_restore', ['--exit-on-error', `--jobs=${jobs}`, `--dbname=${into}`, dump.path])}
    ${commandLine('vacuumdb', ['--analyze-only', into])}

${globals.file === null ? 'Roles and tablespaces were not saved: what the dump needs has to exist before.' : `If roles or tablespaces are missing on the server, read \`${globals.file}\` and run what is needed of it first${globals.passwords ? '' : ' (it has no passwords: they were not readable)'}:

    ${commandLine('psql', ['-X', '--set=ON_ERROR_STOP=1', '--dbname=postgres', `--file=${globals.file}`])}

It stops at the first role that exists already; take those lines out.`} To restore without owners and rights, add \`--no-owner --no-privileges\` to pg_restore.

${manifest.extensions.length === 0 ? '' : `Extensions it needs: ${manifest.extensions.map(({ name, version }) => `${name} ${version}`).join(', ')}.\n\n`}Then compare the rows with \`manifest.json\` before you rely on it.
`;
}
