/** Which of npm's packages ship: those that the engine loads, and those that the bundler has put into the page. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build, type Plugin } from 'vite';

export interface ShippedPackage {
  name: string;
  version: string;
  /** Its folder here, absolute. */
  folder: string;
}

interface Description {
  name: string;
  version: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/** Named as dependencies by others, and left out of the archive: electron-builder.yml says why. */
const leftOut = new Set(['node-addon-api', 'cpu-features', 'buildcheck', 'nan', 'pg-cloudflare', 'argparse']);

export function describe(folder: string): Description {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Description;
}

/** Where Node would find a package that another one asks for; null where it is not installed. */
function find(project: string, asker: string, name: string): string | null {
  for (let folder = asker; folder.startsWith(project); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', ...name.split('/'));
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return null;
}

/**
 * The packages beside the engine's code, by name: what "dependencies" names and what those need in turn.
 * @throws where one is not installed
 */
export function enginePackages(project: string): ShippedPackage[] {
  const found = new Map<string, ShippedPackage>();
  const visit = (asker: string, { dependencies = {}, optionalDependencies = {} }: Partial<Description>): void => {
    for (const name of Object.keys(dependencies).filter((each) => !leftOut.has(each) && !(each in optionalDependencies))) {
      const folder = find(project, asker, name);
      if (folder === null) throw new Error(`${name}, which ${asker} needs, is not installed.`);
      if (found.has(folder)) continue;
      const description = describe(folder);
      found.set(folder, { name, version: description.version, folder });
      visit(folder, description);
    }
  };
  visit(project, { dependencies: describe(project).dependencies ?? {} });
  return [...found.values()].sort(byName);
}

/** The packages with a part in the page, by name, from the bundler's own list of modules. Builds the page, and writes nothing. */
export async function pagePackages(project: string): Promise<ShippedPackage[]> {
  const modules = new Set<string>();
  const collector: Plugin = {
    name: 'list-of-modules',
    generateBundle(_options, bundle) {
      for (const item of Object.values(bundle)) {
        if (item.type === 'chunk') for (const module of item.moduleIds) modules.add(module);
        // A font or a picture is a file of its own, which says where it comes from.
        else for (const path of item.originalFileNames) modules.add(resolve(project, 'renderer', path));
      }
      // Styles are gone from the chunks by now.
      for (const module of this.getModuleIds()) if (/\.css(?:\?|$)/.test(module)) modules.add(module);
    },
  };
  await build({ configFile: join(project, 'renderer', 'vite.config.ts'), logLevel: 'error', plugins: [collector], build: { write: false } });
  const folders = new Set([...modules].map(packageFolder).filter((folder) => folder !== null));
  return [...folders].map((folder) => ({ ...describe(folder), folder })).map(({ name, version, folder }) => ({ name, version, folder })).sort(byName);
}

/** The folder of the package that a module of the bundler belongs to; null for our own and for the bundler's. */
function packageFolder(module: string): string | null {
  const path = module.replace(/^\0/, '').replace(/\?.*$/, '').replaceAll('\\', '/');
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null;
}

const byName = (a: ShippedPackage, b: ShippedPackage): number => (a.name < b.name ? -1 : Number(a.name > b.name));
