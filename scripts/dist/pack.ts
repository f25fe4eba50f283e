/** Has electron-builder make the packages of one target, as electron-builder.yml says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arch, build, Platform } from 'app-builder-lib';
import type { Target } from './targets.ts';

export interface PackOptions {
  project: string;
  target: Target;
  /** As electron-builder names them: `deb`, `dmg`, `dir`. Empty: all that the configuration names. */
  kinds: readonly string[];
  /** Where what is made comes to lie, absolute. */
  output: string;
  /** The folder of an unpacked Electron; null: the one that is downloaded, or was before. */
  electron: string | null;
  /** Called when Electron lies where it is packed. */
  onElectron?: () => void;
}

/** @returns the packages, absolute; none where only a folder was asked for */
export async function pack({ project, target, kinds, output, electron, onElectron }: PackOptions): Promise<string[]> {
  const platform = { linux: Platform.LINUX, darwin: Platform.MAC, win32: Platform.WINDOWS }[target.platform];
  // What Electron's releases hold is known by the package that npm has checked: a download is compared with that.
  const checksums = JSON.parse(readFileSync(join(project, 'node_modules', 'electron', 'checksums.json'), 'utf8')) as Record<string, string>;
  return await build({
    projectDir: project,
    targets: platform.createTarget(kinds.length === 0 ? null : [...kinds], Arch[target.architecture]),
    publish: 'never',
    config: {
      directories: { output },
      electronDownload: { checksums },
      electronDist: electron,
      afterExtract: () => onElectron?.(),
    },
  });
}
