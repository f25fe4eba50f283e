/** The library that speaks SSH, and whether its fast part is there. */
import { createRequire } from 'node:module';

export interface SshLibrary {
  version: string;
  /** Whether its native cryptography was built here: without it SSH works at about half the speed. */
  native: boolean;
}

/** It exports neither. */
export function sshLibrary(): SshLibrary {
  const require = createRequire(import.meta.url);
  const { version } = require('ssh2/package.json') as { version: string };
  const { bindingAvailable } = require('ssh2/lib/protocol/crypto.js') as { bindingAvailable: boolean };
  return { version, native: bindingAvailable };
}

/** What a person should know of it; null where all is well. */
export function sshNotice({ native }: SshLibrary): string | null {
  return native ? null : 'SSH works without its native cryptography here, at about half the speed: backups and fetched files take longer. It is built at the set-up where a C++ compiler, make and python3 are; install them and start again.';
}
