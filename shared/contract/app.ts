import { z } from 'zod';
import { command, query } from './method.ts';
import { id, instant, newPassphrase, nothing, secret } from './common.ts';
import { plan } from './operations.ts';

export const settings = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Minutes without use until the vault locks; 0 never. */
  vaultAutoLockMinutes: z.number().int().min(0).max(1440).default(30),
  /** Size of the history before old events age out. */
  historyBudgetBytes: z.number().int().min(10_000_000).max(100_000_000_000).default(2 * 1024 ** 3),
  historyKeepDays: z.number().int().min(7).max(3650).default(400),
  /** How long a database that was set aside by a swap is kept for undo. */
  undoDays: z.number().int().min(1).max(90).default(7),
  /** Ask `operation.run` for the typed name on other environments too. */
  alwaysConfirmByName: z.boolean().default(false),
});
export type Settings = z.infer<typeof settings>;

/** An address within the console, such as `/systems/ID/health`. */
const place = z.string().startsWith('/').max(500);

export const vaultStatus = z.object({
  state: z.enum(['absent', 'locked', 'unlocked']),
  /**
   * That of this computer; null where it has none that counts, or the engine was not started by the window. `opens`:
   * whether it was given the vault's key, so that it can be asked for it; `problem`: why it did not give or take it
   * when it was last asked, null where it did.
   */
  keychain: z.object({ backend: z.string(), opens: z.boolean(), problem: z.string().nullable() }).nullable(),
  records: z.number().int().nullable(),
  locksAt: instant.nullable(),
});

export const appMethods = {
  'app.about': query(
    'Versions, places, and what is found on this computer.',
    nothing,
    z.object({
      version: z.string(),
      home: z.string(),
      /** The folder of the log files. */
      logs: z.string(),
      host: z.string(),
      pid: z.number().int(),
      startedAt: instant,
      node: z.string(),
      /** Null: there is no window of Electron's around it. */
      electron: z.string().nullable(),
      sqlite: z.string(),
      /** The library that speaks SSH. `native`: whether its fast cryptography was built on this computer. */
      ssh: z.object({ version: z.string(), native: z.boolean() }),
      schemaVersion: z.number().int(),
      databaseBytes: z.number(),
      backupsBytes: z.number(),
      freeBytes: z.number(),
      timeZone: z.string(),
      tools: z.array(z.object({ name: z.string(), path: z.string().nullable(), version: z.string().nullable(), hint: z.string().nullable() })),
      /** What a person should know about this installation, in words. */
      notices: z.array(z.string()),
    }),
  ),
  'settings.get': query('The settings.', nothing, z.object({ settings })),
  'settings.set': command('Changes settings.', z.strictObject({ settings: settings.partial() }), z.object({ settings })),
  'app.places': query('Where the person at the console was last, and on which screen of each system.', nothing, z.object({ last: place.nullable(), systems: z.record(id, place) })),
  'app.rememberPlace': command(
    'Remembers where the person at the console is.',
    z.strictObject({
      place,
      /** The system it is about. */
      systemId: id.nullable(),
      /** Whether it is one of the screens of that system, to which one comes back by its name. */
      screen: z.boolean(),
    }),
    nothing,
  ),
  'vault.status': query('Whether the vault exists and is open.', nothing, vaultStatus),
  'vault.create': command('Makes the vault with a passphrase.', z.strictObject({ passphrase: newPassphrase }), vaultStatus),
  'vault.unlock': command('Opens the vault.', z.strictObject({ passphrase: secret }), vaultStatus),
  'vault.unlockByKeychain': command('Opens the vault by the keychain of this computer.', nothing, vaultStatus),
  'vault.lock': command('Closes the vault.', nothing, vaultStatus),
  'vault.changePassphrase': command('Changes the passphrase.', z.strictObject({ current: secret, next: newPassphrase }), vaultStatus),
  'store.backup': command('Writes a consistent copy of the local file into the data folder.', nothing, z.object({ path: z.string(), sizeBytes: z.number() })),
  'store.export': command('Writes everything but secrets into one file, to move to another computer.', nothing, z.object({ path: z.string(), sizeBytes: z.number() })),
  'store.planCompact': query('What letting old events go now, by the declared policy, would remove.', nothing, z.object({ plan })),
};
