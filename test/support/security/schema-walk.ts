/** What the schemas of the contract let through, read from the schemas themselves. */
import type { z } from 'zod';

/** The inside of a schema, as zod keeps it. */
interface Inside {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  options?: z.ZodType[];
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  in?: z.ZodType;
  left?: z.ZodType;
  right?: z.ZodType;
  items?: z.ZodType[];
  entries?: Record<string, string>;
  values?: unknown[];
  getter?: () => z.ZodType;
}

const insideOf = (schema: z.ZodType): Inside => schema.def;

/** One place of a schema where something is said. */
export interface Leaf {
  /** `connection.signIn.keys[].path` */
  path: string;
  /** `string`, `enum`, `number`, `unknown`, … */
  type: string;
}

/** Every place of a schema, through unions, lists and what may be left out. */
export function leavesOf(schema: z.ZodType, path = ''): Leaf[] {
  const inside = insideOf(schema);
  const below = (child: z.ZodType | undefined, at = path): Leaf[] => (child === undefined ? [] : leavesOf(child, at));
  switch (inside.type) {
    case 'object':
      return Object.entries(inside.shape ?? {}).flatMap(([name, child]) => leavesOf(child, path === '' ? name : `${path}.${name}`));
    case 'array':
      return below(inside.element, `${path}[]`);
    case 'union':
      return (inside.options ?? []).flatMap((option) => below(option));
    case 'record':
      return below(inside.valueType, `${path}{}`);
    case 'tuple':
      return (inside.items ?? []).flatMap((item) => below(item, `${path}[]`));
    case 'intersection':
      return [...below(inside.left), ...below(inside.right)];
    case 'pipe':
      return below(inside.in);
    case 'lazy':
      return below(inside.getter?.());
    default:
      return inside.innerType === undefined ? [{ path, type: inside.type }] : below(inside.innerType);
  }
}

/** Values of one place or of all are combined up to so many. */
const most = 12;

/**
 * Inputs that a schema takes, as whoever wants something from it would fill them in: every text is the first of these
 * that it takes, or a plain word.
 */
export function inputsFor(schema: z.ZodType, texts: readonly string[]): unknown[] {
  return fill(schema, texts).filter((value) => schema.safeParse(value).success).slice(0, most);
}

const plainTexts = ['shop', 'a-name', '/etc', 'SHA256:x', '2026-01-01T00:00:00.000Z', 'ssh-ed25519', 'a'.repeat(64), 'passphrase of the vault', 'postgres://ann@db/shop', ''];

function fill(schema: z.ZodType, texts: readonly string[]): unknown[] {
  const inside = insideOf(schema);
  switch (inside.type) {
    case 'string': {
      const fitting = [...texts, ...plainTexts].filter((text) => schema.safeParse(text).success);
      return fitting.slice(0, 1);
    }
    case 'number':
      return [1, 0, 5432, 30].filter((value) => schema.safeParse(value).success).slice(0, 1);
    case 'boolean':
      return [true];
    case 'enum':
      return Object.values(inside.entries ?? {});
    case 'literal':
      return inside.values ?? [];
    case 'object': {
      // Each of the ways of one field with the first of the others: all combinations are too many.
      const fields = Object.entries(inside.shape ?? {}).map(([name, child]) => [name, fill(child, texts)] as const);
      const first = Object.fromEntries(fields.flatMap(([name, values]) => (values.length === 0 ? [] : [[name, values[0]]])));
      const others = fields.flatMap(([name, values]) => values.slice(1).map((value) => ({ ...first, [name]: value })));
      // Some fields exclude each other: each alone as well.
      const optional = fields.filter(([name]) => insideOf((inside.shape ?? {})[name] as z.ZodType).type === 'optional').map(([name]) => name);
      const alone = optional.map((kept) => Object.fromEntries(Object.entries(first).filter(([name]) => name === kept || !optional.includes(name))));
      return [first, ...alone, ...others, Object.fromEntries(Object.entries(first).filter(([name]) => !optional.includes(name)))];
    }
    case 'array':
      return inside.element === undefined ? [[]] : [...fill(inside.element, texts).map((value) => [value]), []];
    case 'union':
      return (inside.options ?? []).flatMap((option) => fill(option, texts));
    case 'record':
      return [{}];
    case 'pipe':
      return inside.in === undefined ? [] : fill(inside.in, texts).filter((value) => schema.safeParse(value).success);
    case 'lazy':
      return inside.getter === undefined ? [] : fill(inside.getter(), texts);
    case 'nullable':
      return inside.innerType === undefined ? [null] : [...fill(inside.innerType, texts), null];
    default:
      return inside.innerType === undefined ? [null] : fill(inside.innerType, texts);
  }
}
