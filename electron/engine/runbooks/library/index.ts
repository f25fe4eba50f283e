export { changesBetween } from './changes.ts';
export { createLibrary, type BrokenFile, type Library, type LibraryFile, type RunbookReader } from './library.ts';
export { defaultPacksFolder } from './packs.ts';
export { findFile } from './files.ts';
export { reviewOf, type Review } from './review.ts';
export type { Found, Hit } from './search.ts';
