import { readdirSync, rmSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isPilothouseError, PilothouseError } from '#shared/domain/errors.ts';
import { syncFolder } from '../platform/durable.ts';
import type { Random } from '../ports.ts';
import { vaultFile, type VaultFile } from './format.ts';

const fileName = 'vault.json';
const largestBytes = 20_000_000;

export interface VaultStorage {
  readonly path: string;
  exists(): boolean;
  /** @throws vault.absent, vault.damaged, store.unwritable */
  read(): Promise<VaultFile>;
  /** Replaces the file in one step: whatever happens meanwhile, the old one or the new one is there, whole. @throws store.disk-full, store.unwritable */
  write(content: VaultFile): Promise<void>;
}

/** The vault's file is not what was written. It is left as it is. */
export function damaged(file: string, what: string, details: Record<string, unknown> = {}): PilothouseError {
  return new PilothouseError('vault.damaged', `The vault ${file} is damaged: ${what}.`, {
    hint: 'It was left as it is. Put a copy of it back, or move it away, make a new vault, and type the passwords again. If a newer Pilothouse wrote it, use that one.',
    details: { path: file, ...details },
  });
}

function unusable(file: string, error: unknown): PilothouseError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return new PilothouseError('store.disk-full', `The disk is full: ${file} could not be written, and is as it was before.`, { hint: 'Free some space and try again.', retryable: true, details: { path: file }, cause: error });
  return new PilothouseError('store.unwritable', `The vault ${file} cannot be used: ${message}.`, { hint: 'Check who owns the data folder, and its permissions.', details: { path: file }, cause: error });
}

/** The vault's file in a data folder. What a write that was killed left behind is removed. */
export function createVaultStorage(folder: string, random: Random): VaultStorage {
  const file = path.join(folder, fileName);
  const unfinished = new RegExp(`^${fileName.replace('.', '\\.')}\\..*\\.tmp$`);
  for (const name of readdirSync(folder).filter((entry) => unfinished.test(entry))) rmSync(path.join(folder, name), { force: true });

  return {
    path: file,
    exists: () => statSync(file, { throwIfNoEntry: false }) !== undefined,
    async read() {
      let text: string;
      try {
        const handle = await open(file, 'r');
        try {
          if ((await handle.stat()).size > largestBytes) throw damaged(file, 'it is larger than any vault');
          text = await handle.readFile('utf8');
        } finally {
          await handle.close();
        }
      } catch (error) {
        if (isPilothouseError(error)) throw error;
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new PilothouseError('vault.absent', 'There is no vault yet.', { hint: 'Make one in Settings or with "vault create"; it keeps passwords under a passphrase of yours.', details: { path: file } });
        throw unusable(file, error);
      }
      let content: unknown;
      try {
        content = JSON.parse(text);
      } catch {
        throw damaged(file, 'it is not JSON any more');
      }
      const parsed = vaultFile.safeParse(content);
      if (!parsed.success) throw damaged(file, `${parsed.error.issues[0]?.path.join('.') || 'its form'} is not what a vault has there`);
      return parsed.data;
    },
    async write(content) {
      const beside = `${file}.${random.bytes(6).toString('hex')}.tmp`;
      try {
        const handle = await open(beside, 'wx', 0o600);
        try {
          await handle.writeFile(JSON.stringify(content));
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(beside, file);
        await syncFolder(folder);
      } catch (error) {
        await rm(beside, { force: true });
        throw unusable(file, error);
      }
    },
  };
}
