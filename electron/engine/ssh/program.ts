/**
 * A program of a host that works for us as long as we are there: it gets its secrets in a private folder, says how it
 * ended, and is ended there when nobody listens any more. What has to outlive the connection is a job (`jobs/`).
 */
import type { Readable } from 'node:stream';
import type { Client } from 'ssh2';
import type { ChildResult } from '../children/types.ts';
import { createLineReader, createTail } from '../children/output.ts';
import { Secret } from '#shared/domain/secret.ts';
import type { Random } from '../ports.ts';
import { exec } from './exec.ts';
import { withValues } from './jobs/scripts.ts';
import { hopFailure } from './place.ts';
import { quoteCommand, quoteWord } from './quote.ts';
import { serverText } from './server-text.ts';
import { runAs } from './sudo.ts';

/** A file that is there while the program runs, for its account alone. */
export interface SentFile {
  name: string;
  text: string | Secret;
}

export interface ProgramRun {
  /** A word that nobody prints by chance: after it comes what the program writes. */
  mark: string;
  argv: readonly [string, ...string[]];
  /** What the shell that runs it is reached by: `sudo -n -u postgres`, `docker exec -i db`; nothing for the account itself. */
  through: readonly string[];
  /** Instead of that: another account by sudo, with its password where sudo wants one. */
  as?: { user: string; password: Secret | null; random: Pick<Random, 'bytes'> };
  /** A folder there that does not exist yet; null where it needs none. */
  folder: string | null;
  files: readonly SentFile[];
  /** What it reads. Null: nothing, and then it is ended as soon as nobody is here. */
  stdin: Readable | null;
  /** Where it returns a promise, nothing more is read until that is settled. */
  onStdoutChunk?: (chunk: Buffer) => void | Promise<void>;
  onStdoutLine?: (line: string) => void;
  onStderrLine?: (line: string) => void;
  onStderrChunk?: (chunk: Buffer) => void;
  /** Bytes of each output that the result keeps, from the end. */
  keepBytes?: number;
  signal: AbortSignal;
}

/** Milliseconds that a program may take to end when nobody is here any more; what took longer may be there still. */
export const endsWithinMs = 15_000;
const keptBytes = 64 * 1024;

/** Status of our script where the private folder cannot be made. */
export const noFolderStatus = 71;

/**
 * Where nothing is read by the program, standard input tells that we are there: at its end the program is ended. Its
 * number is that of the shell's own child, so nobody else is ever meant.
 */
const script = `umask 077
LC_ALL=C; export LC_ALL
PATH="$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"; export PATH
child=
tidy() { [ -z "$child" ] || kill -TERM "$child" 2>/dev/null; [ -z "$dir" ] || rm -rf "$dir"; }
trap tidy EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# The shell itself says that its child was ended, perhaps to nobody.
trap 'exit 141' PIPE
if [ -n "$dir" ]; then mkdir -m 700 "$dir" || exit ${noFolderStatus}; fi
`;

/** What is between us and the shell (a client of containers, say) may end well where the program did not: it says itself how it ended. */
const ends = `printf '%s %s\n' "$mark" "$status" >&2
exit "$status"
`;

const guarded = (command: string): string => `printf '%s\n' "$mark"
exec 3<&0
${command} </dev/null 3<&- &
child=$!
{ cat <&3; kill -TERM "$child"; sleep 5; kill -KILL "$child"; } >/dev/null 2>&1 &
guard=$!
wait "$child"
status=$?
child=
kill "$guard" 2>/dev/null
${ends}`;

const fed = (command: string): string => `printf '%s\n' "$mark"
${command}
status=$?
${ends}`;

/** What a shell prints before the mark is its own chatter, and none of the program's output. */
function afterMark(mark: string, pass: (chunk: Buffer) => void | Promise<void>): (chunk: Buffer) => void | Promise<void> {
  let before: Buffer | null = Buffer.alloc(0);
  return (chunk) => {
    if (before === null) return pass(chunk);
    before = Buffer.concat([before, chunk]);
    const at = before.indexOf(`${mark}\n`);
    if (at === -1) return undefined;
    const rest = before.subarray(at + mark.length + 1);
    before = null;
    return rest.length === 0 ? undefined : pass(rest);
  };
}

