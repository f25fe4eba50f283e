/** Source files as trees, for rules that no test of behaviour can show: what is nowhere else. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';

export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

export const isNode = (value: unknown): value is SyntaxNode => typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';

export interface SourceFile {
  /** From the project's folder, with forward slashes. */
  file: string;
  text: string;
  nodes: SyntaxNode[];
}

/** Every node of a source text, outer ones first. @throws Error where it cannot be parsed */
export function readSource(file: string, text: string): SourceFile {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file} cannot be read: ${errors[0]?.message ?? ''}`);
  const nodes: SyntaxNode[] = [];
  const look = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(look);
    if (!isNode(value)) return;
    nodes.push(value);
    for (const child of Object.values(value)) look(child);
  };
  look(program);
  return { file, text, nodes };
}

/** All sources below folders of the project. */
export function sourcesBelow(project: string, folders: readonly string[]): SourceFile[] {
  return folders
    .flatMap((folder) => readdirSync(join(project, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && /\.[cm]?tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts')))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => readSource(path.slice(project.length + 1).replaceAll('\\', '/'), readFileSync(path, 'utf8')));
}

/** What a call is of: `exec`, `client.exec`, `safeStorage.isEncryptionAvailable`. "" for anything else. */
export function calleeOf(node: SyntaxNode): string {
  return node.type === 'CallExpression' || node.type === 'NewExpression' ? nameOf(node.callee) : '';
}

/** An identifier or a chain of members as it is written; "" for anything else. */
export function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  if (node.type === 'Identifier') return String(node.name);
  if (node.type === 'ThisExpression') return 'this';
  if (node.type !== 'MemberExpression') return '';
  const before = nameOf(node.object);
  return `${before === '' ? '…' : before}.${node.computed === true ? '[]' : nameOf(node.property)}`;
}

/** The module that each import of a file names, with what is imported. */
export function importsOf({ nodes }: SourceFile): { from: string; names: string[] }[] {
  return nodes
    .filter(({ type }) => type === 'ImportDeclaration')
    .map((node) => ({ from: String((node.source as SyntaxNode).value), names: (node.specifiers as SyntaxNode[]).map((specifier) => nameOf(specifier.imported ?? specifier.local)) }));
}
