/** Reads a pack from the texts of its files, and says what is wrong in them, each with its place. Never throws for what stands in them. */
import { environments } from '#shared/domain/environment.ts';
import type { Pack, PackProblem, PackRole } from '#shared/domain/pack/definition.ts';
import type { Faults, Fields } from '../../runbooks/format/index.ts';
import { checkItem } from './check-items.ts';
import { checkRanks, checkReferences } from './check-references.ts';
import { checkRunbook, readRunbookFile } from './check-runbooks.ts';
import { checkThresholds, type KnownChecks } from './check-thresholds.ts';
import { readFrontMatter, readYamlFile, type ReadFile } from './read-file.ts';
import { itemOfText, itemsOf, type PlacedItem } from './read-items.ts';
import { questionsOf } from './read-questions.ts';

/** The texts of a folder, by their path below it: "pack.yaml", "cards/nginx.md". */
export interface PackTexts {
  /** Of the folder. */
  name: string;
  texts: ReadonlyMap<string, string>;
  /** What could not be read, or is no part of a pack. */
  problems: readonly PackProblem[];
}

export interface ReadPack {
  /** Null where something is wrong that is not only a warning. */
  pack: Pack | null;
  /** By file, then by line. */
  problems: PackProblem[];
}

const problemsOf = ({ file, faults }: { file: string; faults: Faults }): PackProblem[] => faults.sorted().map(({ line, column, severity, rule, message, fix }) => ({ file, line, column, severity, rule, message, fix }));

const inOrder = (problems: readonly PackProblem[]): PackProblem[] => problems.toSorted((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1));

/** Each item, with whether there is an error on its lines. */
function refusedIn(items: readonly PlacedItem[]): [PlacedItem, boolean][] {
  const lines = new Map(items.map(({ faults }) => [faults, new Set(faults.sorted().map(({ line }) => line))]));
  return items.map((item, index) => {
    const next = items[index + 1];
    const end = next?.faults === item.faults ? next.line : Number.POSITIVE_INFINITY;
    return [item, [...(lines.get(item.faults) ?? [])].some((line) => line >= item.line && (line < end || line === item.line))];
  });
}

function rolesOf(root: Fields | null, group: 'hosts' | 'databases'): PackRole[] {
  return (root?.named(group) ?? []).map(([name, fields]) => ({ name, title: fields.text('title') ?? name, needed: fields.flag('needed'), why: fields.text('why'), database: fields.text('database') }));
}

const namesOf = (roles: readonly PackRole[]): ReadonlySet<string> => new Set(roles.map(({ name }) => name));

/** A name that is a host and a database at once could not be given to one of them. */
function checkRoles({ faults, root }: ReadFile, hosts: ReadonlySet<string>): void {
  for (const [name, , { key }] of root?.named('databases') ?? []) if (hosts.has(name)) faults.add(key, { rule: 'role', message: `"${name}" is a host of this pack as well. Give one of them another name.` });
}

function headOf({ faults, root }: ReadFile, folder: string): Omit<Pack, 'hosts' | 'databases' | 'questions' | 'items' | 'runbooks'> | null {
  const [id, title, version, summary] = ['id', 'title', 'version', 'summary'].map((name) => root?.text(name) ?? null);
  if (root === null || id === null || id === undefined || title === null || title === undefined || version === null || version === undefined || summary === null || summary === undefined) return null;
  if (id !== folder) faults.add(root.spanOf('id'), { rule: 'id', message: `The pack "${id}" lies in a folder of another name. Write id: ${folder}, or rename the folder.` });
  const guide = root.group('guide');
  const file = guide?.text('file') ?? null;
  return { name: folder, title, version, summary, environment: environments.find((each) => each === root.text('environment')) ?? 'production', guide: file === null ? null : { file, title: guide?.text('title') ?? null } };
}

/** @param checks the health checks that there are */
export function readPack({ name, texts, problems: found }: PackTexts, checks: KnownChecks): ReadPack {
  const packText = texts.get('pack.yaml');
  if (packText === undefined) return { pack: null, problems: [...found, { file: 'pack.yaml', line: 1, column: 1, severity: 'error', rule: 'missing', message: 'The folder has no pack.yaml, with which every pack begins.', fix: null }] };
  const main = readYamlFile('pack.yaml', packText, 'pack');
  const files: ReadFile[] = [main];
  const below = (folder: string, ending: string): [file: string, key: string, text: string][] => [...texts].flatMap(([file, text]) => (file.startsWith(folder) && file.endsWith(ending) ? [[file, file.slice(folder.length, -ending.length), text]] : []));
  const also = (file: string, shape: string): ReturnType<typeof itemsOf> => {
    const text = texts.get(file);
    if (text === undefined) return [];
    const read = readYamlFile(file, text, shape);
    files.push(read);
    return itemsOf(read);
  };
  const marked = (folder: string, kind: 'template' | 'card'): ReturnType<typeof itemOfText> =>
    below(folder, '.md').flatMap(([file, key, text]) => {
      const read = readFrontMatter(file, text, kind);
      files.push(read);
      return itemOfText(kind, key, read);
    });
  const items = [...itemsOf(main), ...also('people.yaml', 'people'), ...also('calendar.yaml', 'calendarFile'), ...marked('templates/', 'template'), ...marked('cards/', 'card')];
  const runbooks = below('runbooks/', '.yaml').map(([file, key, text]) => readRunbookFile(key, file, text));
  const hosts = rolesOf(main.root, 'hosts');
  const databases = rolesOf(main.root, 'databases');
  // Without it nothing in the other files refers to anything.
  if (main.root === null) return { pack: null, problems: inOrder([...found, ...files.flatMap(problemsOf), ...runbooks.flatMap((each) => each.problems)]) };
  const questions = questionsOf(main, {
    items: new Set(items.map(({ kind, key }) => `${kind}/${key}`)),
    params: new Set(runbooks.flatMap(({ runbook }) => runbook?.params.map((param) => param.name) ?? [])),
  });

  checkRoles(main, namesOf(hosts));
  for (const [item, isRefused] of refusedIn(items)) checkItem(item, questions, isRefused);
  checkRanks(items);
  checkReferences(items, { pack: name, hosts: namesOf(hosts), databases: namesOf(databases), runbooks: new Set(runbooks.map((each) => each.name)), checks: new Set(checks.keys()) });
  checkThresholds(items, checks);
  const endpoints = new Set(items.flatMap(({ kind, key }) => (kind === 'endpoint' ? [key] : [])));
  const ids = new Set(runbooks.flatMap(({ runbook }) => (runbook === null ? [] : [runbook.id])));
  const ofRunbooks = runbooks.flatMap((each) => [...each.problems, ...checkRunbook(each, { hosts: namesOf(hosts), databases: namesOf(databases), endpoints, ids })]);

  const head = headOf(main, name);
  const problems = inOrder([...found, ...files.flatMap(problemsOf), ...ofRunbooks]);
  if (head === null || problems.some(({ severity }) => severity === 'error')) return { pack: null, problems };
  return {
    pack: {
      ...head,
      hosts,
      databases,
      questions,
      items: items.map(({ kind, key, fields, file, line }) => ({ kind, key, fields, file, line })),
      runbooks: runbooks.flatMap(({ name: file, hash, runbook }) => (runbook === null ? [] : [{ name: file, title: runbook.title, hash }])),
    },
    problems,
  };
}
