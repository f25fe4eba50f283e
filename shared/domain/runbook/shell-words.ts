/**
 * Words of a shell: their quotes, what is expanded in them, and the values that stand there. Of what two shells read in two
 * ways it says so (`escaped`). It judges nothing; `shell-context.ts` does. Pure.
 * Source: "Token Recognition", "Quoting" and "Word Expansions" of POSIX, and the manual of bash for what that adds.
 */
import { templateParts, type Filter } from './template.ts';

/**
 * `bare`, `double`, `heredoc`: the shell puts a variable's text here. `comment`: nobody reads it. Nowhere else can a value
 * stand: `single` and `quoted-heredoc` are texts as they are, `arithmetic` reads it as a formula (of which bash runs
 * parts), `code` gives it to somebody who runs it, `expansion` is inside `${ }`, `escaped` comes right behind `\` or `$`.
 */
export const shellContexts = ['bare', 'double', 'single', 'heredoc', 'quoted-heredoc', 'arithmetic', 'comment', 'code', 'expansion', 'escaped'] as const;
export type ShellContext = (typeof shellContexts)[number];

/** A value in a script: in braces, or as a variable that the author wrote. */
export interface Use {
  kind: 'template' | 'variable';
  name: string;
  filter: Filter | null;
  from: number;
  to: number;
  context: ShellContext;
  /** Whether it is a whole word of a command, so that a list can stand there. */
  whole: boolean;
}

export interface Word {
  from: number;
  to: number;
  /** Its text without quotes; a value or a substitution is one `\0`. */
  text: string;
}

/** Where the reading is. */
export interface Cursor {
  readonly source: string;
  at: number;
  end: number;
  readonly uses: Use[];
  /** Whether shells part ways about where quotes end, or nobody can follow. */
  unsure: boolean;
  /** How deep substitutions are nested. */
  depth: number;
}

export const startOf = (source: string): Cursor => ({ source, at: 0, end: source.length, uses: [], unsure: false, depth: 0 });

/** Substitutions and brackets that are followed into each other; characters of a formula. */
export const deepest = 50;
const longestFormula = 4000;

/** Reads no further: of what stands behind nothing is known. */
export function giveUp(cursor: Cursor): void {
  cursor.unsure = true;
  cursor.at = cursor.source.length;
}

/** Ends a word where it is not quoted; other white space is a letter to a shell. */
export const endsWord = /[ \t\n;&|<>()]/;

/**
 * Readers that move a cursor. `commands` reads those of a substitution: up to `)` and over it, or (null) to the cursor's end.
 */
