/** What the job on the host does: one dump, and then the hash of every file of it. Plain POSIX sh. */
import { quoteCommand, quoteWord } from '../../ssh/quote.ts';
import type { JobGround } from '../../ssh/jobs/detached-job.ts';
import { worksHere } from '../../ssh/jobs/scripts.ts';

/** Files in the folder of the job, beside `dump/`. */
export const hashesName = 'files.sha256';
export const sizesName = 'files.sizes';

/** Exit statuses of our own; any other is that of pg_dump, which has 0 and 1 and those of signals. */
export const jobStatus = { noHash: 72, hashFailed: 73, spaceLow: 75 } as const;

export type DumpStage = 'dump' | 'hash';

const hashCommand = { sha256sum: 'sha256sum', shasum: 'shasum -a 256', openssl: 'openssl dgst -sha256 -r' } as const;

const script = `umask 077
LC_ALL=C; export LC_ALL
${worksHere}echo dump >stage
child=
free() { df -Pk . 2>/dev/null | tail -n 1 | sed 's/^.*[[:space:]]\\([0-9]\\{1,\\}\\)[[:space:]]\\{1,\\}[0-9]\\{1,\\}%[[:space:]].*$/\\1/'; }
`;

/** The disk may be the one that the database itself writes to: a dump that would fill it ends before. Whoever watches goes with the dump, also where nobody is left to say so. */
const watched = (command: string): string => `${command} </dev/null &
child=$!
(
  trap 'kill "$nap" 2>/dev/null; exit 0' TERM
  while works "$child"; do
    left=$(free)
    case "$left" in '' | *[!0-9]*) ;; *) if [ "$left" -lt "$reserve" ]; then echo "$left" >low; kill -TERM "$child"; exit 0; fi ;; esac
    sleep 1 & nap=$!
    wait "$nap"
  done
) </dev/null >/dev/null 2>&1 &
guard=$!
wait "$child"
status=$?
kill -TERM "$guard" 2>/dev/null
[ ! -f low ] || exit ${jobStatus.spaceLow}
[ "$status" = 0 ] || exit "$status"
`;

const sealed = (hash: string): string => `echo hash >stage
cd dump || exit ${jobStatus.hashFailed}
find . -type f -exec ${hash} {} + >../${hashesName}.part || exit ${jobStatus.hashFailed}
find . -type f -exec wc -c {} + >../${sizesName}.part || exit ${jobStatus.hashFailed}
cd .. || exit ${jobStatus.hashFailed}
mv ${sizesName}.part ${sizesName} && mv ${hashesName}.part ${hashesName} || exit ${jobStatus.hashFailed}
`;

/**
 * @param argv pg_dump with its arguments; it writes to `dump`
 * @param environment names of variables that pg_dump must not see
 */
export function dumpScript(options: { argv: readonly [string, ...string[]]; environment: readonly string[]; reserveBytes: number; hashes: NonNullable<JobGround['hashes']> }): string {
  const { argv, environment, reserveBytes, hashes } = options;
  const command = quoteCommand(['env', ...environment.flatMap((name) => ['-u', name]), ...argv]);
  return `${script}reserve=${quoteWord(String(Math.round(reserveBytes / 1024)))}\n${watched(command)}${sealed(hashCommand[hashes])}`;
}

export interface DumpedFile {
  /** In `dump/`, without folders. */
  name: string;
  sizeBytes: number;
  sha256: string;
}

/**
 * What the job says of the files it has made, by their hashes and sizes; null where the two do not fit together. A name
 * that leads anywhere is none: it comes from a server.
 */
export function readDumpedFiles(hashes: string, sizes: string): DumpedFile[] | null {
  const isName = (name: string): boolean => /^[\w-][\w.-]*$/.test(name);
  const bytes = new Map<string, number>();
  for (const line of sizes.split('\n')) {
    const [, size, name = ''] = /^\s*(\d+) \.\/(.+)$/.exec(line) ?? [];
    if (size !== undefined) bytes.set(name, Number(size));
  }
  const files: DumpedFile[] = [];
  for (const line of hashes.split('\n')) {
    const [, sha256, name = ''] = /^([0-9a-f]{64}) [ *]\.\/(.+)$/.exec(line) ?? [];
    if (sha256 === undefined) continue;
    const sizeBytes = bytes.get(name);
    if (sizeBytes === undefined || !isName(name)) return null;
    files.push({ name, sizeBytes, sha256 });
  }
  const names = new Set(files.map(({ name }) => name));
  if (names.size !== files.length || files.length !== bytes.size || !names.has('toc.dat')) return null;
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}
