/** What keeps a look from being made on our own side: nothing is known of the target by it, and nothing is wrong with it as far as is known. */
import type { ErrorCode, ErrorShape } from '#shared/domain/errors.ts';
import { openVaultFirst, testItFirst } from '#shared/domain/health-openers.ts';
import type { Finding } from './check.ts';
import { unknown } from './findings.ts';

/** What a test of the connection asks for, in words that are the same for each target that lacks it: "Not asked: …". */
const missing: Partial<Record<ErrorCode, (error: ErrorShape) => string>> = {
  'postgres.password-needed': () => 'its password is missing',
  'ssh.password-needed': () => 'its password is missing',
  'ssh.passphrase-needed': ({ details }) => `the passphrase of ${String(details['path'])} is missing`,
  'ssh.question-unanswered': () => 'it asks something as one signs in, and nobody answered',
  'ssh.host-key-unknown': () => 'nobody has said yet that its key is to be trusted',
};

const ourSide: ReadonlySet<ErrorCode> = new Set<ErrorCode>([...(Object.keys(missing) as ErrorCode[]), 'ssh.key-file', 'ssh.agent-missing', 'vault.locked', 'vault.absent', 'vault.record-missing', 'vault.damaged']);

export const isOurSide = ({ code }: Pick<ErrorShape, 'code'>): boolean => ourSide.has(code);

/** What is missing, as the end of a sentence; null where a test would not ask for it. */
export function missingWords(error: ErrorShape): string | null {
  return missing[error.code]?.(error) ?? null;
}

/** What is not known since our own side is shut. @param why as the end of "Not asked: …". @param isAsked whether a test of the connection asks for what is missing */
export function notAsked(error: ErrorShape, why: string, isAsked: boolean): Finding {
  if (error.code !== 'vault.locked') return unknown(`Not asked: ${why}`, isAsked ? testItFirst : (error.hint ?? null));
  return {
    ...unknown(`Not asked: ${why}`, openVaultFirst),
    fix: { where: 'console', do: 'Open the vault', undo: null, harmless: true, note: 'What signs in is in it. Nothing was asked, and nothing is wrong as far as is known.' },
  };
}