export function wordReader(cursor: Cursor, commands: (close: ')' | null) => void) {
  const { source, uses } = cursor;
  const templates = new Map(templateParts(source).flatMap((part) => (part.kind === 'use' || part.kind === 'braces' ? [[part.from, part] as const] : [])));

  const isBraces = (): boolean => templates.has(cursor.at);
  const variable = (name: string, from: number, to: number, context: ShellContext): void => void uses.push({ kind: 'variable', name, filter: null, from, to, context, whole: false });
  const templateAt = (place: number, context: ShellContext): void => {
    const part = templates.get(place);
    if (part?.kind === 'use') uses.push({ kind: 'template', name: part.name, filter: part.filter, from: part.from, to: part.to, context, whole: false });
  };
  const templatesWithin = (from: number, to: number, context: ShellContext): void => {
    for (const place of templates.keys()) if (place >= from && place < to) templateAt(place, context);
  };

  /** Everything between is in this context, whatever was said of it. */
  function recast(from: number, to: number, context: ShellContext): void {
    for (let last = uses.length - 1; last >= 0; last -= 1) {
      const each = uses[last];
      if (each === undefined || each.to <= from) return;
      if (each.from >= from && each.to <= to) each.context = context;
    }
  }

  /** Steps over braces; tells whether there were any. */
  function braces(context: ShellContext): boolean {
    const part = templates.get(cursor.at);
    if (part === undefined) return false;
    templateAt(cursor.at, context);
    cursor.at = part.to;
    return true;
  }

  function within(to: number, read: () => void): void {
    const outer = cursor.end;
    cursor.end = Math.min(to, outer);
    read();
    cursor.end = outer;
  }

  function deeper(read: () => void): void {
    cursor.depth += 1;
    read();
    cursor.depth -= 1;
  }

  /** Behind a backslash, which is read already. */
  function escaped(): string {
    if (braces('escaped')) return '\0';
    const sign = source[cursor.at] ?? '';
    cursor.at += 1;
    return sign;
  }

  function single(): string {
    const from = (cursor.at += 1);
    while (cursor.at < cursor.end && source[cursor.at] !== "'") if (!braces('single')) cursor.at += 1;
    const text = source.slice(from, cursor.at);
    cursor.at += 1;
    return text;
  }

  /** `$'…'`: bash ends it elsewhere than dash does where an escaped quote is in it. */
  function ansi(): void {
    const from = (cursor.at += 2);
    while (cursor.at < cursor.end && source[cursor.at] !== "'") cursor.at += source[cursor.at] === '\\' ? 2 : 1;
    templatesWithin(from, cursor.at, 'single');
    cursor.unsure ||= source.slice(from, cursor.at).includes("\\'");
    cursor.at += 1;
  }

  /** A formula up to `close`, where its brackets are even. False where it is none; then nothing was read. */
  function arithmetic(skip: number, close: ')' | ']' | '))'): boolean {
    const from = cursor.at + skip;
    let open = 0;
    for (let look = from; look < cursor.end && open >= 0; look += 1) {
      if (open === 0 && source.startsWith(close, look)) {
        templatesWithin(from, look, 'arithmetic');
        for (const { 0: name, index } of source.slice(from, look).matchAll(/[A-Za-z_]\w*/g)) variable(name, from + index, from + index + name.length, 'arithmetic');
        cursor.at = look + close.length;
        return true;
      }
      if (look - from > longestFormula) {
        giveUp(cursor);
        return true;
      }
      if (/[([]/.test(source[look] ?? '')) open += 1;
      if (/[)\]]/.test(source[look] ?? '')) open -= 1;
    }
    return false;
  }

  /** `${name…}`. */
  function parameter(context: 'bare' | 'double' | 'heredoc'): void {
    const from = cursor.at;
    const before = uses.length;
    const inner = (cursor.at += 2);
    while (cursor.at < cursor.end && source[cursor.at] !== '}') {
      const sign = source[cursor.at];
      if (braces('expansion')) continue;
      if (sign === '\\') {
        cursor.at += 1;
        escaped();
      } else if (sign === "'" && context === 'bare') single();
      else if (sign === '"') double();
      else if (sign === '$') dollar(context);
      else if (sign === '`') backticks();
      else cursor.at += 1;
    }
    for (const use of uses.slice(before)) if (use.kind === 'template') use.context = 'expansion';
    const body = source.slice(inner, cursor.at);
    cursor.at += 1;
    const name = /^[!#]?([A-Za-z_]\w*)/.exec(body)?.[1];
    if (name !== undefined) variable(name, from, cursor.at, body.startsWith('!') || /@[A-Za-z]$/.test(body) ? 'code' : context);
    // Places of an array, and offsets, are formulas.
    const formulas = [...body.matchAll(/\[([^\]]*)\]/g), ...body.matchAll(/:(?![-=+?])(.*)/gs)];
    for (const found of formulas.flatMap(([, formula = '']) => formula.match(/[A-Za-z_]\w*/g) ?? [])) variable(found, from, cursor.at, 'arithmetic');
  }

  /** Commands in backticks. Where backslashes are in it, what they mean depends on what is around. */
  function backticks(): void {
    if (cursor.depth >= deepest) {
      giveUp(cursor);
      return;
    }
    const from = (cursor.at += 1);
    let close = from;
    while (close < cursor.end && source[close] !== '`') close += source[close] === '\\' ? 2 : 1;
    within(close, () => deeper(() => commands(null)));
    if (source.slice(from, close).includes('\\')) recast(from, close, 'escaped');
    cursor.at = close + 1;
  }

  /** `$…` where it counts. Gives what it is to the text of the word: of a substitution `\0`. */
  function dollar(context: 'bare' | 'double' | 'heredoc'): string {
    const from = cursor.at;
    const next = source[from + 1] ?? '';
    if (cursor.depth >= deepest) {
      giveUp(cursor);
      return '\0';
    }
    // The dollar would mean something together with what stands for the braces.
    if (templates.has(from + 1)) {
      cursor.at += 1;
      return escaped();
    }
    const name = /^\$([A-Za-z_]\w*)/.exec(source.slice(from, from + 200))?.[1];
    if (name !== undefined) {
      cursor.at += name.length + 1;
      variable(name, from, cursor.at, context);
    } else if (next === '{') deeper(() => parameter(context));
    else if (next === '(') {
      if (source[from + 2] === '(' && arithmetic(3, '))')) return '\0';
      cursor.at += 2;
      deeper(() => commands(')'));
    } else if (next === '[' && arithmetic(2, ']')) return '\0';
    else if (next === "'" && context === 'bare') ansi();
    else if (/[@*#?$!0-9-]/.test(next)) cursor.at += 2;
    else {
      cursor.at += 1;
      return '$';
    }
    return '\0';
  }

  function double(): string {
    let text = '';
    cursor.at += 1;
    while (cursor.at < cursor.end && source[cursor.at] !== '"') {
      const sign = source[cursor.at] ?? '';
      if (braces('double')) text += '\0';
      else if (sign === '\\') {
        cursor.at += 1;
        const next = escaped();
        text += /["$`\\\n\0]/.test(next) ? next : `\\${next}`;
      } else if (sign === '$') text += dollar('double');
      else if (sign === '`') {
        backticks();
        text += '\0';
      } else {
        text += sign;
        cursor.at += 1;
      }
    }
    cursor.at += 1;
    return text;
  }

  /** A word, which may be empty where none begins. */
  function word(): Word {
    const from = cursor.at;
    let text = '';
    while (cursor.at < cursor.end && !endsWord.test(source[cursor.at] ?? '')) {
      const sign = source[cursor.at] ?? '';
      if (braces('bare')) text += '\0';
      else if (sign === '\\') {
        cursor.at += 1;
        const next = escaped();
        text += next === '\n' ? '' : next;
      } else if (sign === "'") text += single();
      else if (sign === '"') text += double();
      else if (sign === '$') text += dollar('bare');
      else if (sign === '`') {
        backticks();
        text += '\0';
      } else {
        text += sign;
        cursor.at += 1;
      }
    }
    cursor.at = Math.min(cursor.at, source.length);
    return { from, to: cursor.at, text };
  }

  /** The text of a here-document, up to `close`. */
  function heredoc(close: number, quoted: boolean): void {
    within(close, () => {
      while (cursor.at < cursor.end) {
        const sign = source[cursor.at];
        if (braces(quoted ? 'quoted-heredoc' : 'heredoc')) continue;
        if (quoted) cursor.at += 1;
        else if (sign === '\\') {
          cursor.at += 1;
          escaped();
        } else if (sign === '$') dollar('heredoc');
        else if (sign === '`') backticks();
        else cursor.at += 1;
      }
    });
  }

  return { word, braces, isBraces, heredoc, arithmetic, recast };
}
