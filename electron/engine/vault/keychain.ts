/** The keychain of this computer as the vault asks it: with a limit, and with what went wrong in words. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { KeyWrapping } from '../ports.ts';

/** How long it may take to answer, in milliseconds: it may have asked a person first. */
export const keychainAnswersWithinMs = 30_000;

const byPassphrase = 'Open the vault with its passphrase.';

/** The keychain does not open the vault. The passphrase does, as before. */
export function keychainFailed(message: string, hint = `${byPassphrase} From then on this keychain opens it too, where it works.`, cause?: unknown): PilothouseError {
  return new PilothouseError('vault.keychain-failed', message, { hint, retryable: true, ...(cause === undefined ? {} : { cause }) });
}

/** Every call @throws vault.keychain-failed: it failed, or did not answer in time */
export function createKeychain({ backend, wrap, unwrap }: KeyWrapping): KeyWrapping {
  let unanswered = 0;
  const ask = (work: () => Promise<Buffer>): Promise<Buffer> => {
    const lookThere = `Look whether it asks something in a window of its own, then try again. Otherwise: ${byPassphrase.toLowerCase()}`;
    // One that hangs is not asked again and again.
    if (unanswered > 0) return Promise.reject(keychainFailed(`The keychain of this computer (${backend}) has not answered yet.`, lookThere));
    return new Promise((resolve, reject) => {
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        reject(keychainFailed(`The keychain of this computer (${backend}) did not answer within ${keychainAnswersWithinMs / 1000} s.`, lookThere));
      }, keychainAnswersWithinMs).unref();
      unanswered += 1;
      const answered = (): void => {
        clearTimeout(timer);
        unanswered -= 1;
      };
      // One that throws before it promises anything has failed as any other.
      Promise.resolve().then(work).then(
        (bytes) => {
          answered();
          // Nobody waits for it any more, and it may be the key.
          if (isLate) bytes.fill(0);
          else resolve(bytes);
        },
        (error: unknown) => {
          answered();
          reject(keychainFailed(`The keychain of this computer (${backend}) failed: ${error instanceof Error ? error.message.replace(/\.$/, '') : String(error)}.`, undefined, error));
        },
      );
    });
  };
  return { backend, wrap: (key) => ask(() => wrap(key)), unwrap: (wrapped) => ask(() => unwrap(wrapped)) };
}
