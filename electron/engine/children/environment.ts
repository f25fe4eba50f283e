import { homedir, tmpdir } from 'node:os';
import { systemVariables } from '../platform/children.ts';

/**
 * The environment a child gets unless its caller says otherwise: enough to find programs and to write temporary
 * files, messages in English because they are read by code, and nothing that was inherited by chance (a PGPASSWORD, a
 * PGSERVICE, a token of somebody's shell).
 */
export function minimalEnvironment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: homedir(),
    LANG: 'C',
    LC_MESSAGES: 'C',
    ...systemVariables(process.env, tmpdir()),
  };
}
