/** The packs whose runbooks are listed: those that come with Pilothouse, and those that were imported here. A folder each. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PilothouseError } from '#shared/domain/errors.ts';
import { findFile } from './files.ts';
import { isPackName } from './names.ts';

export interface Pack {
  /** "ecommerce-cod". */
  name: string;
  /** "E-commerce with cash on delivery". */
  title: string;
  /** Of its runbooks. */
  folder: string;
}

const packTitle = z.string().trim().min(1).max(200);

/**
 * Where they are: above this code, in a checkout as in an installed application.
 * @throws internal where they are not
 */
export function defaultPacksFolder(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const packs = join(folder, 'resources', 'packs');
    if (statSync(packs, { throwIfNoEntry: false })?.isDirectory() === true) return packs;
  }
  throw new PilothouseError('internal', `Pilothouse is not whole: no resources/packs lies above ${import.meta.dirname}.`, { hint: 'Install Pilothouse anew.' });
}

/** Of its line alone: this is asked each time that somebody looks. What is wrong in that file costs a pack its title here, and `pack lint` says it. */
function titleOf(folder: string, name: string): string {
  const found = findFile(join(folder, 'pack.yaml'), null);
  if (found === null || found === 'same' || 'why' in found) return name;
  try {
    const line = /^title:[ \t]*(\S.*)$/m.exec(found.text)?.[1];
    return packTitle.parse(parse(line ?? ''));
  } catch {
    return name;
  }
}

/** What a link leads to is no part of a pack, whatever it calls it. */
const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

/** @param packsFolder null, or one that is not there: none */
export function listPacks(packsFolder: string | null): Pack[] {
  if (packsFolder === null || statSync(packsFolder, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(packsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isPackName(entry.name) && !isLink(join(packsFolder, entry.name, 'runbooks')))
    .map(({ name }) => ({ name, title: titleOf(join(packsFolder, name), name), folder: join(packsFolder, name, 'runbooks') }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
