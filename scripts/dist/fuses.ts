/** The fuses of Electron's binary: what it can be made to do from outside, decided once and for good. */
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import type { Platform } from './targets.ts';

/**
 * Every fuse that this Electron has. One more, in a newer one, stops the build until somebody has decided.
 *
 * The integrity of the archive is checked by Electron on macOS and Windows. On Linux nothing looks at this fuse: there
 * the archive is as safe as the folder it was installed into, which is root's with deb and rpm.
 */
export const fuses: Readonly<Record<FuseV1Options, boolean>> = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  // Not a way in: how WebAssembly meets the end of its memory. As Electron has it.
  [FuseV1Options.WasmTrapHandlers]: true,
};

/**
 * Sets the fuses of a binary (on macOS: of an `.app`) and reads them back.
 * @throws where the binary has none, has one that nobody decided about, or one is not as it was set
 */
export async function setFuses(binary: string, platform: Platform): Promise<void> {
  await flipFuses(binary, {
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
    // What was changed no longer fits the signature that Electron came with; without any, arm64 does not start it.
    resetAdHocDarwinSignature: platform === 'darwin',
    ...fuses,
  });
  const problems = await wrongFuses(binary);
  if (problems.length > 0) throw new Error(`The fuses of ${binary} are not as they were set: ${problems.join(', ')}.`);
}

/** The fuses of a binary that are not as decided, by name; empty where all are. */
export async function wrongFuses(binary: string): Promise<string[]> {
  const { version: _version, ...wire } = await getCurrentFuseWire(binary);
  const states = new Map(Object.entries(wire).map(([index, state]) => [Number(index), state]));
  const known = Object.entries(fuses).map(([index, isOn]) => ({ index: Number(index), isOn }));
  const wrong = known.filter(({ index, isOn }) => states.get(index) !== (isOn ? FuseState.ENABLE : FuseState.DISABLE)).map(({ index }) => FuseV1Options[index] ?? String(index));
  const unknown = [...states.keys()].filter((index) => !known.some((fuse) => fuse.index === index)).map((index) => `fuse ${index}`);
  return [...wrong, ...unknown];
}
