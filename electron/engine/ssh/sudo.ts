/**
 * Commands as another account, by sudo: without a password where it lets us, else with the one that was given, over
 * standard input of the command's own channel. Nothing else is sent there before sudo has let us in.
 */
import { PassThrough } from 'node:stream';
import type { Client } from 'ssh2';
import type { PilothouseError } from '#shared/domain/errors.ts';
import type { Secret } from '#shared/domain/secret.ts';
import type { Random } from '../ports.ts';
import { exec, type ExecOptions, type ExecResult } from './exec.ts';
import { hopFailure } from './place.ts';
import { quoteCommand } from './quote.ts';
import { serverText } from './server-text.ts';

export interface SudoResult extends ExecResult {
  /** Whether sudo wanted one. */
  withPassword: boolean;
}

export interface AsUser {
  asUser: string;
  argv: readonly [string, ...string[]];
}

export interface SudoOptions extends ExecOptions {
  /** Null: only what sudo lets without. */
  password: Secret | null;
  random: Pick<Random, 'bytes'>;
}

/** Milliseconds that sudo may take to say yes or no; it may ask a directory service. */
const decidesWithinMs = 60_000;
/** Bytes before sudo has said yes: its lecture, what a shell says. */
const mostBefore = 64 * 1024;

/** Says that sudo has let us in, and becomes the command. What was set for sudo's own words is taken back. */
const begin = 'unset LC_ALL; printf "%s\\n" "$0" >&2; exec "$@"';

/**
 * @param mark a word that nobody prints by chance: it comes on standard error when the command begins
 * @param prompt what sudo asks for the password by, of letters and digits; null: it must not ask
 */
export function sudoCommand({ asUser, argv }: AsUser, mark: string, prompt: string | null): [string, ...string[]] {
  // Its words are read: they have to be in one language.
  return ['env', 'LC_ALL=C', 'sudo', ...(prompt === null ? ['-n'] : ['-S', '-p', prompt]), '-u', asUser, '--', '/bin/sh', '-c', begin, mark, ...argv];
}

interface Attempt {
  /** Null: sudo did not let us in. */
  result: ExecResult | null;
  /** What was said instead. */
  said: string;
  exitStatus: number | null;
  askedAgain: boolean;
}

async function attempt(connection: { client: Client; label: string }, who: AsUser, { password, random, input, inputStream, lifeline, onStderr, signal, ...rest }: SudoOptions): Promise<Attempt> {
  const word = (): string => random.bytes(16).toString('hex');
  const mark = `begins-${word()}`;
  const prompt = password === null ? null : `password-${word()}:`;
  const stdin = new PassThrough();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(hopFailure('ssh.timeout', connection.label, `sudo did not say within ${decidesWithinMs / 1000} s whether it lets us.`, { hint: 'It may ask a service that does not answer. Try it there: sudo -v', retryable: true })), decidesWithinMs);
  let before = Buffer.alloc(0);
  let isIn = false;
  let asked = 0;

  const sendPayload = (): void => {
    if (inputStream === undefined) {
      if (lifeline === true) stdin.write(input ?? '');
      else stdin.end(input);
      return;
    }
    if (inputStream.errored) return void stdin.destroy(inputStream.errored);
    if (input !== undefined) stdin.write(input);
    inputStream.once('error', (error) => stdin.destroy(error));
    inputStream.pipe(stdin);
  };
  const read = (chunk: Buffer): void => {
    if (isIn) {
      onStderr?.(chunk);
      return;
    }
    before = Buffer.concat([before, chunk]).subarray(-mostBefore);
    const at = before.indexOf(`${mark}\n`);
    if (at >= 0) {
      isIn = true;
      clearTimeout(timer);
      const more = before.subarray(at + mark.length + 1);
      if (more.length > 0) onStderr?.(more);
      sendPayload();
      return;
    }
    if (prompt === null || password === null) return;
    const prompts = before.toString('latin1').split(prompt).length - 1;
    if (prompts > 0 && asked === 0) stdin.write(`${password.reveal()}\n`);
    // It was wrong. Who goes on gets the account locked, and sudo what was meant for the command.
    if (prompts > 1) stdin.end();
    asked = prompts;
  };

  try {
    const result = await exec(connection, quoteCommand(sudoCommand(who, mark, prompt)), { ...rest, signal: signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]), inputStream: stdin, onStderr: read });
    const said = serverText(before.toString('utf8').replaceAll(prompt ?? mark, '').trim(), 500);
    const start = result.stderr.indexOf(`${mark}\n`);
    return { result: isIn ? { ...result, stderr: start < 0 ? '' : result.stderr.slice(start + mark.length + 1) } : null, said, exitStatus: result.exitStatus, askedAgain: asked > 1 };
  } finally {
    clearTimeout(timer);
  }
}

