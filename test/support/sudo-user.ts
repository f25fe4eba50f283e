/** An account without rights, and what sudo lets it do: both are taken away again. Only root can make them. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = '/etc/sudoers.d';
const beginning = 'pilothouse-test-';
/** Milliseconds. What is older was left by tests that were killed. */
const longestTest = 3_600_000;

export interface SudoUser {
  name: string;
  password: string;
  /** Replaces the rules; "NAME" stands for the account. sudo is given none that it cannot read. */
  allow(...rules: string[]): void;
  remove(): void;
}

/** Why none can be made here; null where it can. */
export function whyNoSudoUser(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make an account for sudo';
  const missing = ['/usr/bin/sudo', '/usr/sbin/visudo', '/usr/sbin/useradd', '/usr/sbin/userdel'].find((path) => !existsSync(path));
  return missing === undefined ? null : `there is no ${missing}: apt-get install sudo passwd`;
}

const removeAccount = (name: string): void => {
  rmSync(join(folder, name), { force: true });
  execFileSync('/usr/sbin/userdel', ['-f', name], { stdio: 'pipe' });
};

export function makeSudoUser(): SudoUser {
  for (const left of readdirSync(folder)) {
    if (left.startsWith(beginning) && Date.now() - statSync(join(folder, left)).mtimeMs > longestTest) removeAccount(left);
  }
  // Names of accounts have at most 32 characters; a file with a dot in its name is not read by sudo.
  const name = `${beginning}${randomBytes(4).toString('hex')}`;
  const password = `canary-${randomBytes(8).toString('hex')}`;
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim();
  execFileSync('/usr/sbin/useradd', ['--no-create-home', '--shell', '/bin/sh', '--password', hash, name], { stdio: 'pipe' });
  const file = join(folder, name);
  return {
    name,
    password,
    allow(...rules) {
      const text = `${rules.map((rule) => rule.replaceAll('NAME', name)).join('\n')}\n`;
      execFileSync('/usr/sbin/visudo', ['-c', '-q', '-f', '-'], { input: text, stdio: 'pipe' });
      writeFileSync(file, text, { mode: 0o440 });
    },
    remove: () => removeAccount(name),
  };
}
