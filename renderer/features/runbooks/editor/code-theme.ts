/** How the text of a runbook looks: by the tokens of the design alone, so that both themes are one. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const words = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent-text)' },
  { tag: [tags.string, tags.special(tags.string), tags.content], color: 'var(--text-1)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--text-3)' },
  { tag: [tags.keyword, tags.bool, tags.number, tags.null, tags.meta, tags.typeName, tags.labelName], color: 'var(--text-2)', fontWeight: '500' },
]);

/** A wave below what is wrong, drawn without a picture. */
const wave = (color: string) => ({ backgroundImage: 'none', textDecoration: `underline wavy ${color}`, textDecorationSkipInk: 'none', textUnderlineOffset: '3px', paddingBottom: '0' });
/** A mark in the margin: by shape and colour. */
const mark = (color: string, letter: string) => ({ content: `"${letter}"`, color, fontWeight: '600', display: 'block', textAlign: 'center' });

const look = EditorView.theme({
  '&': { height: '100%', color: 'var(--text-1)', backgroundColor: 'var(--panel)', fontSize: 'var(--t-mono)' },
  '&.cm-focused': { outline: 'none', boxShadow: 'inset 0 0 0 2px var(--focus-outer)' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: 'var(--lh-mono)', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--text-1)', padding: '8px 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--text-1)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { background: 'var(--accent-tint)' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-gutters': { backgroundColor: 'var(--inset)', color: 'var(--text-3)', borderRight: '1px solid var(--line-1)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--selected)', color: 'var(--text-1)' },
  '.cm-selectionMatch': { backgroundColor: 'var(--selected)' },
  '.cm-searchMatch': { backgroundColor: 'var(--warn-tint)', outline: '1px solid var(--warn-line)' },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'var(--warn-line)' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--selected)', outline: '1px solid var(--line-control)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent' },
  '.cm-lintRange-error': wave('var(--critical-mark)'),
  '.cm-lintRange-warning': wave('var(--warn-mark)'),
  '.cm-lintRange-active': { backgroundColor: 'var(--warn-tint)' },
  '.cm-lint-marker': { width: '1em', height: 'auto' },
  '.cm-lint-marker-error, .cm-lint-marker-warning': { content: 'normal' },
  '.cm-lint-marker-error:before': mark('var(--critical-text)', '✕'),
  '.cm-lint-marker-warning:before': mark('var(--warn-text)', '!'),
  '.cm-lintPoint:after': { borderBottomColor: 'var(--critical-mark)' },
  '.cm-tooltip': { backgroundColor: 'var(--overlay)', color: 'var(--text-1)', border: '1px solid var(--line-2)', borderRadius: 'var(--r-2)', boxShadow: 'var(--shadow-menu)', maxWidth: '460px', fontFamily: 'var(--font-ui)', fontSize: 'var(--t-sm)' },
  '.cm-diagnostic': { padding: '6px 10px', whiteSpace: 'pre-wrap', borderLeft: '3px solid var(--line-control)', marginLeft: '0' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--critical-mark)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn-mark)' },
  '.cm-diagnosticAction': { display: 'inline-block', margin: '0 0 0 8px', padding: '2px 8px', minHeight: '24px', border: '1px solid var(--line-2)', borderRadius: 'var(--r-2)', backgroundColor: 'var(--panel)', color: 'var(--text-1)', cursor: 'pointer' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', fontSize: 'var(--t-mono)', maxHeight: '15em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', overflow: 'hidden', textOverflow: 'ellipsis' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--text-1)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal', fontFamily: 'var(--font-ui)', marginLeft: '10px' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px' },
  '.cm-panels': { backgroundColor: 'var(--inset)', color: 'var(--text-1)', borderColor: 'var(--line-2)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line-2)' },
  '.cm-panel.cm-search': { padding: '6px 10px', fontSize: 'var(--t-sm)' },
  '.cm-panel.cm-search label': { display: 'inline-flex', alignItems: 'center', gap: '5px', minHeight: '26px', marginRight: '8px', fontSize: 'var(--t-xs)', verticalAlign: 'middle' },
  '.cm-panel.cm-search input[type=checkbox]': { margin: '0' },
  '.cm-textfield': { backgroundColor: 'var(--panel)', color: 'var(--text-1)', border: '1px solid var(--line-control)', borderRadius: 'var(--r-2)', height: '26px', fontSize: 'var(--t-sm)' },
  '.cm-button': { backgroundImage: 'none', backgroundColor: 'var(--panel)', color: 'var(--text-1)', border: '1px solid var(--line-2)', borderRadius: 'var(--r-2)', height: '26px', fontSize: 'var(--t-sm)' },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text-2)', minWidth: '24px', minHeight: '24px' },
});

export const codeLook: Extension = [look, syntaxHighlighting(words)];
