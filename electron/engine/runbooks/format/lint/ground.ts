/** What the rules look at: the steps with where they were written, and the names that are known. */
import type { Param, Runbook, Step, TargetRole } from '#shared/domain/runbook/definition.ts';
import type { Section } from '#shared/domain/runbook/walkthrough.ts';
import type { Faults } from '../faults.ts';
import { shapeIn } from '../field-types.ts';
import { shapes } from '../shapes.ts';
import type { Source, Span } from '../source.ts';
import { Fields, type Piece } from '../tree.ts';

export interface StepPlace {
  step: Step;
  fields: Fields;
  section: Section;
  /** Its place in its section, from 0. */
  index: number;
  /** Its place in the file, from 0. */
  order: number;
}

/** A step that has a name, whether it could be read or not. */
export interface Named {
  line: number;
  section: Section;
}

export interface Captured {
  name: string;
  stepId: string;
  line: number;
  /** That of its step; -1 where somebody knows it from the beginning. */
  order: number;
}

export interface Ground {
  faults: Faults;
  source: Source;
  root: Fields;
  targets: ReadonlyMap<string, TargetRole>;
  params: ReadonlyMap<string, Param>;
  /** By name, in the order of the file. */
  captures: ReadonlyMap<string, readonly Captured[]>;
  builtIns: ReadonlySet<string>;
  places: readonly StepPlace[];
  ids: ReadonlyMap<string, Named>;
}

/** A text of a file that may hold `{{ names }}`. */
export interface Written {
  /** Names of the fields that lead to it: "http.headers", "undo.sh". */
  path: string;
  text: string;
  span: Span;
}

function* textsUnder(piece: Piece, path: string): Generator<Written> {
  if (piece.kind === 'scalar') {
    if (typeof piece.value === 'string') yield { path, text: piece.value, span: piece.span };
    return;
  }
  const pieces = piece.kind === 'list' ? piece.items : [...piece.entries.values()].map(({ value }) => value);
  for (const each of pieces) yield* textsUnder(each, path);
}

function* templatesIn(piece: Piece, path: string): Generator<Written> {
  if (piece.kind === 'list') {
    for (const item of piece.items) yield* templatesIn(item, path);
    return;
  }
  if (piece.kind !== 'map') return;
  for (const [name, { value }] of piece.entries) {
    // Names that the author chose are no part of the path.
    const below = piece.shape === null ? path : path === '' ? name : `${path}.${name}`;
    const field = piece.shape === null ? undefined : shapeIn(shapes, piece.shape).fields[name];
    if (field?.template === true) yield* textsUnder(value, below);
    else yield* templatesIn(value, below);
  }
}

/** The texts of a step in which names may stand in braces, those of its undo and probe among them. */
export function textsOf({ fields }: Pick<StepPlace, 'fields'>): Written[] {
  return [...templatesIn({ kind: 'map', shape: 'step', entries: fields.entries, span: fields.span }, '')];
}

const capturesOf = (places: readonly StepPlace[]): Map<string, Captured[]> => {
  const found = new Map<string, Captured[]>();
  for (const { step, order } of places) for (const { name, line } of step.capture) found.set(name, [...(found.get(name) ?? []), { name, stepId: step.id, line, order }]);
  return found;
};

export function groundOf(faults: Faults, root: Fields, runbook: Pick<Runbook, 'targets' | 'params'>, places: readonly StepPlace[], builtIns: ReadonlySet<string>): Ground {
  const ids = new Map<string, Named>();
  const sections: [Section, readonly Piece[]][] = [['prerequisites', root.items('prerequisites')], ['steps', root.items('steps')], ['rollback', root.group('rollback')?.items('steps') ?? []]];
  for (const [section, items] of sections) {
    for (const item of items) {
      const fields = new Fields(item);
      const id = fields.text('id');
      if (id === null) continue;
      const first = ids.get(id);
      if (first === undefined) ids.set(id, { line: faults.source.lineOf(fields.span.from), section });
      else faults.add(fields.spanOf('id'), { rule: 'duplicate-id', message: `step id "${id}" is used already on line ${first.line}. Ids must be unique, rollback and history refer to them.` });
    }
  }
  return {
    faults,
    source: faults.source,
    root,
    targets: new Map(runbook.targets.map((target) => [target.name, target])),
    params: new Map(runbook.params.map((param) => [param.name, param])),
    captures: capturesOf(places),
    builtIns,
    places,
    ids,
  };
}

const mostListed = 8;

/** "web (line 6), db (line 7)", or that there are none. */
export function listed(known: Iterable<{ name: string; line: number }>): string {
  const all = [...known];
  const shown = all.slice(0, mostListed).map(({ name, line }) => `${name} (line ${line})`);
  return all.length === 0 ? 'none' : `${shown.join(', ')}${all.length > mostListed ? `, and ${all.length - mostListed} more` : ''}`;
}
