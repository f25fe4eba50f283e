/** What the rule book says of scripts and statements, beyond what the linter says of them in the words of a step. */
import { findWrongs } from '../../../rules/index.ts';
import type { Fields } from '../tree.ts';
import type { Ground } from './ground.ts';

function lintOf({ faults, source }: Ground, fields: Fields): void {
  for (const kind of ['sh', 'sql'] as const) {
    const text = fields.text(kind);
    if (text === null) continue;
    const span = fields.spanOf(kind);
    for (const { rule, from, to, message, fix, edit } of findWrongs(text, { language: kind, kind: 'step' })) {
      // These the linter says itself, with what it knows of the step.
      if (rule === 'endless') continue;
      const at = source.within(span, text, { from, to });
      // A click writes in the place of what is shown, so that both have to be the same.
      const isSame = edit !== null && edit.from === from && edit.to === to && source.slice(at) === text.slice(from, to);
      faults.warn(at, { rule, message: fix === null ? message : `${message} ${fix}`, ...(fix === null ? {} : { fix }), edit: isSame ? { title: edit.title, text: edit.text } : null });
    }
  }
}

export function lintWrongs(ground: Ground): void {
  for (const { fields } of ground.places) {
    lintOf(ground, fields);
    const probe = fields.group('probe');
    if (probe !== null) lintOf(ground, probe);
    for (const undo of fields.groups('undo')) lintOf(ground, undo);
  }
}
