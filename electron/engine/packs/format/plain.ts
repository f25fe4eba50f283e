/** From what was read by the table of fields to what an item has, and back from a field of an item to its place in the file. */
import { shapeIn, Fields, type Field, type FieldType, type Piece, type Shape, type Span } from '../../runbooks/format/index.ts';
import type { AnswerType } from '#shared/domain/pack/definition.ts';
import { packShapes } from './shapes.ts';

/** How a field is called in an item. */
export const nameInItem = (name: string, field: Field): string => field.into ?? name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

type Plain = Record<string, unknown>;

/** Of several ways of which one is written, the one in the words of an item. */
const settled: Readonly<Record<string, (fields: Plain) => Plain>> = {
  drives: ({ check, endpoints, backupAge }) => (check !== undefined ? { kind: 'check', check } : endpoints !== undefined ? { kind: 'endpoints', keys: endpoints } : { kind: backupAge === true ? 'backup-age' : 'people' }),
  work: ({ runbook, procedure, tasks }) => (runbook !== undefined ? { kind: 'runbook', runbook } : procedure !== undefined ? { kind: 'procedure', procedure } : { kind: 'tasks', tasks }),
};

function plain(type: FieldType, piece: Piece): unknown {
  switch (piece.kind) {
    case 'scalar':
      return type.kind === 'some' ? [piece.value] : piece.value;
    case 'list':
      return piece.items.map((item) => plain(type.kind === 'list' || type.kind === 'some' ? type.of : type, item));
    case 'map':
      if (piece.shape !== null) return plainFields(piece.shape, new Fields(piece));
      return Object.fromEntries([...piece.entries].map(([name, { value }]) => [name, plain(type.kind === 'record' ? type.of : type, value)]));
  }
}

/** What a group says, in the names of an item. */
export function plainFields(shapeName: string, fields: Fields): Plain {
  const shape = shapeIn(packShapes, shapeName);
  const found = Object.fromEntries([...fields.entries].flatMap(([name, { value }]) => {
    const field = shape.fields[name];
    return field === undefined ? [] : [[nameInItem(name, field), plain(field.type, value)] as const];
  }));
  return settled[shapeName]?.(found) ?? found;
}

/** The nearest place in the file to a field of an item: where its value stands, else what it is within. */
export function placeOf(fields: Fields, path: readonly PropertyKey[]): Span {
  let piece: Piece | undefined = { kind: 'map', shape: null, entries: fields.entries, span: fields.span };
  let { span } = fields;
  for (const part of path) {
    if (piece?.kind === 'list') piece = piece.items[Number(part)];
    else if (piece?.kind === 'map') {
      const name: string = String(part).replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      piece = piece.entries.get(name)?.value ?? (name === 'keys' ? piece.entries.get('endpoints')?.value : undefined);
    } else piece = undefined;
    if (piece === undefined) return span;
    span = piece.span;
  }
  return span;
}

const answerType = (type: FieldType): AnswerType | null => {
  switch (type.kind) {
    case 'text':
    case 'enum':
    case 'written':
    case 'scalar':
      return 'text';
    case 'int':
    case 'number':
      return 'number';
    case 'bool':
      return 'flag';
    case 'duration':
      return 'duration';
    case 'list':
      return type.of.kind === 'text' || type.of.kind === 'enum' ? 'list' : null;
    case 'some':
      return type.of.kind === 'int' ? 'numbers' : null;
    default:
      return null;
  }
};

export type FoundField = { path: string[]; type: AnswerType } | { unknown: string; among: string[] } | { not: 'a single value' };

/** A field by its path as it is written in a pack: "clocks.respond". */
export function fieldOf(kind: string, written: string): FoundField {
  let shape: Shape | null = shapeIn(packShapes, kind);
  let type: FieldType | null = null;
  const path: string[] = [];
  for (const name of written.split('.')) {
    if (shape !== null) {
      const field: Field | undefined = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
      if (field === undefined) return { unknown: name, among: Object.keys(shape.fields) };
      path.push(nameInItem(name, field));
      type = field.type;
    } else if (type?.kind === 'record') {
      path.push(name);
      type = type.of;
    } else return { not: 'a single value' };
    shape = type.kind === 'shape' ? shapeIn(packShapes, type.shape) : null;
    if (type.kind === 'shape' && settled[type.shape] !== undefined) return { not: 'a single value' };
  }
  const answer = type === null ? null : answerType(type);
  return answer === null ? { not: 'a single value' } : { path, type: answer };
}
