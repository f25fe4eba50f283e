/** Postgres's own programs on the host that a database is reached through: found, and run where they are. */
import type { Readable } from 'node:stream';
import type { DatabaseTools, ToolsAccess } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { serverText } from '../ssh/server-text.ts';
import type { ChildResult } from '../children/types.ts';
import type { Random } from '../ports.ts';
import type { HostLines } from '../ssh/lines.ts';
import type { SentFile } from '../ssh/program.ts';
import type { ClientTool } from './types.ts';

/** Where tools are that are not of this computer. */
export interface ToolsThere {
  /** In words: "db-1", "db-1 as postgres", "the container db on db-1". */
  label: string;
  /** A private folder of the account that runs them, by a name that nothing has yet. */
  newFolder(): string;
  run(run: { argv: readonly [string, ...string[]]; folder: string | null; files: readonly SentFile[]; stdin: Readable | null; pin?: () => void; onStdoutChunk?: (chunk: Buffer) => void | Promise<void>; onStdoutLine?: (line: string) => void; onStderrLine?: (line: string) => void; keepBytes?: number; signal: AbortSignal }): Promise<ChildResult>;
  /** How a command is reached there by hand, for history. */
  prefix: readonly string[];
}

/** What runs a program that is reached in this way. */
export function prefixOf(access: ToolsAccess): string[] {
  switch (access.kind) {
    case 'plain':
      return [];
    case 'sudo':
      return ['sudo', '-n', '-u', access.user];
    case 'docker':
      return ['docker', 'exec', '-i', access.container];
    case 'kubectl':
      return ['kubectl', 'exec', '-i', ...(access.namespace === null ? [] : ['-n', access.namespace]), access.pod, ...(access.container === null ? [] : ['-c', access.container]), '--'];
  }
}

export function accessWords(access: ToolsAccess, host: string): string {
  switch (access.kind) {
    case 'plain':
      return host;
    case 'sudo':
      return `${host} as ${access.user}`;
    case 'docker':
      return `the container ${access.container} on ${host}`;
    case 'kubectl':
      return `the pod ${access.pod} by ${host}`;
  }
}

/**
 * One line per program: name, path, what it says of its version; and the folder that what must not reach a disk may go
 * to. Debian's wrapper is left out: it chooses a version of its own.
 */
const findScript = `for base in "\${XDG_RUNTIME_DIR:-/nowhere}" /dev/shm "\${HOME:-/nowhere}" /tmp; do
  if [ -d "$base" ] && [ -w "$base" ] && [ -x "$base" ]; then printf 'base\\t%s\\n' "$base"; break; fi
done
for folder in $(printf '%s' "$PATH" | tr ':' ' ') /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/libexec/postgresql* /usr/local/pgsql/bin /opt/postgresql*/bin /opt/bitnami/postgresql/bin; do
  for name in pg_dump pg_dumpall pg_restore psql; do
    file=$folder/$name
    [ -x "$file" ] && [ ! -d "$file" ] || continue
    case "$(readlink -f "$file" 2>/dev/null)" in */pg_wrapper) continue ;; esac
    printf 'tool\\t%s\\t%s\\t%s\\n' "$name" "$file" "$("$file" --version 2>/dev/null | head -n 1)"
  done
done
exit 0
`;

const toolNames: readonly string[] = ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql'] satisfies ClientTool['name'][];

/** Reads the answer of `findScript`; what it does not know it passes over. */
export function readFound(text: string): { base: string | null; tools: Omit<ClientTool, 'there'>[] } {
  let base: string | null = null;
  const tools: Omit<ClientTool, 'there'>[] = [];
  for (const line of text.split('\n')) {
    const [kind, name = '', path = '', said = ''] = line.split('\t');
    if (kind === 'base' && name.startsWith('/')) base = name;
    const version = /\(PostgreSQL\) (\S+)/.exec(said)?.[1];
    const major = Number.parseInt(version ?? '', 10);
    if (kind !== 'tool' || !toolNames.includes(name) || !path.startsWith('/') || version === undefined || !Number.isInteger(major)) continue;
    if (!tools.some((tool) => tool.name === name && tool.version === version)) tools.push({ name: name as ClientTool['name'], path, version, major });
  }
  return { base, tools };
}

/** Why the account's shell did not get as far as looking. */
function refusal(label: string, access: ToolsAccess, { exitStatus, stderr }: Pick<ChildResult, 'exitStatus' | 'stderr'>): PilothouseError {
  const said = serverText(stderr.trim().slice(-500), 500);
  const hints: Record<ToolsAccess['kind'], string> = {
    plain: 'The account may have no shell.',
    sudo: 'Let it, without a password: a line in /etc/sudoers.d with NOPASSWD for /bin/sh as that user; or choose another way to the programs.',
    docker: 'Check the name of the container (docker ps), that it runs, and that this account may use docker (the group docker).',
    kubectl: 'Check pod, namespace and container (kubectl get pods -A), and that this account may exec into it.',
  };
  return new PilothouseError('postgres.tool-missing', `The programs of ${label} cannot be run (status ${exitStatus ?? 'unknown'})${said === '' ? '' : `: ${said}`}.`, { hint: hints[access.kind], retryable: true, details: { exitStatus, stderr: said } });
}

export interface FoundThere {
  there: ToolsThere;
  tools: ClientTool[];
}

/**
 * Looks for the programs.
 * @throws postgres.tool-missing where they cannot be reached in this way, and what the way to the host throws
 */
export async function findThere(lines: Pick<HostLines, 'run'>, hostId: string, tools: Extract<DatabaseTools, { where: 'host' }>, host: string, { random, signal }: { random: Pick<Random, 'bytes'>; signal: AbortSignal }): Promise<FoundThere> {
  const { access } = tools;
  const label = accessWords(access, host);
  // By sudo it is not a prefix: a password, where sudo wants one, goes over its standard input first.
  const way = access.kind === 'sudo' ? { through: [], sudoAs: access.user } : { through: prefixOf(access) };
  const result = await lines.run(hostId, { argv: ['/bin/sh', '-c', findScript], ...way, folder: null, files: [], stdin: null, signal, keepBytes: 256 * 1024 });
  const { base, tools: found } = readFound(result.stdout);
  if (result.exitStatus !== 0 || base === null) throw refusal(label, access, result);
  const there: ToolsThere = {
    label,
    prefix: prefixOf(access),
    newFolder: () => `${base}/.pilothouse-${random.bytes(12).toString('hex')}`,
    run: (run) => lines.run(hostId, { ...run, ...way }),
  };
  return { there, tools: found.map((tool) => ({ ...tool, there })) };
}
