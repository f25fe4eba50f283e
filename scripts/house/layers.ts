/**
 * Which part of the project a file belongs to, and what each part may import. The rules of lint read this table;
 * nothing else decides.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix, relative, sep } from 'node:path';

export const layers = ['domain', 'shared', 'engine', 'main', 'preload', 'utility', 'loopback', 'cli', 'renderer', 'test', 'scripts', 'bootstrap', 'root', 'unknown'] as const;
export type Layer = (typeof layers)[number];

interface Allowance {
  /** The layers it may import; itself is always among them. */
  layers: readonly Layer[];
  /** Whether it may import Node's own modules. */
  node: boolean;
  electron: boolean;
  /** The packages it may import: `runtime` ships with the engine, `bundled` is built into the page. */
  packages: 'none' | 'zod' | 'runtime' | 'bundled' | 'any';
}

const host = { layers: ['domain', 'shared', 'engine', 'root'], node: true, electron: false, packages: 'runtime' } satisfies Allowance;

const allowances: Record<Layer, Allowance> = {
  domain: { layers: [], node: false, electron: false, packages: 'none' },
  shared: { layers: ['domain'], node: false, electron: false, packages: 'zod' },
  engine: { layers: ['domain', 'shared', 'root'], node: true, electron: false, packages: 'runtime' },
  main: { ...host, electron: true },
  preload: { layers: ['domain', 'shared'], node: false, electron: true, packages: 'zod' },
  utility: host,
  loopback: host,
  cli: host,
  renderer: { layers: ['domain', 'shared'], node: false, electron: false, packages: 'bundled' },
  test: { layers, node: true, electron: false, packages: 'any' },
  scripts: { layers, node: true, electron: false, packages: 'any' },
  // Runs before anything is installed.
  bootstrap: { layers: [], node: true, electron: false, packages: 'none' },
  root: { layers, node: true, electron: false, packages: 'any' },
  unknown: { layers: [], node: false, electron: false, packages: 'none' },
};

const aliases: Record<string, string> = { '#shared/': 'shared/', '#engine/': 'electron/engine/', '#test/': 'test/support/' };

/**
 * `path` is relative to the project, with forward slashes. `root`: a file beside package.json. `unknown`: a folder
 * that nobody has named here yet, which is reported.
 */
export function layerOf(path: string): Layer {
  const [first = '', second = ''] = path.split('/');
  // The bundler's configuration runs in Node and is not part of the page.
  if (!path.includes('/') || path === 'renderer/vite.config.ts') return 'root';
  if (path.startsWith('shared/domain/')) return 'domain';
  if (path === 'scripts/bootstrap.cjs' || path.startsWith('scripts/bootstrap/')) return 'bootstrap';
  const known: readonly Layer[] = first === 'electron' ? ['engine', 'main', 'preload', 'utility', 'loopback', 'cli'] : ['shared', 'renderer', 'test', 'scripts'];
  const name = first === 'electron' ? second : first;
  return known.find((layer) => layer === name) ?? 'unknown';
}

export function projectPath(root: string, file: string): string {
  return relative(root, file).split(sep).join('/');
}

/** The file of the project that an import means; null for packages and Node's own modules. */
export function resolveImport(importer: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(importer), specifier);
  for (const [alias, folder] of Object.entries(aliases)) if (specifier.startsWith(alias)) return posix.join(folder, specifier.slice(alias.length));
  return null;
}

/** Why a file may not import this; null where it may. */
export function whyNotImport(root: string, importer: string, specifier: string): string | null {
  const layer = layerOf(importer);
  const allowed = allowances[layer];
  const target = resolveImport(importer, specifier);
  if (target !== null) {
    const other = layerOf(target);
    if (other === layer || allowed.layers.includes(other)) return null;
    return `${layer} may not import ${other} (${target}).`;
  }
  const name = packageOf(specifier);
  if (layer === 'unknown') return null;
  if (name === 'electron') return allowed.electron ? null : `${layer} may not import electron: only main and preload do.`;
  if (isBuiltin(specifier)) return allowed.node ? null : `${layer} runs outside Node too and may not import ${specifier}.`;
  if (allowed.packages === 'none') return `${layer} may import no package, not ${name}.`;
  if (allowed.packages === 'any' || name === 'zod') return null;
  if (allowed.packages === 'zod') return `${layer} may import no package but zod, not ${name}.`;
  const packages = packagesOf(root);
  if (packages[allowed.packages].has(name)) return null;
  return allowed.packages === 'runtime'
    ? `${layer} may import only what "dependencies" of package.json names, not ${name}.`
    : `${layer} may import only what "devDependencies" of package.json names, to be built into the page, not ${name}.`;
}

/** Two areas of the renderer's features that a file joins; null where it joins none. */
export function joinedFeatures(importer: string, specifier: string): readonly [string, string] | null {
  const area = (path: string) => /^renderer\/features\/([^/]+)\//.exec(path)?.[1] ?? null;
  const target = resolveImport(importer, specifier);
  const from = area(importer);
  const to = target === null ? null : area(target);
  return from !== null && to !== null && from !== to ? [from, to] : null;
}

/** `shared/contract/index.ts` lists every method; the files beside it are public in their own right. */
const withoutDoor = new Set(['shared/contract']);

/**
 * The `index.ts` that an import from outside reaches past; null where it does not. A `types.ts` beside a door is what
 * the rooms have agreed on, and stands open too.
 */
export function doorPassed(root: string, importer: string, specifier: string): string | null {
  if (layerOf(importer) === 'test') return null;
  const target = resolveImport(importer, specifier);
  if (target === null) return null;
  for (let folder = posix.dirname(target); folder !== '.' && folder !== '/'; folder = posix.dirname(folder)) {
    if (importer.startsWith(`${folder}/`)) return null;
    const door = [`${folder}/index.ts`, `${folder}/index.tsx`].find((candidate) => existsSync(join(root, candidate)));
    if (door !== undefined && door !== target && target !== `${folder}/types.ts` && !withoutDoor.has(folder)) return door;
  }
  return null;
}

function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

let known: { root: string; runtime: ReadonlySet<string>; bundled: ReadonlySet<string> } | null = null;

/** Of `dependencies`, what the page is built with as well: the engine and the page read the same texts by it. */
const onBothSides: readonly string[] = ['markdown-it'];

function packagesOf(root: string): { runtime: ReadonlySet<string>; bundled: ReadonlySet<string> } {
  if (known?.root !== root) {
    const file = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string> | undefined>;
    const names = (field: string) => Object.keys(file[field] ?? {});
    known = { root, runtime: new Set([...names('dependencies'), ...names('optionalDependencies')]), bundled: new Set([...names('devDependencies'), ...onBothSides]) };
  }
  return known;
}

/** The folder of the project's package.json. */
export const projectRoot = dirname(dirname(import.meta.dirname));
