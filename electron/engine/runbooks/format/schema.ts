/** The JSON Schema of the format (draft 2020-12), made of the table of fields, for editors of other makers. */
import type { Field, FieldType, Shape, Shapes } from './field-types.ts';
import { shapes } from './shapes.ts';

type Schema = Record<string, unknown>;

/** Durations stand with quotes or without; a figure alone is none. */
const durationPattern = '^(?:\\d+(?:\\.\\d+)?(?:ms|min|[smhdw]))+$';

function ofType(type: FieldType): Schema {
  switch (type.kind) {
    case 'text':
      return { type: 'string', minLength: 1, ...(type.pattern === undefined ? {} : { pattern: type.pattern.source }) };
    case 'written':
    case 'scalar':
      return { type: ['string', 'number', 'boolean'] };
    case 'int':
      return { type: 'integer', minimum: type.min, maximum: type.max };
    case 'number':
      return { type: 'number' };
    case 'bool':
      return { type: 'boolean' };
    case 'true':
      return { const: true };
    case 'duration':
      return { type: 'string', pattern: durationPattern };
    case 'enum':
      return { enum: [...type.values] };
    case 'list':
      return { type: 'array', items: ofType(type.of) };
    case 'some':
      return { anyOf: [ofType(type.of), { type: 'array', items: ofType(type.of) }] };
    case 'record':
      return { type: 'object', propertyNames: { pattern: type.keys.source }, additionalProperties: ofType(type.of) };
    case 'shape':
      return { $ref: `#/$defs/${type.shape}` };
    case 'either':
      return { anyOf: type.of.map(ofType) };
    default:
      return type satisfies never;
  }
}

/** Of a group exactly one field; what may stand beside one of it counts only alone. */
function groupOf(shape: Shape, group: string): Schema {
  const names = Object.keys(shape.fields).filter((name) => shape.fields[name]?.group === group);
  return { oneOf: names.map((name) => {
    const beside = new Set(shape.together?.[name] ?? []);
    const others = names.filter((other) => other !== name && !beside.has(other));
    return { required: [name], ...(others.length === 0 ? {} : { not: { anyOf: others.map((other) => ({ required: [other] })) } }) };
  }) };
}

const ofField = ({ type, docs }: Field): Schema => ({ description: docs, ...ofType(type) });

function ofShape(shape: Shape): Schema {
  const groups = Object.keys(shape.oneOf ?? {}).map((group) => groupOf(shape, group));
  const required = Object.keys(shape.fields).filter((name) => shape.fields[name]?.required === true);
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(shape.fields).map(([name, field]) => [name, ofField(field)])),
    ...(required.length === 0 ? {} : { required }),
    ...(groups.length === 0 ? {} : { allOf: groups }),
    additionalProperties: false,
  };
}

/** Of a table, each of its shapes by name, as `$defs`. */
export const definitionsOf = (table: Shapes): Schema => Object.fromEntries(Object.entries(table).map(([name, shape]) => [name, ofShape(shape)]));

export function jsonSchema(): Schema {
  const { runbook, ...others } = shapes;
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://pilothouse.example/runbook-1.schema.json',
    title: 'Runbook',
    description: 'A runbook of Pilothouse, format runbook/1.',
    ...ofShape(runbook),
    $defs: definitionsOf(others),
  };
}

/** The text of `resources/runbook.schema.json`. */
export const schemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`;
