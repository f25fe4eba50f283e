/** What `npm run dist` was asked for. */
import { parseArgs } from 'node:util';
import { hostTarget, type Architecture, type Platform, type Target } from './targets.ts';

const flags: readonly (readonly [flag: 'linux' | 'mac' | 'win', platform: Platform])[] = [
  ['linux', 'linux'],
  ['mac', 'darwin'],
  ['win', 'win32'],
];

/** As electron-builder names them; the test of electron-builder.yml holds the two together. */
export const kindsOf: Readonly<Record<Platform, readonly string[]>> = { linux: ['AppImage', 'deb', 'rpm'], darwin: ['dmg'], win32: ['nsis'] };

const usage = 'usage: npm run dist [-- [--linux [AppImage|deb|rpm…] | --mac [dmg] | --win [nsis]] [--x64|--arm64] [--dir]]';

export interface Call {
  target: Target;
  kinds: readonly string[];
}

/** One target at a time: npm installs what differs for one. */
export function parseCall(parameters: readonly string[]): Call | { usage: string } {
  const parsed = read(parameters);
  if (parsed === null) return { usage };
  const { values, positionals } = parsed;
  const chosen = flags.filter(([flag]) => values[flag] === true);
  const architectures = (['x64', 'arm64'] as const).filter((name) => values[name] === true);
  if (chosen.length > 1 || architectures.length > 1) return { usage };
  const platform = chosen[0]?.[1] ?? hostTarget().platform;
  const architecture: Architecture = architectures[0] ?? hostTarget().architecture;
  const kinds = positionals.map((word) => kindsOf[platform].find((kind) => kind.toLowerCase() === word.toLowerCase()));
  if (kinds.includes(undefined) || (kinds.length > 0 && values.dir === true)) return { usage };
  if (values.dir === true) return { target: { platform, architecture }, kinds: ['dir'] };
  return { target: { platform, architecture }, kinds: kinds.length === 0 ? kindsOf[platform] : kinds.filter((kind) => kind !== undefined) };
}

function read(parameters: readonly string[]) {
  const option = { type: 'boolean' } as const;
  try {
    return parseArgs({ args: [...parameters], options: { linux: option, mac: option, win: option, x64: option, arm64: option, dir: option }, allowPositionals: true });
  } catch {
    // An option that there is not.
    return null;
  }
}