const needsPassword = ({ said }: Attempt): boolean => /password is required|authentication is required/i.test(said);

function explain(label: string, { asUser }: AsUser, { said, exitStatus, askedAgain }: Attempt): PilothouseError {
  const details = { asUser, exitStatus, said };
  const fail = (code: Parameters<typeof hopFailure>[0], what: string, hint: string): PilothouseError => hopFailure(code, label, what, { hint, details });
  if (askedAgain || /incorrect (?:password|authentication) attempt|try again/i.test(said)) return fail('ssh.sudo-password-wrong', 'sudo does not take this password.', 'Type it again in the settings of this host. sudo wants the password of the account that signs in, unless its sudoers says rootpw or targetpw.');
  if (/must have a tty|no tty present/i.test(said)) return fail('ssh.sudo-unavailable', 'sudo there works at a terminal alone (requiretty).', 'Take requiretty from its sudoers for this account: Defaults:NAME !requiretty');
  if (/not allowed to execute|not in the sudoers|may not run sudo|not allowed to run sudo|I'm afraid/i.test(said)) return fail('ssh.sudo-refused', `sudo does not let this account run commands as ${asUser}: ${said}`, `Let it, by a file in /etc/sudoers.d that is written with visudo: NAME ALL=(${asUser}) /bin/sh`);
  if (/unknown user/i.test(said)) return fail('ssh.sudo-refused', `there is no account ${asUser}.`, 'Check its name.');
  if (exitStatus === 127 || /not found/i.test(said)) return fail('ssh.sudo-unavailable', `there is no sudo${said === '' ? '' : `: ${said}`}.`, 'Install it, or sign in as an account that may do it by itself.');
  return fail('ssh.command-failed', `sudo ended with status ${exitStatus ?? 'unknown'}${said === '' ? ', and said nothing' : `: ${said}`}.`, 'What it says names the reason.');
}

/**
 * Runs a command as another account. However it ends is its own result: what sudo itself refuses is an error.
 * @throws ssh.sudo-password-needed, ssh.sudo-password-wrong, ssh.sudo-refused, ssh.sudo-unavailable, ssh.command-failed,
 * ssh.timeout, what `exec` throws
 */
export async function runAs(connection: { client: Client; label: string }, who: AsUser, options: SudoOptions): Promise<SudoResult> {
  const { label } = connection;
  // Nobody reads from it before sudo has said yes; what was wrong with it is told then.
  options.inputStream?.on('error', () => {});
  try {
    const plain = await attempt(connection, who, { ...options, password: null });
    if (plain.result !== null) return { ...plain.result, withPassword: false };
    if (!needsPassword(plain)) throw explain(label, who, plain);
    if (options.password === null) throw hopFailure('ssh.sudo-password-needed', label, `sudo wants a password to run commands as ${who.asUser}.`, { hint: `Give it in the settings of this host, or let sudo do without: NAME ALL=(${who.asUser}) NOPASSWD: /bin/sh in a file of /etc/sudoers.d`, details: { asUser: who.asUser } });
    const typed = await attempt(connection, who, options);
    if (typed.result !== null) return { ...typed.result, withPassword: true };
    throw explain(label, who, typed);
  } finally {
    // Where it was never sent, nobody else reads it.
    options.inputStream?.destroy();
  }
}
