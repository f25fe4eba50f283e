/** What a row of the table of security statements is made of. */

/** A test that proves a statement. */
export interface Proof {
  /** From the project's folder: `test/security/x.test.ts`. */
  file: string;
  /** As the source writes it: `suite > test`, the places of `test.each` left as they are. */
  test: string;
  /** Of a table of tests only those with this text in the first place of the title. */
  row?: string;
  /** Where that text stands, if not in the file itself. */
  rowFrom?: string;
}

/** One protection taken away. */
export interface Mutation {
  file: string;
  /** A piece of the file that stands in it once. */
  find: string;
  replace: string;
  /** What the test says when it fails by something else than an assertion: a line that was waited for in vain. */
  fails?: string;
}

export interface Statement {
  id: string;
  /** One promise, in one sentence. */
  says: string;
  proofs: readonly Proof[];
  /** Each is expected to be seen by one of the proofs. */
  mutations: readonly Mutation[];
}

/** Tests that stand beside the statements: why they are no proof of one. */
export interface Beside {
  file: string;
  /** Null: all of the file. */
  tests: readonly string[] | null;
  because: string;
}

/** Proofs of one file, so that a row names the test alone. */
export const proofsIn =
  (file: string) =>
  (test: string, row?: string, rowFrom?: string): Proof => ({ file, test, ...(row === undefined ? {} : { row }), ...(rowFrom === undefined ? {} : { rowFrom }) });

const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
const place = /%[sdifjoOc#]|\$[\w.]+/;

/** The names under which a proof runs, as a pattern without anchors. */
export function patternOf({ test, row }: Proof): string {
  let isFirst = true;
  return test
    .split(new RegExp(`(${place.source})`))
    .map((piece) => {
      if (!new RegExp(`^(?:${place.source})$`).test(piece)) return literal(piece);
      const filled = isFirst && row !== undefined ? literal(row) : '.*';
      isFirst = false;
      return filled;
    })
    .join('');
}

/** How often a text stands in another one. */
export const timesIn = (source: string, text: string): number => source.split(text).length - 1;
