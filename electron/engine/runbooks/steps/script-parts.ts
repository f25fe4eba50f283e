/** What surrounds a script on its host: plain POSIX sh, for dash, bash and BusyBox. Values come in quoted, as assignments. */
import { Readable } from 'node:stream';
import { PilothouseError } from '#shared/domain/errors.ts';
import { Secret } from '#shared/domain/secret.ts';
import { quoteWord } from '../../ssh/quote.ts';
import { withValues } from '../../ssh/jobs/scripts.ts';
import type { Sent } from '../sent.ts';

export type SentScript = Extract<Sent, { kind: 'sh' }>;

/** Status where the script has no place to run in. */
export const noPlaceStatus = 71;

const assign = ([name, value]: readonly [string, string]): string => {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new PilothouseError('runbook.invalid', `"${name}" is no name of a variable of the environment.`, { hint: 'Letters, digits and underscores, and no digit at the beginning.' });
  return `${name}=${quoteWord(value)}; export ${name}\n`;
};

/**
 * Becomes the script: in its folder, with its environment and its standard input. Beside it lie `script` and, where it
 * has one, `stdin`, which is taken away before the script begins. The mask and the language are not those of our own work.
 */
export function beginScript({ shell, cwd, env, stdin, label }: Pick<SentScript, 'shell' | 'cwd' | 'env' | 'stdin' | 'label'>): string {
  const below = cwd === '~' ? '' : (cwd?.replace(/^~\//, '') ?? '');
  const values = {
    begin_folder: below,
    begin_shell: shell === 'bash' ? 'bash' : '/bin/sh',
    begin_nowhere: `There is no folder ${cwd ?? ''} on ${label}, or this account may not enter it. The script was not begun.`,
    begin_no_shell: `There is no bash on ${label}. The script was not begun: install it, or write the step for sh.`,
  };
  return withValues(`begin_files=\${1:-$(pwd)/secrets}
${stdin === null ? 'exec </dev/null' : 'exec <"$begin_files/stdin"\nrm -f "$begin_files/stdin"'}
unset LC_ALL
umask 022
{ CDPATH= cd -- "$HOME" || cd /; } >/dev/null 2>&1
if [ -n "$begin_folder" ]; then CDPATH= cd -- "$begin_folder" >/dev/null 2>&1 || { printf '%s\\n' "$begin_nowhere" >&2; exit ${noPlaceStatus}; }; fi
command -v "$begin_shell" >/dev/null 2>&1 || { printf '%s\\n' "$begin_no_shell" >&2; exit ${noPlaceStatus}; }
set -- "$begin_shell" "$begin_files/script"
${Object.entries(env).map(assign).join('')}exec "$@"
`, values);
}

/** What a script reads; a secret is revealed only here, where it goes into what is sent. */
export const inputOf = ({ stdin }: Pick<SentScript, 'stdin'>): string => (stdin instanceof Secret ? stdin.reveal() : (stdin ?? ''));

/**
 * Text on its way to a shell there, and whether any of it may have been sent.
 * @param stays it stays open after the text: whoever reads it learns by its end that nobody is here any more
 */
export function handOver(text: string, { stays, onHanded }: { stays: boolean; onHanded: () => void }): Readable {
  let isHanded = false;
  return new Readable({
    read() {
      if (isHanded) return;
      isHanded = true;
      onHanded();
      this.push(Buffer.from(text));
      if (!stays) this.push(null);
    },
  });
}
