/** One file of a pack: YAML as a whole, or the front matter above a text. */
import { Faults, Fields, parseYaml, Source, TreeReader } from '../../runbooks/format/index.ts';
import { packShapes } from './shapes.ts';

export interface ReadFile {
  /** Below the folder of the pack. */
  file: string;
  faults: Faults;
  /** Null where it cannot be read, which is among the faults. */
  root: Fields | null;
}

function readFields(faults: Faults, shape: string, emptyText: string): Fields | null {
  const node = parseYaml(faults);
  if (node === null) {
    if (!faults.hasErrors) faults.add({ from: 0, to: 0 }, { rule: 'empty', message: emptyText });
    return null;
  }
  const piece = new TreeReader(faults, packShapes).read(shape, { kind: 'shape', shape }, node, { from: 0, to: 0 });
  return piece === null ? null : new Fields(piece);
}

export function readYamlFile(file: string, text: string, shape: string): ReadFile {
  const faults = new Faults(new Source(text), 'pack');
  return { file, faults, root: readFields(faults, shape, `There is nothing in this file.${shape === 'pack' ? ' It begins with schema: pack/1.' : ''}`) };
}

const fence = /^---[ \t]*\r?\n/;
const closing = /^---[ \t]*(?:\r?\n|$)/m;

/** A Markdown file with its fields between two lines "---" at its top. `text` is what follows them. */
export function readFrontMatter(file: string, whole: string, shape: string): ReadFile & { text: string } {
  const opening = fence.exec(whole);
  const rest = opening === null ? '' : whole.slice(opening[0].length);
  const end = closing.exec(rest);
  if (opening === null || end === null) {
    const faults = new Faults(new Source(whole), 'pack');
    faults.add({ from: 0, to: 0 }, { rule: 'front-matter', message: opening === null ? 'The file begins with a line "---", its fields (title: …), and another line "---"; the text follows.' : 'The fields at the top are not closed: write a line "---" below them.' });
    return { file, faults, root: null, text: '' };
  }
  // An empty line stands for the first "---", so that lines are those of the file.
  const faults = new Faults(new Source(`\n${rest.slice(0, end.index)}`), 'pack');
  return { file, faults, root: readFields(faults, shape, 'There are no fields between the two lines "---". It has at least a title.'), text: rest.slice(end.index + end[0].length).trim() };
}
