/**
 * `node --import …/register.ts ENTRY …` is Electron to a program: it imports `electron` and gets the double. The
 * application is ready once its entry, with all that this awaits, has been evaluated.
 */
import { createRequire, registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { surroundings } from './surroundings.ts';

const double = new URL('double.ts', import.meta.url).href;
let isUsed = false;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron' && specifier !== 'electron/main' && specifier !== 'electron/common') return next(specifier, context);
    isUsed = true;
    return { url: double, format: 'module-typescript', shortCircuit: true };
  },
});

const [, started] = process.argv;
// Packaged, the executable is the application itself.
if (surroundings.packaged) process.argv.splice(1, 1);
Object.assign(process, { type: 'browser', defaultApp: surroundings.packaged ? undefined : true, resourcesPath: resolve('.') });
Object.defineProperty(process, 'platform', { value: surroundings.platform });
Object.assign(process.versions, { electron: '45.5.0', chrome: '150.0.0.0' });

async function becomeReady(): Promise<void> {
  await import(pathToFileURL(createRequire(import.meta.url).resolve(resolve(started ?? '.'))).href);
  if (!isUsed) return;
  const { app } = await import('./app.ts');
  app.becomeReady();
}
// A failure of the entry is told by Node itself, and ends this process.
setImmediate(() => void becomeReady().catch(() => {}));
