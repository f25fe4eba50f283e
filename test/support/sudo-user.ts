/** An account without rights, and what sudo lets it do: both are taken away again. Only root can make them. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAccount, whyNoAccount } from './account.ts';

const folder = '/etc/sudoers.d';

export interface SudoUser {
  name: string;
  password: string;
  /** Replaces the rules; "NAME" stands for the account. sudo is given none that it cannot read. */
  allow(...rules: string[]): void;
  remove(): void;
}

/** Why none can be made here; null where it can. */
export function whyNoSudoUser(): string | null {
  const missing = ['/usr/bin/sudo', '/usr/sbin/visudo'].find((path) => !existsSync(path));
  return whyNoAccount() ?? (missing === undefined ? null : `there is no ${missing}: apt-get install sudo`);
}

export function makeSudoUser(): SudoUser {
  const password = `canary-${randomBytes(8).toString('hex')}`;
  const { name, remove } = makeAccount({ hash: execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim() });
  // A file whose account is gone was left by tests that were killed.
  const accounts = readFileSync('/etc/passwd', 'utf8');
  for (const left of readdirSync(folder)) if (left.startsWith('pilothouse-') && !accounts.includes(`${left}:`)) rmSync(join(folder, left));
  const file = join(folder, name);
  return {
    name,
    password,
    allow(...rules) {
      const text = `${rules.map((rule) => rule.replaceAll('NAME', name)).join('\n')}\n`;
      execFileSync('/usr/sbin/visudo', ['-c', '-q', '-f', '-'], { input: text, stdio: 'pipe' });
      writeFileSync(file, text, { mode: 0o440 });
    },
    remove() {
      rmSync(file, { force: true });
      remove();
    },
  };
}