/** After the mark comes how the program ended; it is none of what it said. */
function beforeMark(mark: string, pass: (chunk: Buffer) => void): { push(chunk: Buffer): void; /** The status that was told; null where none was. */ end(): number | null } {
  const word = Buffer.from(`${mark} `);
  let held: Buffer = Buffer.alloc(0);
  let isTold = false;
  return {
    push(chunk) {
      held = Buffer.concat([held, chunk]);
      if (isTold) return;
      const at = held.indexOf(word);
      isTold = at !== -1;
      let beginning = 0;
      // What may be the beginning of the mark waits for the rest of it.
      if (!isTold) for (beginning = Math.min(word.length - 1, held.length); beginning > 0 && !held.subarray(-beginning).equals(word.subarray(0, beginning)); ) beginning -= 1;
      const said = held.subarray(0, isTold ? at : held.length - beginning);
      held = held.subarray(said.length);
      if (said.length > 0) pass(said);
    },
    end() {
      const status = isTold ? /^(\d+)\n/.exec(held.toString('latin1', word.length)) : null;
      if (!isTold && held.length > 0) pass(held);
      return status === null ? null : Number(status[1]);
    },
  };
}

/**
 * Runs it to its end. Only `exitStatus === 0` is a success; the caller judges.
 * @throws ssh.connection-lost where its end was never told, ssh.channel-refused, ssh.command-failed where what reaches it
 * says that all went well and the program itself does not; where sudo is the way what `runAs` throws; the signal's reason, after it has ended there or had time to
 */
export async function runProgram(connection: { client: Client; label: string }, run: ProgramRun): Promise<ChildResult> {
  const { through, folder, files, stdin, signal, mark } = run;
  const write = files.map(({ name, text }) => `printf '%s' ${quoteWord(text instanceof Secret ? text.reveal() : text)} >"$dir"/${quoteWord(name)} || exit ${noFolderStatus}\n`).join('');
  const command = quoteCommand(run.argv);
  const text = Buffer.from(withValues(`{\n${script}${write}${stdin === null ? guarded(command) : fed(command)}}\n`, { dir: folder ?? '', mark }));
  const stdout = createTail(run.keepBytes ?? keptBytes);
  const stderr = createTail(run.keepBytes ?? keptBytes);
  const lines = { stdout: run.onStdoutLine === undefined ? null : createLineReader(run.onStdoutLine), stderr: run.onStderrLine === undefined ? null : createLineReader(run.onStderrLine) };
  const keep = (chunk: Buffer): void => {
    stdout.push(chunk);
    lines.stdout?.push(chunk);
  };
  const said = beforeMark(mark, (chunk) => {
    stderr.push(chunk);
    lines.stderr?.push(chunk);
    run.onStderrChunk?.(chunk);
  });
  // The shell takes exactly the script from its input; what comes after it is the program's. In braces it is one command:
  // of a script that breaks off in the middle nothing is begun.
  const shell = ['/bin/sh', '-c', `eval "$(dd bs=1 count=${text.length} 2>/dev/null)"`] as const;
  const options = {
    signal,
    input: text,
    endsWithinMs,
    keepBytes: 0,
    ...(stdin === null ? { lifeline: true } : { inputStream: stdin }),
    onStdout: afterMark(mark, run.onStdoutChunk ?? keep),
    onStderr: said.push,
  };
  const { exitStatus, signal: endedBy, durationMs } = await (run.as === undefined ? exec(connection, `exec ${[...through, ...shell].map(quoteWord).join(' ')}`, options) : runAs(connection, { asUser: run.as.user, argv: shell }, { ...options, password: run.as.password, random: run.as.random }));
  const status = said.end();
  lines.stdout?.end();
  lines.stderr?.end();
  if (exitStatus === 0 && status !== 0) {
    throw hopFailure('ssh.command-failed', connection.label, `${run.argv[0]} counts as failed: ${status === null ? 'it never said how it ended' : `it ended with status ${status}`}, although what reaches it there said that all went well.`, { hint: 'What is in between (a client of containers, a command that the key is bound to) may have been cut off, or have run something else. Look at what it was doing before it is run again.', details: { exitStatus: status, stderr: serverText(stderr.text().slice(-500), 500) } });
  }
  return { exitStatus, signal: endedBy, stdout: stdout.text(), stderr: stderr.text(), durationMs, aborted: false };
}
