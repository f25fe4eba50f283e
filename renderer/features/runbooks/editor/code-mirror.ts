/** The editor of a runbook's text: what is typed, what is wrong in it, and what may stand there. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { getNonce } from 'get-nonce';
import type { MethodOutput } from '#shared/contract/index.ts';
import { codeLook } from './code-theme.ts';
import { offsetAt, type Problem } from './text-edits.ts';

export interface CodeView {
  text(): string;
  /** Puts another text in the place of all of it; undo brings the old one back. */
  replace(text: string): void;
  /** Marks what is wrong. Taken only of the text that stands here. */
  mark(problems: readonly Problem[]): void;
  /** Writes what a problem offers. */
  fix(problem: Problem): void;
  goTo(line: number, column: number): void;
  focus(): void;
  close(): void;
}

export type Completions = MethodOutput<'runbook.complete'>;

interface Options {
  parent: HTMLElement;
  text: string;
  readOnly: boolean;
  label: string;
  describedBy: string;
  onChange: (text: string) => void;
  onSave: () => void;
  /** What may stand at an offset; null: nobody is asked. */
  complete: ((text: string, offset: number) => Promise<Completions>) | null;
}

/** What the console itself does by this key: it presses the primary button. */
const ours = new Set(['Mod-Enter']);

function change(view: EditorView, problem: Problem): void {
  if (problem.edit === null) return;
  const text = view.state.doc.toString();
  const from = offsetAt(text, problem.line, problem.column);
  const to = Math.max(from, offsetAt(text, problem.endLine, problem.endColumn));
  view.dispatch({ changes: { from, to, insert: problem.edit.text }, selection: { anchor: from + problem.edit.text.length }, scrollIntoView: true, userEvent: 'input.fix', annotations: isolateHistory.of('full') });
}

function diagnosticOf(text: string, problem: Problem): Diagnostic {
  const from = offsetAt(text, problem.line, problem.column);
  const to = Math.max(from, offsetAt(text, problem.endLine, problem.endColumn));
  const { edit } = problem;
  return {
    from, to, severity: problem.severity, source: problem.rule,
    message: problem.fix === null || problem.message.includes(problem.fix) ? problem.message : `${problem.message}\n${problem.fix}`,
    ...(edit === null ? {} : { actions: [{ name: edit.title, apply: (view: EditorView, start: number, end: number) => view.dispatch({ changes: { from: start, to: end, insert: edit.text }, userEvent: 'input.fix', annotations: isolateHistory.of('full') }) }] }),
  };
}

function completing(complete: NonNullable<Options['complete']>): Extension {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const word = context.matchBefore(/[\w{.-]+/);
    if (word === null && !context.explicit) return null;
    const { from, options } = await complete(context.state.doc.toString(), context.pos);
    if (context.aborted || options.length === 0) return null;
    return { from, options: options.map(({ label, detail, apply }): Completion => ({ label, detail, ...(apply === undefined ? {} : { apply }) })), validFor: /^[\w.-]*$/ };
  };
  return [autocompletion({ override: [source], icons: false }), keymap.of(completionKeymap)];
}

export function openCode({ parent, text, readOnly, label, describedBy, onChange, onSave, complete }: Options): CodeView {
  const save = (): boolean => {
    onSave();
    return true;
  };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        // Its styles come with the nonce that the page was given; without it none of them would be taken.
        EditorView.cspNonce.of(getNonce() ?? ''),
        codeLook,
        lineNumbers(), lintGutter(), highlightActiveLineGutter(), highlightActiveLine(), drawSelection(), highlightSelectionMatches(),
        history(), bracketMatching(), closeBrackets(), indentOnInput(), indentUnit.of('  '), EditorState.tabSize.of(2),
        yaml(),
        search({ top: true }),
        EditorState.readOnly.of(readOnly),
        complete === null || readOnly ? [] : completing(complete),
        keymap.of([{ key: 'Mod-s', run: save, preventDefault: true }, ...closeBracketsKeymap, ...defaultKeymap.filter(({ key }) => key === undefined || !ours.has(key)), ...searchKeymap, ...historyKeymap, ...lintKeymap, ...(readOnly ? [] : [indentWithTab])]),
        EditorView.lineWrapping,
        // What a browser puts in the place of several lines brings styles of its own along, which the policy of the page refuses.
        EditorView.domEventHandlers({
          beforeinput(event, typing) {
            if (event.inputType !== 'insertText' || event.data === null || typing.composing || typing.state.readOnly || typing.state.selection.ranges.every(({ empty }) => empty)) return false;
            event.preventDefault();
            typing.dispatch(typing.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
            return true;
          },
        }),
        // Focusable as it is; said besides, because what scrolls around it is asked for something that is.
        EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': label, 'aria-describedby': describedBy, 'aria-readonly': String(readOnly) }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    replace: (next) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, annotations: isolateHistory.of('full') }),
    mark: (problems) => {
      const current = view.state.doc.toString();
      view.dispatch(setDiagnostics(view.state, problems.map((problem) => diagnosticOf(current, problem))));
    },
    fix: (problem) => {
      change(view, problem);
      view.focus();
    },
    goTo: (line, column) => {
      const at = offsetAt(view.state.doc.toString(), line, column);
      view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
      view.focus();
    },
    focus: () => view.focus(),
    close: () => view.destroy(),
  };
}
