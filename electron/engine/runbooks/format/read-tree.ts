/** Reads the nodes of a file by the table of fields: names, types, what has to be there and what may not stand together. */
import { isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Faults } from './faults.ts';
import { shapeIn, type FieldType, type Shape, type Shapes } from './field-types.ts';
import { didYouMean, nearest } from './nearest.ts';
import { readScalar, refuseKeyTrap } from './read-scalar.ts';
import { shapes } from './shapes.ts';
import type { Span } from './source.ts';
import type { Entry, MapPiece, Piece } from './tree.ts';

/** `range` is where it begins and where its value ends. */
const spanOf = (node: Node | null | undefined, otherwise: Span): Span => (node?.range ? { from: node.range[0], to: node.range[1] } : otherwise);

const kindOf = (node: unknown): string => (isMap(node) ? 'a group of fields' : isSeq(node) ? 'a list' : 'a value');

export class TreeReader {
  private readonly faults: Faults;
  private readonly shapes: Shapes;

  /** @param table of the format */
  constructor(faults: Faults, table: Shapes = shapes) {
    this.faults = faults;
    this.shapes = table;
  }

  private refuse(span: Span, rule: string, message: string): null {
    this.faults.add(span, { rule, message });
    return null;
  }

  /** @returns null where it is refused, which is among the faults */
  read(name: string, type: FieldType, node: Node | null | undefined, around: Span): Piece | null {
    const span = spanOf(node, around);
    switch (type.kind) {
      case 'shape':
        return this.readShape(type.shape, name, node, span);
      case 'record':
        return this.readRecord(type, name, node, span);
      case 'some':
        if (!isSeq(node)) return this.read(name, type.of, node, span);
        return this.readList(name, type.of, node, span);
      case 'list':
        return isSeq(node) ? this.readList(name, type.of, node, span) : this.refuse(span, 'type', `"${name}" is a list: write one "- " a line, or [a, b].`);
      case 'either':
        return this.readEither(type, name, node, span);
      default:
        return isScalar(node) ? readScalar(this.faults, name, type, node, span) : this.refuse(span, 'type', `"${name}" is one value, and ${node === null || node === undefined ? 'there is none' : `${kindOf(node)} stands here`}.`);
    }
  }

  private readList(name: string, of: FieldType, node: Node, span: Span): Piece {
    if (!isSeq(node)) return { kind: 'list', items: [], span };
    const items = node.items.map((item) => this.read(name, of, item as Node, span));
    return { kind: 'list', items: items.filter((item) => item !== null), span };
  }

  private readEither(type: Extract<FieldType, { kind: 'either' }>, name: string, node: Node | null | undefined, span: Span): Piece | null {
    const isList = isSeq(node);
    const value = isScalar(node) ? node.value : undefined;
    const fitting = type.of.find((each) => {
      if (each.kind === 'list') return isList;
      if (each.kind === 'bool' || each.kind === 'true') return typeof value === 'boolean';
      return isScalar(node) && value !== null;
    });
    return fitting === undefined ? this.refuse(span, 'type', `"${name}" is ${type.says}.`) : this.read(name, fitting, node, span);
  }

  /** Names and values, each name once. */
  private *pairsOf(map: YAMLMap, what: string): Generator<{ name: string; key: Span; value: Node | null }> {
    const seen = new Map<string, number>();
    for (const { key, value } of map.items as Pair<Node, Node | null>[]) {
      const span = spanOf(key, { from: map.range?.[0] ?? 0, to: map.range?.[0] ?? 0 });
      if (!isScalar(key) || (typeof key.value !== 'string' && key.source === undefined)) {
        this.refuse(span, 'key', 'A name is a text of one line. A template needs quotes around it: "{{ name }}".');
        continue;
      }
      const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
      if (name === '<<') {
        this.refuse(span, 'yaml-merge', `Merge keys are not allowed: whoever reads a ${this.faults.what} has to see what runs. Write the fields out.`);
        continue;
      }
      const first = seen.get(name);
      if (first !== undefined) {
        this.refuse(span, 'duplicate-key', `"${name.slice(0, 80)}" stands here a second time, ${what} has it already on line ${first}. Remove one of them.`);
        continue;
      }
      seen.set(name, this.faults.source.lineOf(span.from));
      refuseKeyTrap(this.faults, span, key);
      yield { name, key: span, value };
    }
  }

