/** Ways between processes of one computer: sockets that lie in folders, and the named pipes of Windows. */
import { here, type Platform } from './here.ts';

/** Bytes of a path that every system has room for (sockaddr_un: 104 on macOS, 108 on Linux, with a zero at the end). */
export const longestSocketPath = 103;

/** Whether sockets are files, whose folder keeps others away. Windows' own of that kind are known to neither Node nor libpq there. */
export const socketsAreFiles = (platform: Platform = here): boolean => platform !== 'win32';

/**
 * The name of a pipe of ours on Windows.
 * @param random keeps another account from waiting at a name that can be guessed
 */
export const pipeName = (key: string, random: string): string => `\\\\.\\pipe\\pilothouse-${key}-${random}`;

/** Where OpenSSH's own agent is; null where nothing says so. On Windows it has a fixed name. */
export function agentAddress(environment: Readonly<Record<string, string | undefined>> = process.env, platform: Platform = here): string | null {
  return environment['SSH_AUTH_SOCK'] || (platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : null);
}
