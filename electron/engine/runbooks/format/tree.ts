/** A runbook as its table of fields reads it: every value settled, with where it and its name stand. */
import type { Span } from './source.ts';

export type Piece = ScalarPiece | ListPiece | MapPiece;

export interface ScalarPiece {
  kind: 'scalar';
  /** Durations in milliseconds. */
  value: string | number | boolean;
  /** As it was written, without quotes. */
  written: string;
  span: Span;
}

export interface ListPiece {
  kind: 'list';
  items: readonly Piece[];
  span: Span;
}

export interface Entry {
  key: Span;
  value: Piece;
}

export interface MapPiece {
  kind: 'map';
  /** Null for names that the author chose. */
  shape: string | null;
  entries: ReadonlyMap<string, Entry>;
  span: Span;
}

/** What a field that is not there has instead. */
const nothing: ReadonlyMap<string, Entry> = new Map();

/** Reads the fields of a group. A field that is not there, or was refused, is null. */
export class Fields {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;

  constructor(piece: Piece) {
    this.entries = piece.kind === 'map' ? piece.entries : nothing;
    this.span = piece.span;
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Where the value stands; where its group does when it is not there. */
  spanOf(name: string): Span {
    return this.entries.get(name)?.value.span ?? this.span;
  }

  keyOf(name: string): Span {
    return this.entries.get(name)?.key ?? this.span;
  }

  scalar(name: string): string | number | boolean | null {
    const piece = this.entries.get(name)?.value;
    return piece?.kind === 'scalar' ? piece.value : null;
  }

  text(name: string): string | null {
    const value = this.scalar(name);
    return typeof value === 'string' ? value : null;
  }

  number(name: string): number | null {
    const value = this.scalar(name);
    return typeof value === 'number' ? value : null;
  }

  flag(name: string): boolean {
    return this.scalar(name) === true;
  }

  /** The texts of a list; of one text, that one. */
  texts(name: string): string[] {
    return this.items(name).flatMap((item) => (item.kind === 'scalar' && typeof item.value === 'string' ? [item.value] : []));
  }

  numbers(name: string): number[] {
    return this.items(name).flatMap((item) => (item.kind === 'scalar' && typeof item.value === 'number' ? [item.value] : []));
  }

  items(name: string): readonly Piece[] {
    const piece = this.entries.get(name)?.value;
    if (piece === undefined) return [];
    return piece.kind === 'list' ? piece.items : [piece];
  }

  group(name: string): Fields | null {
    const piece = this.entries.get(name)?.value;
    return piece?.kind === 'map' ? new Fields(piece) : null;
  }

  groups(name: string): Fields[] {
    return this.items(name).map((item) => new Fields(item));
  }

  /** Names that the author chose, each with its group. */
  named(name: string): [string, Fields, Entry][] {
    const piece = this.entries.get(name)?.value;
    return piece?.kind === 'map' ? [...piece.entries].map(([key, entry]) => [key, new Fields(entry.value), entry]) : [];
  }

  /** Names that the author chose, each with its text. */
  record(name: string): Record<string, string> {
    const found = this.named(name).flatMap(([key, , { value }]) => (value.kind === 'scalar' ? [[key, String(value.value)]] : []));
    return Object.fromEntries(found) as Record<string, string>;
  }
}
