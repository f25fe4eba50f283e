import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cachedFolder } from './postgres-binaries.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { UnprivilegedUser } from './unprivileged-user.ts';

export interface DataFolderOptions {
  binaries: PostgresBinaries;
  /** Who owns it and runs its server. */
  account: UnprivilegedUser | null;
  /** Made here; its parent belongs to the account. */
  folder: string;
  /** A cluster with a `system_identifier` of its own instead of a copy of the template. */
  ownIdentity: boolean;
}

/**
 * Makes a data folder with a superuser `postgres`, in UTF-8 with the C locale.
 *
 * @returns the superuser's password.
 */
export function makeDataFolder({ binaries, account, folder, ownIdentity }: DataFolderOptions): string {
  if (ownIdentity) return initialise(binaries, account, folder);
  const template = cachedFolder(`template-${binaries.version}-${account?.name ?? 'own'}`, (unfinished) => {
    if (account) chownSync(unfinished, account.uid, account.gid);
    const password = initialise(binaries, account, join(unfinished, 'data'));
    writeFileSync(join(unfinished, 'password'), password, { mode: 0o600 });
  });
  execFileSync('cp', ['-R', join(template, 'data'), folder], { stdio: 'pipe', ...runAs(account) });
  chmodSync(folder, 0o700);
  return readFileSync(join(template, 'password'), 'utf8');
}

function initialise(binaries: PostgresBinaries, account: UnprivilegedUser | null, folder: string): string {
  const password = randomBytes(18).toString('base64url');
  const passwordFile = `${folder}.password`;
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) for (const path of [folder, passwordFile]) chownSync(path, account.uid, account.gid);
  execFileSync(join(binaries.bin, 'initdb'), ['-D', folder, '-U', 'postgres', '--no-sync', '--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', `--pwfile=${passwordFile}`], {
    stdio: 'pipe',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...runAs(account),
  });
  return password;
}

function runAs(account: UnprivilegedUser | null): { uid?: number; gid?: number; cwd: string } {
  return account ? { uid: account.uid, gid: account.gid, cwd: '/' } : { cwd: '/' };
}
