/**
 * A file as a tree of nodes with their places: YAML 1.2 without all that would let a file say something else than what
 * one reads in it. Never throws, and is done in time whatever the text: what is too large, too deep or too much is
 * refused before a tree is made of it.
 */
import { Composer, Lexer, Parser, type CST, type Document, type ParsedNode, type YAMLError } from 'yaml';
import type { Faults } from './faults.ts';

/** In bytes of UTF-8. */
export const largestFile = 1_048_576;
/** Parts of the text as YAML takes it apart; a runbook of 500 steps has about 60 000. */
const mostTokens = 250_000;
/** After so many things that are refused the rest is not read. */
const mostRefused = 20;
/** A step within a list within a list has 12. */
const deepest = 60;

const refused: Readonly<Record<string, { rule: string; message: (what: Faults['what']) => string }>> = {
  '&': { rule: 'yaml-anchor', message: (what) => `Anchors are not allowed: whoever reads a ${what} has to see what runs. Write the value where it is used.` },
  '*': { rule: 'yaml-alias', message: (what) => `Aliases are not allowed: whoever reads a ${what} has to see what runs. Write the value out, or put quotes around a text that begins with *.` },
  '!': { rule: 'yaml-tag', message: (what) => `Tags are not allowed in a ${what}. Leave it out, or put quotes around a text that begins with !.` },
  '%': { rule: 'yaml-directive', message: (what) => `Directives are not allowed in a ${what}: it is always YAML 1.2. Leave this line out.` },
};

/** Control characters hide text in a terminal, and marks of direction show it in another order than it runs. */
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]|\r(?!\n)/g;

const words: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'Indentation is made of spaces: there is a tab here.',
  BAD_INDENT: 'This is indented in another way than what it belongs to. Things of one list or one group begin in the same column.',
  MISSING_CHAR: 'Something is missing here: a quote, a bracket, a colon or a space is not closed or not written.',
  BLOCK_AS_IMPLICIT_KEY: 'Two things stand on one line that cannot. A text with ": " in it needs quotes.',
  MULTILINE_IMPLICIT_KEY: 'A name and its colon have to stand on one line. Is a colon missing?',
  BAD_SCALAR_START: 'A text cannot begin with this character. Put quotes around it.',
  NON_STRING_KEY: 'A name has to be a text. A template needs quotes around it: "{{ name }}".',
  BAD_DQ_ESCAPE: 'There is no such escape in double quotes. Write \\\\ for a backslash, or use single quotes.',
  BLOCK_IN_FLOW: 'A list or group by lines cannot stand within brackets.',
  KEY_OVER_1024_CHARS: 'A name is longer than 1024 characters. Is a colon missing?',
  UNEXPECTED_TOKEN: 'This cannot stand here. Text with special characters needs quotes.',
};

function refuseHidden(faults: Faults): void {
  for (const found of faults.source.text.matchAll(hidden)) {
    const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    faults.add({ from: found.index, to: found.index + 1 }, { rule: 'hidden-character', message: `A character that cannot be seen stands here (U+${code}). Take it out.` });
  }
}

/** The root of the document; null where the text is no document, and why is among the faults. */
export function parseYaml(faults: Faults): ParsedNode | null {
  const { text } = faults.source;
  if (text.length > largestFile || Buffer.byteLength(text) > largestFile) {
    faults.add({ from: 0, to: 0 }, { rule: 'too-large', message: faults.what === 'runbook' ? 'A runbook has at most 1 MiB. Make several of it, which call each other.' : 'A file of a pack has at most 1 MiB.' });
    return null;
  }
  refuseHidden(faults);
  if (faults.hasErrors) return null;

  const parser = new Parser();
  const composer = new Composer<ParsedNode>({ version: '1.2', schema: 'core', strict: true, stringKeys: true, uniqueKeys: false, prettyErrors: false, merge: false, resolveKnownTags: false });
  const documents: Document.Parsed[] = [];
  try {
    let tokens = 0;
    let open = 0;
    let refusals = 0;
    let isScalar = false;
    const parts: CST.Token[] = [];
    for (const token of new Lexer().lex(text)) {
      if (++tokens > mostTokens) {
        faults.add({ from: parser.offset, to: parser.offset }, { rule: 'too-much', message: `There is too much in this file to read it as a ${faults.what}.` });
        return null;
      }
      const first = token[0] ?? '';
      const refusal = isScalar ? undefined : refused[first];
      if (refusal !== undefined) {
        faults.add({ from: parser.offset, to: parser.offset + token.length }, { rule: refusal.rule, message: refusal.message(faults.what) });
        if (++refusals >= mostRefused) return null;
      }
      if (!isScalar && (token === '[' || token === '{')) open++;
      if (!isScalar && (token === ']' || token === '}')) open--;
      isScalar = token === '\u001f';
      for (const part of parser.next(token)) parts.push(part);
      if (open > deepest || parser.stack.length > deepest) {
        faults.add({ from: parser.offset, to: parser.offset }, { rule: 'too-deep', message: `Things are nested too deep here to be a ${faults.what}.` });
        return null;
      }
    }
    parts.push(...parser.end());
    if (faults.hasErrors) return null;
    documents.push(...composer.compose(parts, true, text.length));
  } catch (error) {
    // The library is meant to say what it finds; what it throws instead is said at the place that it had come to.
    faults.add({ from: parser.offset, to: parser.offset }, { rule: 'yaml', message: `This cannot be read as YAML: ${error instanceof Error ? error.message : String(error)}.` });
    return null;
  }

  const [document, second] = documents;
  if (second !== undefined) {
    const at = second.range[0];
    faults.add({ from: at, to: at }, { rule: 'yaml-documents', message: `A file is one ${faults.what === 'runbook' ? 'runbook' : 'document'}: there is a second document here. Take out the line "---" or make another file.` });
    return null;
  }
  for (const { code, message, pos } of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    faults.add({ from: pos[0], to: pos[1] }, { rule: code === 'TAB_AS_INDENT' ? 'yaml-tab' : 'yaml', message: words[code] ?? `This cannot be read as YAML: ${message}.` });
  }
  return faults.hasErrors ? null : (document?.contents ?? null);
}
