/** Called by electron-builder before it packs for one target: refuses one whose parts are not here. */
import { Arch, type BeforePackContext } from 'app-builder-lib';
import { projectRoot } from '../house/layers.ts';
import { architectures, platforms, whatIsMissing } from './targets.ts';

/** @throws where a package would hold less than it must, or another platform's parts */
export async function beforePack(context: BeforePackContext): Promise<void> {
  const platform = platforms.find((name) => name === context.electronPlatformName);
  const architecture = architectures.find((name) => name === Arch[context.arch]);
  if (platform === undefined || architecture === undefined) throw new Error(`No packages are made for ${context.electronPlatformName} ${Arch[context.arch]}.`);
  const problem = whatIsMissing(projectRoot, { platform, architecture });
  if (problem !== null) throw new Error(problem);
}
