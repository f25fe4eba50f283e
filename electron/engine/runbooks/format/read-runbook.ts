/** Reads a runbook from the text of its file, and says what is wrong in it, each with its place. Never throws. */
import { createHash } from 'node:crypto';
import type { Problem, Runbook } from '#shared/domain/runbook/definition.ts';
import { builtInNames } from '#shared/domain/runbook/params.ts';
import { RunbookBuilder } from './build-runbook.ts';
import { Faults } from './faults.ts';
import { groundOf } from './lint/ground.ts';
import { lint } from './lint/lint.ts';
import { parseYaml } from './parse-yaml.ts';
import { TreeReader } from './read-tree.ts';
import { Source } from './source.ts';
import { Fields } from './tree.ts';

/** What pins a walkthrough to the text that it began with: SHA-256 of the text in UTF-8, in hex. */
export const textHash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** @returns no runbook where it is none; the problems are sorted by line */
export function readRunbook(text: string): { runbook: Runbook | null; problems: Problem[] } {
  const faults = new Faults(new Source(text));
  const node = parseYaml(faults);
  if (node === null) {
    if (!faults.hasErrors) faults.add({ from: 0, to: 0 }, { rule: 'empty', message: 'There is no runbook in this file. It begins with schema: runbook/1.' });
    return { runbook: null, problems: faults.sorted() };
  }
  const piece = new TreeReader(faults).read('runbook', { kind: 'shape', shape: 'runbook' }, node, { from: 0, to: 0 });
  if (piece === null) return { runbook: null, problems: faults.sorted() };
  const root = new Fields(piece);
  const builder = new RunbookBuilder(faults);
  const { runbook, isRunbook } = builder.build(root);
  lint(groundOf(faults, root, runbook, builder.places, new Set(builtInNames)));
  return { runbook: isRunbook ? runbook : null, problems: faults.sorted() };
}
