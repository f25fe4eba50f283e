/**
 * Bundles the desktop's own code, without the packages that ship beside it:
 * `node scripts/build/desktop.ts OUT_FOLDER`.
 */
import { join } from 'node:path';
import { build, type Rolldown } from 'vite';
import packageJson from '../../package.json' with { type: 'json' };
import { projectRoot } from '../house/layers.ts';

const [folder = join(projectRoot, 'dist', 'desktop')] = process.argv.slice(2);
const shipped = [...Object.keys(packageJson.dependencies), ...Object.keys(packageJson.optionalDependencies)];
const isOutside = (specifier: string): boolean => specifier === 'electron' || specifier.startsWith('node:') || shipped.some((name) => specifier === name || specifier.startsWith(`${name}/`));
const source = (path: string): string => join(projectRoot, 'electron', ...path.split('/'));

async function bundle(input: Record<string, string>, options: { external: (specifier: string) => boolean; output: Rolldown.OutputOptions; emptyOutDir: boolean }): Promise<void> {
  await build({
    configFile: false,
    root: projectRoot,
    publicDir: false,
    logLevel: 'warn',
    build: {
      // Nothing here runs in a browser: Node's own modules stay what they are.
      ssr: true,
      target: 'node24',
      minify: false,
      outDir: folder,
      emptyOutDir: options.emptyOutDir,
      rolldownOptions: { input, external: options.external, output: options.output },
    },
  });
}

await bundle(
  { entry: source('main/entry.ts'), main: source('main/main.ts'), utility: source('utility/main.ts'), cli: source('cli/main.ts'), 'windows-supervisor': source('engine/children/supervisor-main.ts') },
  { external: isOutside, emptyOutDir: true, output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' } },
);
// In its sandbox a preload script is one CommonJS file that may require nothing but electron.
await bundle({ preload: source('preload/preload.ts') }, { external: (specifier) => specifier === 'electron', emptyOutDir: false, output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false } });
