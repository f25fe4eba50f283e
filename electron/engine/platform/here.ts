/**
 * Which system this runs on: asked here and nowhere else in the engine and its hosts. What differs from one to the other
 * is a file of this folder each; the platform is a parameter there, so that each can be tested on any.
 */
import { posix, win32, type PlatformPath } from 'node:path';

export type Platform = NodeJS.Platform;

export const here: Platform = process.platform;

/** How paths are written there. */
export const pathsOf = (platform: Platform): PlatformPath => (platform === 'win32' ? win32 : posix);
