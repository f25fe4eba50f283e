/** What the shell of an account does before it does what it is told: some take seconds, and some talk. */
import type { Client } from 'ssh2';
import { exec } from './exec.ts';
import { serverText } from './server-text.ts';

export interface ShellProbe {
  /** Milliseconds from asking to the answer of the shortest command; the way there and back included. */
  answerMs: number;
  /** What it printed besides the answer; null where it was silent. */
  chatter: string | null;
  /** Why commands cannot be run at all; null where they can. */
  unusable: string | null;
}

/** Milliseconds. A shell without anything to load answers in one way there and back. */
const slowMs = 2000;

/** @param mark a word that nobody prints by chance */
export async function probeShell(connection: { client: Client; label: string }, mark: string, signal?: AbortSignal): Promise<ShellProbe> {
  const { exitStatus, stdout, stderr, durationMs } = await exec(connection, `exec /bin/sh -c 'echo ${mark}'`, { signal, keepBytes: 20_000 });
  const [before, ...after] = stdout.split(`${mark}\n`);
  if (after.length === 0) {
    const said = serverText(stdout.trim() || stderr.trim(), 300);
    return { answerMs: durationMs, chatter: null, unusable: `it did not run a command (status ${exitStatus ?? 'unknown'})${said === '' ? '' : `: ${said}`}` };
  }
  const chatter = serverText([before, ...after].join('').trim(), 300);
  return { answerMs: durationMs, chatter: chatter === '' ? null : chatter, unusable: null };
}

/** What a person should know of it, with the cure; nothing where all is well. */
export function shellFindings({ answerMs, chatter, unusable }: ShellProbe): { title: string; hint: string }[] {
  if (unusable !== null) return [{ title: `This account runs no commands: ${unusable}`, hint: 'Its shell may be nologin, or its key bound to one command (authorized_keys). Use an account with a shell.' }];
  return [
    ...(chatter === null ? [] : [{ title: `Its shell prints text before every command: "${chatter.split('\n')[0] ?? ''}"`, hint: 'Text on standard output breaks transfers. In its .bashrc or .profile, print only where somebody is at a terminal: case $- in *i*) … ;; esac' }]),
    ...(answerMs < slowMs ? [] : [{ title: `Its shell takes ${(answerMs / 1000).toFixed(1)} s to start`, hint: 'Every command waits for that. Something in its .bashrc or .profile is slow (a version manager, a network folder): load it only where somebody is at a terminal.' }]),
  ];
}
