/** Which Electron the smoke test starts, and what its fuses are. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { projectRoot } from '../house/layers.ts';

interface Binary {
  version: string;
  binary: string;
}

const electron = createRequire(import.meta.url)('../bootstrap/electron.cjs') as { findElectron: (project: string, machine: object) => Binary | null; isInstalled: (binary: Binary) => boolean };

/** The project's own Electron; or why there is none, in a sentence. */
export function ownElectron(project = projectRoot): { executable: string } | { why: string } {
  const found = electron.findElectron(project, { platform: process.platform, arch: process.arch, environment: process.env });
  if (found !== null && electron.isInstalled(found)) return { executable: found.binary };
  return { why: `The binary of Electron${found === null ? '' : ` ${found.version}`} is not here, and the smoke test starts it: "npx install-electron" downloads it, or name a packaged application with --app PATH.` };
}

/** The program of a packaged application: of macOS's folders the one inside. */
export function packagedExecutable(path: string): { executable: string } | { why: string } {
  const named = resolve(path);
  if (!existsSync(named)) return { why: `There is nothing at ${named}: name the application with --app PATH.` };
  if (!statSync(named).isDirectory()) return { executable: named };
  const inside = join(named, 'Contents', 'MacOS');
  const [program] = existsSync(inside) ? readdirSync(inside) : [];
  return program === undefined ? { why: `${named} is a folder without a program in it: name the program itself with --app PATH.` } : { executable: join(inside, program) };
}

/** @throws Error where the file holds no Electron, as a packed AppImage or an installer */
export async function readFuses(executable: string): Promise<{ name: string; isOn: boolean }[]> {
  const { version: _version, ...wire } = await getCurrentFuseWire(executable);
  return Object.entries(wire).map(([index, state]) => ({ name: FuseV1Options[Number(index)] ?? `fuse ${index}`, isOn: state === FuseState.ENABLE }));
}

/** Playwright drives a main process by Node's own inspector, which a fuse can take away for good. */
export function letsPlaywrightIn(fuses: readonly { name: string; isOn: boolean }[]): boolean {
  return fuses.some(({ name, isOn }) => name === FuseV1Options[FuseV1Options.EnableNodeCliInspectArguments] && isOn);
}