  private readRecord(type: Extract<FieldType, { kind: 'record' }>, name: string, node: Node | null | undefined, span: Span): Piece | null {
    if (!isMap(node)) return this.refuse(span, 'type', `"${name}" is a group of names, each with its ${type.what}: write "name: …" on lines of their own.`);
    const entries = new Map<string, Entry>();
    for (const pair of this.pairsOf(node, `"${name}"`)) {
      if (!type.keys.test(pair.name)) {
        this.refuse(pair.key, 'name', `"${pair.name.slice(0, 80)}" cannot be the name of a ${type.what}. It has ${type.says}.`);
        continue;
      }
      const value = this.read(pair.name, type.of, pair.value, pair.key);
      if (value !== null) entries.set(pair.name, { key: pair.key, value });
    }
    return { kind: 'map', shape: null, entries, span };
  }

  private readShape(shapeName: string, name: string, node: Node | null | undefined, span: Span): MapPiece | null {
    const shape = shapeIn(this.shapes, shapeName);
    if (!isMap(node)) return this.refuse(span, 'type', `${shapeName === 'step' ? 'A step' : `"${name}"`} is a group of fields (${Object.keys(shape.fields).slice(0, 4).join(', ')}${Object.keys(shape.fields).length > 4 ? ', …' : ''}).`);
    const entries = new Map<string, Entry>();
    const written = new Set<string>();
    for (const pair of this.pairsOf(node, `this ${shape.label}`)) {
      if (this.faults.isFull) break;
      const field = Object.hasOwn(shape.fields, pair.name) ? shape.fields[pair.name] : undefined;
      if (field === undefined) {
        const near = nearest(pair.name, Object.keys(shape.fields).filter((each) => !written.has(each)));
        // `{ manual: Stop it, then wait. }` has a field "then wait." without a value.
        const isRest = near === null && node.flow === true && (pair.value === null || (isScalar(pair.value) && pair.value.source === ''));
        this.faults.add(pair.key, { rule: 'unknown-key', message: `"${pair.name.slice(0, 80)}" is not a ${shape.label} field.${didYouMean(near)}${isRest ? ' A comma ends a text between braces: put quotes around a text that has one.' : ''}`, edit: near === null ? null : { title: `Write ${near}`, text: near } });
        continue;
      }
      written.add(pair.name);
      const value = this.read(pair.name, field.type, pair.value, pair.key);
      if (value !== null) entries.set(pair.name, { key: pair.key, value });
    }
    // The line on which it begins, rather than all of it.
    const head = { from: span.from, to: Math.min(span.to, this.faults.source.lineSpan(this.faults.source.lineOf(span.from)).to) };
    this.requireFields(shape, written, entries, head);
    return { kind: 'map', shape: shapeName, entries, span: head };
  }

  private requireFields(shape: Shape, written: ReadonlySet<string>, entries: ReadonlyMap<string, Entry>, head: Span): void {
    const id = entries.get('id')?.value;
    const who = id?.kind === 'scalar' ? `${shape.label} "${id.written.slice(0, 80)}"` : `This ${shape.label}`;
    for (const [name, field] of Object.entries(shape.fields)) {
      if (field.required === true && !written.has(name)) this.refuse(head, 'missing', `${who} has no "${name}". ${field.docs}`);
    }
    for (const [group, words] of Object.entries(shape.oneOf ?? {})) {
      const all = Object.keys(shape.fields).filter((name) => shape.fields[name]?.group === group && written.has(name));
      const beside = new Set(all.flatMap((name) => shape.together?.[name] ?? []));
      const given = all.filter((name) => !beside.has(name));
      if (given.length === 0) this.refuse(head, 'missing', `${who} does not say ${words}.`);
      if (given.length < 2) continue;
      const listed = `${given.slice(0, -1).join(', ')} and ${given.at(-1)}`;
      if (group === 'action') this.refuse(head, 'two-actions', `${who} has ${listed}. A step does one thing: split it, or remove one.`);
      else this.refuse(entries.get(given[1] ?? '')?.key ?? head, 'two-of-one', `${who} has ${listed}, of which only one can be. Remove one, or make two of it.`);
    }
  }
}
