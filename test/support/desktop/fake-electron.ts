/** An application as Playwright shows it, put together from a page of Chromium and the process that serves it. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { Page } from 'playwright-core';
import type { Desktop } from '../../../scripts/smoke/smoke.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const pids = { main: 100, page: 101, engine: 102 };

export interface FakeWindow {
  firstWindow: () => Promise<Page>;
  child: ChildProcess;
  close: () => Promise<void>;
  /** When its process was started, in milliseconds since 1970. */
  startedAt: number;
  /** Whether Chromium was told to do without a sandbox. */
  withoutSandbox?: boolean;
}

/** What is asked of the main process is run by its text alone, as Playwright does it, beside modules that answer. */
export function fakeElectron({ firstWindow, child, close, startedAt, withoutSandbox = false }: FakeWindow): Desktop {
  const megabyte = 1000;
  const metrics = [
    { pid: pids.main, type: 'Browser', memory: { workingSetSize: 150 * megabyte } },
    { pid: 90, type: 'GPU', memory: { workingSetSize: 900 * megabyte } },
    { pid: pids.page, type: 'Tab', memory: { workingSetSize: 120 * megabyte } },
    { pid: pids.engine, type: 'Utility', name: 'Pilothouse engine', serviceName: 'node.mojom.NodeService', memory: { workingSetSize: 80 * megabyte } },
  ];
  const electron = {
    app: { getAppMetrics: () => metrics, commandLine: { hasSwitch: (name: string) => name === 'no-sandbox' && withoutSandbox } },
    BrowserWindow: { getAllWindows: () => [{ webContents: { getOSProcessId: () => pids.page } }] },
    safeStorage: { getSelectedStorageBackend: () => 'gnome_libsecret' },
  };
  const around = { process: { platform: 'linux', versions: { electron: '45.5.0', chrome: '152.0.0.0', node: '24.21.0' }, getCreationTime: () => startedAt } };
  const evaluate = async (ask: unknown, argument?: unknown): Promise<unknown> => (runInNewContext(`(${String(ask)})`, around) as (modules: object, argument: unknown) => unknown)(electron, argument);
  return { firstWindow, process: () => child, close, evaluate: evaluate as Desktop['evaluate'] };
}

/** A place where the kernel says of the page's process whether a filter holds it: 2 is one, 0 none. */
export async function procWith(seccomp: 0 | 2): Promise<string> {
  const root = await temporaryFolder('proc');
  mkdirSync(join(root, 'proc', String(pids.page)), { recursive: true });
  writeFileSync(join(root, 'proc', String(pids.page), 'status'), `Name:\tpilothouse\nNoNewPrivs:\t1\nSeccomp:\t${seccomp}\nSeccomp_filters:\t1\n`);
  return root;
}
