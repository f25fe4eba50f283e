/** The vault, opened for what a command needs of it. */
import { hasCode, PilothouseError } from '#shared/domain/errors.ts';
import { obtainSecret } from './prompt.ts';
import type { Session } from './session.ts';

/** Whether the keychain of the window that this command line is attached to opened it: only a window has one. */
async function openedByKeychain(session: Session): Promise<boolean> {
  try {
    return (await session.call('vault.unlockByKeychain', {})).state === 'unlocked';
  } catch (error) {
    if (hasCode(error, 'vault.keychain-failed')) return false; // The passphrase opens it as before.
    throw error;
  }
}

/**
 * Opens the vault where it is locked: by the keychain where there is one, by the file that was named, or by asking.
 * @throws vault.locked when there is none of them, vault.wrong-passphrase
 */
export async function openVault(session: Session): Promise<void> {
  const { state, keychain } = await session.call('vault.status', {});
  if (state !== 'locked') return;
  if (keychain?.opens === true && (await openedByKeychain(session))) return;
  const passphrase = await obtainSecret(session.io, session.options.passphraseFile, 'Passphrase of the vault: ');
  if (passphrase === null) {
    throw new PilothouseError('vault.locked', 'The vault is locked, and what is in it is needed.', { hint: 'Run this at a terminal to be asked for the passphrase, or name a file of yours alone that holds it: --passphrase-file FILE.', retryable: true });
  }
  await session.call('vault.unlock', { passphrase });
}

/**
 * As openVault, for those who are about to put a password into it.
 * @param elsewhere where it could be kept otherwise
 * @throws vault.absent where it still has to be made, and what openVault throws
 */
export async function openVaultToKeep(session: Session, elsewhere = '--password-from ask asks at each start, --passfile FILE reads it from a file of libpq\'s format.'): Promise<void> {
  if ((await session.call('vault.status', {})).state === 'absent') {
    throw new PilothouseError('vault.absent', 'There is no vault yet to keep the password in.', { hint: `Make one with "vault create", then run this again. Or keep it elsewhere: ${elsewhere}` });
  }
  await openVault(session);
}
