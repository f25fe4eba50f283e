/** The package of the desktop for Linux x64, made here from what is built, around an Electron that is none. */
import { join } from 'node:path';
import { makePackages } from '../../../scripts/dist/make-packages.ts';
import { projectRoot } from '../../../scripts/house/layers.ts';
import { makeFakeElectron } from './fake-electron.ts';

export const packagedTarget = { platform: 'linux', architecture: 'x64' } as const;

/**
 * @param folder an empty one of the caller
 * @returns where the executable lies, with `resources` beside it
 */
export async function makePackage(folder: string): Promise<string> {
  const made = await makePackages({ project: projectRoot, target: packagedTarget, kinds: ['dir'], output: join(folder, 'installers'), electron: makeFakeElectron(join(folder, 'electron')), patience: 60_000 });
  if (!('files' in made)) throw new Error('problem' in made ? made.problem : `ended by ${made.signal}`);
  const [place] = made.files;
  if (place === undefined) throw new Error('Nothing was made.');
  return place;
}
