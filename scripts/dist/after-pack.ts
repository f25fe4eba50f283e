/** Called by electron-builder when the files of one target lie in their places, before they are signed: sets the fuses. */
import { join } from 'node:path';
import type { AfterPackContext, LinuxPackager } from 'app-builder-lib';
import { setFuses } from './fuses.ts';
import { platforms } from './targets.ts';

/** @throws where a fuse cannot be set, or is not as it was set */
export async function afterPack(context: AfterPackContext): Promise<void> {
  const { appOutDir, electronPlatformName, packager } = context;
  const platform = platforms.find((name) => name === electronPlatformName);
  if (platform === undefined) throw new Error(`No packages are made for ${electronPlatformName}.`);
  const { productFilename } = packager.appInfo;
  const binary = { linux: (packager as LinuxPackager).executableName, darwin: `${productFilename}.app`, win32: `${productFilename}.exe` }[platform];
  await setFuses(join(appOutDir, binary), platform);
}
