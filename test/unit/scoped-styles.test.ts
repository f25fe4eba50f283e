/** Screens are loaded when they are first opened, and their styles stay: what one of them says of a bare class holds for all that are opened later. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const renderer = new URL('../../renderer/', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, renderer), 'utf8');
const filesOf = (pattern: string): string[] => globSync(pattern, { cwd: renderer }).map((file) => file.replaceAll('\\', '/'));
const featureOf = (file: string): string | null => /^features\/([^/]+)\//.exec(file)?.[1] ?? null;

/** Classes that selectors of a style sheet begin with. */
function begunBy(sheet: string): Set<string> {
  const plain = sheet.replace(/\/\*[\s\S]*?\*\//g, '').replace(/@[^{;]+\{/g, '{');
  const selectors = [...plain.matchAll(/([^{}]+)\{/g)].flatMap(([, list = '']) => list.replace(/\([^)]*\)/g, '').split(','));
  return new Set(selectors.flatMap((selector) => /^\.([\w-]+)/.exec(selector.trim())?.[1] ?? []));
}

/** Classes that a component names, also among others and in parts of a template. */
function named(source: string): Set<string> {
  const texts = [...source.matchAll(/className=(?:"([^"]*)"|\{([^}]*)\})/g)].flatMap(([, text, code]) => (text === undefined ? [...(code ?? '').matchAll(/['"`]([^'"`]*)/g)].map(([, part = '']) => part) : [text]));
  return new Set(texts.flatMap((text) => text.split(/[\s$]+/)));
}

const shared = new Set(filesOf('{theme,components,app}/**/*.css').flatMap((file) => [...begunBy(read(file))]));
const components = filesOf('**/*.tsx').map((file) => ({ file, feature: featureOf(file), classes: named(read(file)) }));

it('what a screen looks like does not depend on which one was open before', () => {
  const leaks = filesOf('features/**/*.css').flatMap((sheet) =>
    [...begunBy(read(sheet))].filter((name) => !shared.has(name)).flatMap((name) => components.filter(({ feature, classes }) => feature !== null && feature !== featureOf(sheet) && classes.has(name)).map(({ file }) => `.${name} of ${sheet} meets ${file}`)),
  );
  expect(leaks).toStrictEqual([]);
});
