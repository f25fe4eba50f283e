import { readFileSync } from 'node:fs';

export interface UnprivilegedUser {
  name: string;
  uid: number;
  gid: number;
}

/**
 * The account that servers of tests run as when the tests run as root, because Postgres refuses root: `postgres`
 * where the machine has one, else `nobody`. Null when the tests are not root: then servers run as the tests do.
 *
 * @throws Error where neither account exists.
 */
export function unprivilegedUser(): UnprivilegedUser | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const account = accounts.find(([name]) => name === wanted);
    if (account) return { name: wanted, uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error('Tests run as root need an account named postgres or nobody to run Postgres under; /etc/passwd has neither.');
}
