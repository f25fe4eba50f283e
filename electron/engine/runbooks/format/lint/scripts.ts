/** Scripts: values stand only where a shell takes them as values, and what runs is what the shell of the step knows and ends. */
import type { Value } from '#shared/domain/runbook/definition.ts';
import { compileScript, shellUses, variableUses, whyNoVariable, whyNotHere } from '#shared/domain/runbook/shell-context.ts';
import { lexShell } from '#shared/domain/runbook/shell-lexer.ts';
import { problemsOfTemplate } from '#shared/domain/runbook/template.ts';
import { endlessIn, lostStatus } from '../../../rules/index.ts';
import type { Span } from '../source.ts';
import type { Fields } from '../tree.ts';
import type { Ground, StepPlace } from './ground.ts';

const samples = new WeakMap<Ground, Record<string, Value>>();

function sampleOf(ground: Ground): Record<string, Value> {
  const known = samples.get(ground);
  if (known !== undefined) return known;
  const sample: Record<string, Value> = {};
  for (const name of ground.builtIns) sample[name] = 'x';
  for (const [name, { type }] of ground.params) if (type !== 'secret') sample[name] = type === 'list' ? ['x'] : type === 'int' || type === 'number' ? 1 : type === 'bool' ? true : 'x';
  for (const name of ground.captures.keys()) sample[name] ??= 'x';
  samples.set(ground, sample);
  return sample;
}

/** A value of the kind that a name will have, to see whether a script can be made with it. */
export const sampleValues = (ground: Ground, isEach: boolean): Readonly<Record<string, Value>> => (isEach ? { ...sampleOf(ground), item: 'x' } : sampleOf(ground));

/** What is in quotes or a comment is blanked, so that signs in it are not taken for the shell's. */
const blanked = (script: string): string => script.replace(/\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|(?:^|(?<=[\s;&|(]))#[^\n]*/g, (found) => found.replaceAll(/[^\n]/g, ' '));

const bashOnly: readonly { pattern: RegExp; what: string; instead: string }[] = [
  { pattern: /(?:^|[\s;&|(])(\[\[)(?=\s)/, what: '[[', instead: 'Write [ with quotes around variables, or case' },
  { pattern: /(?:^|[\s;&|(])([A-Za-z_]\w*\+?=\()/, what: 'an array', instead: 'Write words into "$@" by set --' },
  { pattern: /(\$\{[A-Za-z_]\w*\[)/, what: 'an array', instead: 'Use "$@"' },
  { pattern: /(?:^|[\s;&|(])(set\s+(?:-\w+\s+)*-\w*o\s+pipefail)/, what: 'set -o pipefail', instead: 'Write each command by itself' },
  { pattern: /(?:^|[\s;&|(])(source)(?=\s)/, what: 'source', instead: 'Write a dot: ". file"' },
  { pattern: /(?:^|[\s;&|(])(function)(?=\s+[A-Za-z_])/, what: 'function', instead: 'Write name() { … }' },
  { pattern: /(<<<)/, what: '<<<', instead: 'Write a here-document, or printf … |' },
  { pattern: /([<>]\()/, what: '<( )', instead: 'Write to a file first' },
  { pattern: /(?:^|[\s;&|(])(&>)/, what: '&>', instead: 'Write > file 2>&1' },
];

function lintValues(ground: Ground, { step }: StepPlace, script: string, span: Span): boolean {
  const { faults, source, params } = ground;
  const sample = sampleValues(ground, step.forEach !== null);
  let isGood = true;
  const refuse = (part: Span, message: string): void => {
    isGood = false;
    faults.add(source.within(span, script, part), { rule: 'template', message });
  };
  const names = new Set(Object.keys(sample));
  const templates = shellUses(script);
  // In a formula the name within braces is found as a variable too.
  const variables = variableUses(script, names).filter(({ context, from, to }) => context !== 'comment' && !templates.some((use) => use.from < to && from < use.to));
  for (const use of [...templates, ...variables]) {
    const value = sample[use.name];
    const isNumber = typeof value === 'number' || typeof value === 'boolean';
    const why = use.kind === 'variable' && use.context === 'arithmetic' && isNumber ? null : whyNotHere(use, typeof value === 'object');
    const named = use.context === 'comment' || use.filter === 'raw' || params.get(use.name)?.type === 'secret' ? null : whyNoVariable(use.name);
    if (why !== null) refuse(use, why);
    else if (named !== null && use.kind === 'template' && names.has(use.name)) refuse(use, named);
  }
  return isGood;
}

/** Values of a script: where each of them cannot stand, or, where nobody can say where, why the script cannot be made. */
function lintMaking(ground: Ground, place: StepPlace, script: string, span: Span): void {
  const sample = sampleValues(ground, place.step.forEach !== null);
  if (!script.includes('{{') && !Object.keys(sample).some((name) => script.includes(name))) return;
  const made = compileScript(script, sample);
  if (!('fault' in made) || !lintValues(ground, place, script, span) || problemsOfTemplate(script).length > 0) return;
  if (shellUses(script).every(({ name }) => Object.hasOwn(sample, name))) ground.faults.add(span, { rule: 'template', message: made.fault });
}

function lintScript(ground: Ground, place: StepPlace, fields: Fields, around: Pick<StepPlace['step'], 'shell'>, isMain: boolean): void {
  const script = fields.text('sh');
  if (script === null) return;
  const { faults, source } = ground;
  const { step } = place;
  const span = fields.spanOf('sh');
  lintMaking(ground, place, script, span);
  const { commands } = lexShell(script);
  for (const { from, to, message, fix } of endlessIn(script)) faults.add(source.within(span, script, { from, to }), { rule: 'endless', message, ...(fix === undefined ? {} : { fix }) });
  if (around.shell === 'sh') {
    const plain = blanked(script);
    for (const { pattern, what, instead } of bashOnly) {
      const found = pattern.exec(plain);
      if (found?.[1] === undefined) continue;
      const from = found.index + found[0].indexOf(found[1]);
      faults.warn(source.within(span, script, { from, to: from + found[1].length }), { rule: 'bash-only', message: `${what} is known to bash alone, and this runs in the POSIX shell of the host. ${instead}, or write shell: bash.` });
    }
  }
  const isSafe = step.shell === 'bash' && /\bpipefail\b/.test(script);
  const lost = isMain && step.risk !== 'read' && step.expect.length === 0 && !isSafe ? lostStatus(script, commands) : null;
  if (lost !== null) faults.warn(source.within(span, script, lost), { rule: 'lost-status', message: 'What stands before a pipe may fail without a word: only the last command of it counts. Write it by itself, or expect something of the output.' });
}

export function lintScripts(ground: Ground): void {
  for (const place of ground.places) {
    const { fields, step } = place;
    lintScript(ground, place, fields, step, true);
    const probe = fields.group('probe');
    if (probe !== null && step.probe !== null) lintScript(ground, place, probe, step.probe, false);
    for (const [index, undo] of fields.groups('undo').entries()) lintScript(ground, place, undo, step.undo?.[index] ?? step, false);
  }
}
