import { homedir, tmpdir } from 'node:os';

/** What programs on Windows cannot start without. */
const windowsNames = ['SystemRoot', 'SystemDrive', 'ComSpec', 'PATHEXT', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA', 'ProgramFiles', 'ProgramData'];

/**
 * The environment a child gets unless its caller says otherwise: enough to find programs and to write temporary
 * files, messages in English because they are read by code, and nothing that was inherited by chance (a PGPASSWORD, a
 * PGSERVICE, a token of somebody's shell).
 */
export function minimalEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: homedir(),
    LANG: 'C',
    LC_MESSAGES: 'C',
    TMPDIR: tmpdir(),
  };
  if (process.platform !== 'win32') return environment;
  for (const name of windowsNames) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, TEMP: tmpdir(), TMP: tmpdir() };
}
