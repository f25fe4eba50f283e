/** `safeStorage`: the keychain of the computer, as a test wants it to be. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { app } from './app.ts';
import { faithful } from './faithful.ts';
import { surroundings, type Surroundings } from './surroundings.ts';

/** What Chromium puts before its ciphertexts on Linux: which key they are under. */
const marks = { everybodys: Buffer.from('v10'), own: Buffer.from('v11') };
const markLength = marks.own.length;
const nonceLength = 12;
const tagLength = 16;

function isPlain(): boolean {
  return surroundings.keychain.backend === 'basic_text' || surroundings.keychain.answers === 'plain';
}

/** One key per keychain and computer: what one wrapped no other can read. */
function key(): Buffer {
  const { backend, secret } = surroundings.keychain;
  if (isPlain()) return createHash('sha256').update('peanuts').digest();
  return createHash('sha256').update(`${backend} ${secret}`).digest();
}

/** `basic_text` encrypts too, with a password that everybody knows; before the application is ready nothing can. */
async function reach(): Promise<boolean> {
  if (!app.isReady()) await app.whenReady();
  const { answers } = surroundings.keychain;
  if (answers === 'silent') return new Promise(() => {});
  return answers !== 'locked';
}

async function needed(): Promise<void> {
  if (!(await reach())) throw new Error('Encryption is not available.');
}

export const safeStorage = faithful('safeStorage', {
  getSelectedStorageBackend: () => (app.isReady() ? surroundings.keychain.backend : 'unknown'),
  isAsyncEncryptionAvailable: reach,
  async encryptStringAsync(plainText) {
    await needed();
    const nonce = randomBytes(nonceLength);
    const cipher = createCipheriv('aes-256-gcm', key(), nonce);
    const sealed = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()]);
    return Buffer.concat([isPlain() ? marks.everybodys : marks.own, nonce, cipher.getAuthTag(), sealed]);
  },
  async decryptStringAsync(encrypted) {
    await needed();
    const [nonceAt, tagAt, sealedAt] = [markLength, markLength + nonceLength, markLength + nonceLength + tagLength];
    try {
      const decipher = createDecipheriv('aes-256-gcm', key(), encrypted.subarray(nonceAt, tagAt));
      decipher.setAuthTag(encrypted.subarray(tagAt, sealedAt));
      return { shouldReEncrypt: false, result: Buffer.concat([decipher.update(encrypted.subarray(sealedAt)), decipher.final()]).toString('utf8') };
    } catch (error) {
      throw new Error('Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.', { cause: error });
    }
  },
} satisfies Pick<Electron.SafeStorage, 'getSelectedStorageBackend' | 'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync'>);

export const keychainHands = {
  changeKeychain: (change: Partial<Surroundings['keychain']>) => void Object.assign(surroundings.keychain, change),
};
