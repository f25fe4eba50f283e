/** The JSON Schema of `pack/1` (draft 2020-12), made of the table of fields, for editors of other makers. */
import { definitionsOf } from '../../runbooks/format/index.ts';
import { packShapes } from './shapes.ts';

/** Of pack.yaml; those of the other files are `#/$defs/people` and `#/$defs/calendarFile`, and of the fields above texts `#/$defs/template` and `#/$defs/card`. */
export function packJsonSchema(): Record<string, unknown> {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'https://pilothouse.example/pack-1.schema.json',
    title: 'Pack',
    description: 'A ready-made system of Pilothouse, format pack/1.',
    $ref: '#/$defs/pack',
    $defs: definitionsOf(packShapes),
  };
}

/** The text of `resources/pack.schema.json`. */
export const packSchemaText = (): string => `${JSON.stringify(packJsonSchema(), null, 2)}\n`;
