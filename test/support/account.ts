/** Accounts of the operating system that are there for one test alone. Only root can make them. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';

const beginning = 'pilothouse-';

export interface Account {
  name: string;
  uid: number;
  gid: number;
  home: string;
  remove(): void;
}

/** Why none can be made here; null where it can. */
export function whyNoAccount(): string | null {
  if (process.getuid?.() !== 0) return 'only root can make an account';
  const missing = ['/usr/sbin/useradd', '/usr/sbin/userdel'].find((path) => !existsSync(path));
  return missing === undefined ? null : `there is no ${missing}: apt-get install passwd`;
}

/** Ended tests leave no account; those that were killed do, and the next one takes it away. */
function sweep(): void {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , , , comment = ''] = line.split(':');
    const pid = /^pilothouse test (\d+)$/.exec(comment)?.[1];
    if (name.startsWith(beginning) && pid !== undefined && !existsSync(`/proc/${pid}`)) remove(name);
  }
}

const remove = (name: string): void => void execFileSync('/usr/sbin/userdel', ['-f', name], { stdio: 'pipe' });

/** @param options.home is made, for that account alone; without one it has none. @param options.hash of its password, as in /etc/shadow */
export function makeAccount(options: { home?: string; shell?: string; hash?: string } = {}): Account {
  sweep();
  const name = `${beginning}${randomBytes(5).toString('hex')}`;
  const home = options.home ?? '/nonexistent';
  execFileSync('/usr/sbin/useradd', ['--no-create-home', '--home-dir', home, '--shell', options.shell ?? '/bin/sh', '--comment', `pilothouse test ${process.pid}`, '--password', options.hash ?? '*', name], { stdio: 'pipe' });
  const [, , uid = '', gid = ''] = readFileSync('/etc/passwd', 'utf8').split('\n').find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
  const account = { name, uid: Number(uid), gid: Number(gid), home, remove: () => remove(name) };
  if (options.home !== undefined) {
    mkdirSync(options.home, { recursive: true, mode: 0o700 });
    chownSync(options.home, account.uid, account.gid);
  }
  return account;
}
