/** What the shapes of a pack have in common. */
import { listOf, text, type Field, type FieldType } from '../../runbooks/format/index.ts';

export const keyPattern = /^[a-z0-9][a-z0-9-]{0,60}$/;
export const keyWords = 'small letters, digits and dashes, at most 61';
export const key = text(keyPattern, keyWords);
export const shape = (name: string): FieldType => ({ kind: 'shape', shape: name });
export const flag = { kind: 'bool' } as const;
export const duration = { kind: 'duration' } as const;
export const number = { kind: 'number' } as const;
/** A duration of an item, which has its unit in its name there. */
export const milliseconds = (into: string, docs: string): Field => ({ type: duration, into, docs });

/** Where it stands in a guide, and what of it it is. */
export const origin: Readonly<Record<string, Field>> = {
  source: { type: shape('source'), docs: 'Where it stands in the guide.' },
  covers: { type: listOf(text()), docs: 'What of the inventory of the guide it is: [N-S01].' },
};
