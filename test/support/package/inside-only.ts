/**
 * `node --import …/inside-only.ts`: what a packaged application loads comes out of its own archive, from Node, or is
 * Electron. For looking whether it needs the place where it was built.
 */
import { registerHooks } from 'node:module';

const archive = '/app.asar/';

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const isPackaged = context.parentURL?.includes(archive) === true;
    if (isPackaged && specifier !== 'electron' && !resolved.url.startsWith('node:') && !resolved.url.includes(archive)) throw new Error(`${context.parentURL} reaches out to ${resolved.url}.`);
    return resolved;
  },
});
