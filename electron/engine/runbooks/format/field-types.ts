/** How the format is described: shapes of named fields. The reader, the schema and the completion are made from such descriptions. */

export type FieldType =
  /** A text. Figures and words that YAML takes for something else need quotes. */
  | { kind: 'text'; pattern?: RegExp; says?: string }
  /** A text, or a figure or a word of YAML that is kept as it is written. */
  | { kind: 'written' }
  /** A text, a number, or true and false: what a value is compared with. */
  | { kind: 'scalar' }
  | { kind: 'int'; min: number; max: number }
  | { kind: 'number' }
  | { kind: 'bool' }
  /** True alone: false would say nothing. */
  | { kind: 'true' }
  | { kind: 'duration' }
  | { kind: 'enum'; values: readonly string[] }
  | { kind: 'list'; of: FieldType }
  /** One, or a list of several. */
  | { kind: 'some'; of: FieldType }
  /** Names that the author chooses, each with a value. `what` is one of them, in words. */
  | { kind: 'record'; of: FieldType; what: string; keys: RegExp; says: string }
  /** By its name in the table of the format. */
  | { kind: 'shape'; shape: string }
  /** What fits first. */
  | { kind: 'either'; of: readonly FieldType[]; says: string };

/** What a text of a field is a name of. */
export type Reference = 'target' | 'param' | 'step';

export interface Field {
  type: FieldType;
  required?: boolean;
  /** What it is called once it was read, where that is not its own name in camel case. */
  into?: string;
  /** One sentence, for the schema and the editor. */
  docs: string;
  /** Completion offers the names of these. */
  refers?: Reference;
  /** Completion offers `{{ names }}` in it. */
  template?: boolean;
  /** Of a group of which exactly one is written: `action` of a step, `matcher` of an expectation, … */
  group?: string;
}

export const shapeNames = ['runbook', 'target', 'param', 'options', 'step', 'http', 'upload', 'decide', 'approve', 'call', 'expectation', 'doneIf', 'capture', 'undo', 'probe', 'forEach', 'retry', 'waitUntil', 'rollback', 'contact', 'schedule', 'source'] as const;
export type ShapeName = (typeof shapeNames)[number];

export interface Shape {
  /** "a step", for messages: `"expct" is not a step field`. */
  label: string;
  fields: Readonly<Record<string, Field>>;
  /** Groups of fields of which exactly one has to be there, and what they are in words. */
  oneOf?: Readonly<Record<string, string>>;
  /** Fields of a group that may stand beside another one of it: `json` with `equals`. */
  together?: Readonly<Record<string, readonly string[]>>;
}

/** The table of a format. */
export type Shapes = Readonly<Record<string, Shape>>;

/** @throws Error where the table does not have what it refers to itself */
export function shapeIn(shapes: Shapes, name: string): Shape {
  const found = shapes[name];
  if (found === undefined) throw new Error(`The table of fields has no shape ${name}.`);
  return found;
}

export const text = (pattern?: RegExp, says?: string): FieldType => ({ kind: 'text', ...(pattern === undefined ? {} : { pattern }), ...(says === undefined ? {} : { says }) });
export const shape = (name: ShapeName): FieldType => ({ kind: 'shape', shape: name });
export const listOf = (of: FieldType): FieldType => ({ kind: 'list', of });
export const someOf = (of: FieldType): FieldType => ({ kind: 'some', of });
export const enumOf = (...values: readonly string[]): FieldType => ({ kind: 'enum', values });
export const int = (min: number, max: number): FieldType => ({ kind: 'int', min, max });
export const recordOf = (of: FieldType, what: string, keys: RegExp, says: string): FieldType => ({ kind: 'record', of, what, keys, says });
