/**
 * Collects the licences of everything that ships, with their texts, into dist/LICENCES.txt. Electron's own and those of
 * what Chromium is made of lie beside it, as Electron brings them.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { carriedLibraries } from './carried-libraries.ts';
import { describe, enginePackages, pagePackages, type ShippedPackage } from './shipped-packages.ts';
import { nameOf, practicePackage, type Target } from './targets.ts';

export interface Licence {
  name: string;
  version: string;
  /** As SPDX abbreviates it, where it does. */
  licence: string;
  text: string;
}

/** What may ship. A licence that is none of these stops the build until somebody has read it. */
const allowed = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ICU', 'ISC', 'MIT', 'MIT-krb5', 'OFL-1.1', 'OpenSSL', 'PostgreSQL', 'Unlicense', 'Zlib']);

/** Allowed for a library of its own file, which anybody may replace by another one, and for nothing else. */
const allowedForLibraries = new Set(['LGPL-2.1-or-later']);

/** Packages that name a licence and bring no text of it: they get the common one, with the name of their author. */
const withoutText = new Map([
  ['react-remove-scroll-bar', 'MIT.txt'],
  ['wouter', 'Unlicense.txt'],
]);

/** @throws where a package names no licence, one that may not ship, or has no text of it */
export function licenceOf(project: string, { name, version, folder }: ShippedPackage): Licence {
  const description = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { license?: unknown; licenses?: unknown; author?: unknown };
  const licence = licenceName(description);
  if (licence === null || !allowed.has(licence)) throw new Error(`${name} ${version} has ${licence === null ? 'no licence' : `the licence ${licence}`}, which is not among those that may ship (scripts/dist/licences.ts).`);
  const text = textIn(folder) ?? commonText(project, name, description.author);
  if (text === null) throw new Error(`${name} ${version} brings no text of its licence (${licence}): it cannot ship without (scripts/dist/licences.ts).`);
  return { name, version, licence, text };
}

function licenceName({ license, licenses }: { license?: unknown; licenses?: unknown }): string | null {
  const [first] = Array.isArray(licenses) ? (licenses as unknown[]) : [];
  const said = license ?? first;
  if (typeof said === 'string') return said;
  return typeof said === 'object' && said !== null && 'type' in said && typeof said.type === 'string' ? said.type : null;
}

/** The text that a package brings: in a file of its own, or at the end of what it says of itself. */
function textIn(folder: string): string | null {
  const files = readdirSync(folder);
  const own = files.find((name) => /^(?:licen[cs]e|copying)(?:[.-]|$)/i.test(name));
  if (own !== undefined) return readFileSync(join(folder, own), 'utf8').trim();
  const readme = files.find((name) => /^readme(?:\.|$)/i.test(name));
  if (readme === undefined) return null;
  const section = /\n#+ *licen[cs]e *\n([\s\S]+)$/i.exec(readFileSync(join(folder, readme), 'utf8'))?.[1]?.trim() ?? '';
  return /permission is hereby granted|redistribution and use/i.test(section) ? section : null;
}

function commonText(project: string, name: string, author: unknown): string | null {
  const file = withoutText.get(name);
  if (file === undefined) return null;
  const text = readFileSync(join(project, 'resources', 'licences', file), 'utf8').trim();
  return typeof author === 'string' && !file.startsWith('Unlicense') ? `Copyright (c) ${author}\n\n${text}` : text;
}

/** Of Postgres and of what comes with it. Empty where there is none for the target. */
function practiceLicences(project: string, target: Target): Licence[] {
  const name = practicePackage(project, target);
  if (name === null) return [];
  const folder = join(project, 'node_modules', ...name.split('/'));
  const { version } = describe(folder);
  const libraries = carriedLibraries(folder).map((library) => {
    if (!allowed.has(library.licence) && !allowedForLibraries.has(library.licence)) throw new Error(`${library.name} has the licence ${library.licence}, which is not among those that may ship (scripts/dist/licences.ts).`);
    return { name: library.name, version: `in ${name} ${version}`, licence: library.licence, text: readFileSync(join(project, 'resources', 'licences', library.text), 'utf8').trim() };
  });
  return [licenceOf(project, { name, version, folder }), ...libraries];
}

/** Everything that ships for the target but Electron. @throws where something may not ship, or its text is missing */
export async function collectLicences(project: string, target: Target): Promise<Licence[]> {
  const packages = [...enginePackages(project), ...(await pagePackages(project))];
  const once = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  return [...once.values()].map((each) => licenceOf(project, each)).concat(practiceLicences(project, target));
}

/** One text: a list first, then each licence in full. */
export function writeUp(own: string, licences: readonly Licence[], target: Target): string {
  const sorted = licences.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  const rule = '-'.repeat(80);
  return [
    'Pilothouse',
    '',
    own.trim(),
    '',
    rule,
    `Pilothouse for ${nameOf(target)} holds the work of others, each under its own licence. Those of`,
    'Electron and of Chromium are in the files that Electron brings: LICENSE.electron.txt',
    'and LICENSES.chromium.html.',
    '',
    ...sorted.map(({ name, version, licence }) => `${name} ${version}: ${licence}`),
    ...sorted.flatMap(({ name, version, licence, text }) => ['', rule, `${name} ${version}: ${licence}`, '', text]),
    '',
  ].join('\n');
}

/** Writes the file. @returns how many works it names */
export async function writeLicences(project: string, target: Target): Promise<number> {
  const licences = await collectLicences(project, target);
  const file = join(project, 'dist', 'LICENCES.txt');
  mkdirSync(dirname(file), { recursive: true });
  // Whoever packs at the same time takes the whole of one.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, writeUp(readFileSync(join(project, 'LICENSE'), 'utf8'), licences, target));
  renameSync(unfinished, file);
  return licences.length;
}
