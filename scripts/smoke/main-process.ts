/** What the main process of a window knows, asked by Playwright, which runs these functions there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ElectronApplication } from 'playwright-core';

type Ask = ElectronApplication['evaluate'];

export interface MainFacts {
  versions: { electron: string; chrome: string; node: string };
  /** Milliseconds since 1970; null where the system does not say. */
  startedAt: number | null;
  keychain: string;
  withoutSandbox: boolean;
  /** The process of the page, and whether the system says that it is sandboxed; Linux does not say it here. */
  page: { pid: number; isSandboxed: boolean | null };
}

export interface Memory {
  process: string;
  bytes: number;
}

/** Each function runs in the other process by its text alone: nothing around it is there. */
export const askFacts = (ask: Ask): Promise<MainFacts> =>
  ask(({ app, BrowserWindow, safeStorage }) => {
    const pid = BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0;
    const keychain = process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : safeStorage.isEncryptionAvailable() ? 'the keychain of the system' : 'none';
    return {
      versions: { electron: process.versions.electron ?? '', chrome: process.versions['chrome'] ?? '', node: process.versions.node },
      startedAt: process.getCreationTime(),
      keychain,
      withoutSandbox: app.commandLine.hasSwitch('no-sandbox'),
      page: { pid, isSandboxed: app.getAppMetrics().find((each) => each.pid === pid)?.sandboxed ?? null },
    };
  });

/** Of the main process, the page and the engine. */
export const askMemory = (ask: Ask): Promise<Memory[]> =>
  ask(({ app, BrowserWindow }) => {
    const page = BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId();
    return app.getAppMetrics().flatMap(({ pid, type, name, serviceName, memory }) => {
      const of = type === 'Browser' ? 'main' : pid === page ? 'renderer' : type === 'Utility' && (serviceName === 'node.mojom.NodeService' || name === 'Pilothouse engine') ? 'engine' : null;
      return of === null ? [] : [{ process: of, bytes: memory.workingSetSize * 1024 }];
    });
  });

/**
 * Whether the process of the page is held by its sandbox.
 * @param root where /proc is
 */
export function sandboxOf({ withoutSandbox, page }: MainFacts, { platform, root = '/' }: { platform: NodeJS.Platform; root?: string }): { words: string; isInForce: boolean } {
  if (withoutSandbox) return { words: 'it was switched off on the command line', isInForce: false };
  if (platform !== 'linux') return { words: page.isSandboxed === true ? 'on, says the system' : 'the system does not say that it is on', isInForce: page.isSandboxed === true };
  const seccomp = /^Seccomp:\s*(\d)/m.exec(readFileSync(join(root, 'proc', String(page.pid), 'status'), 'utf8'))?.[1];
  return { words: seccomp === '2' ? 'on, with a seccomp filter' : `no seccomp filter holds it (Seccomp: ${seccomp ?? 'not said'})`, isInForce: seccomp === '2' };
}
