/** The operating system's keychain. It wraps one random key of the vault; nothing else of ours is ever in it. */
import { safeStorage } from 'electron';

/** Of Linux's back ends those that are a keychain. `basic_text` has a password that everybody knows, `unknown` is none. */
const linuxKeychains: readonly string[] = ['gnome_libsecret', 'kwallet', 'kwallet5', 'kwallet6'];
const others: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macos-keychain', win32: 'windows-dpapi' };
/** A keychain that asks its owner something must not keep the window from opening, in milliseconds. */
const patienceMs = 3000;
/** What trying the keychain says, once it says anything. */
let trial: Promise<boolean> = Promise.resolve(false);

export interface Keychain {
  /** Stored beside what it wrapped; null where there is none that counts. */
  backend: string | null;
  /** Why there is none, and what to do, in words. */
  notice: string | null;
}

/** Looks for a keychain, once Electron is ready. */
export async function findKeychain(platform: NodeJS.Platform = process.platform): Promise<Keychain> {
  const selected = platform === 'linux' ? safeStorage.getSelectedStorageBackend() : (others[platform] ?? 'unknown');
  if (platform === 'linux' && !linuxKeychains.includes(selected)) {
    return { backend: null, notice: `This desktop offers no keychain that protects anything (${selected}), so passwords are kept under your passphrase alone. GNOME Keyring or KWallet would open the vault at each start.` };
  }
  trial = protects(platform);
  const silent = new Promise<'silent'>((resolve) => setTimeout(() => resolve('silent'), patienceMs).unref());
  // One that is silent may be asking its owner: nobody waits for it, and it opens the vault when it has its answer.
  if ((await Promise.race([trial, silent])) !== false) return { backend: selected, notice: null };
  return { backend: null, notice: 'The keychain of this computer cannot be used now (it is locked, or was refused), so the vault asks for your passphrase.' };
}

/** What Chromium puts before what it encrypted under a password that everybody knows, where it found no keychain on Linux. */
const knownToEverybody = 'v10';

/** Tries it, since the back end that was selected may not be the one that does the work. */
async function protects(platform: NodeJS.Platform): Promise<boolean> {
  try {
    if (!(await safeStorage.isAsyncEncryptionAvailable())) return false;
    const tried = await safeStorage.encryptStringAsync('Pilothouse');
    return platform !== 'linux' || !tried.subarray(0, knownToEverybody.length).equals(Buffer.from(knownToEverybody));
  } catch {
    return false; // A keychain that fails is none; the notice says so.
  }
}

/**
 * @param value what to wrap, or what was wrapped, in base64
 * @returns the other, in base64
 * @throws Error where the keychain protects nothing, or fails
 */
export async function askKeychain(what: 'wrap' | 'unwrap', value: string): Promise<string> {
  if (!(await trial)) throw new Error('The keychain of this computer cannot be used now.');
  if (what === 'wrap') return (await safeStorage.encryptStringAsync(value)).toString('base64');
  return (await safeStorage.decryptStringAsync(Buffer.from(value, 'base64'))).result;
}
