/** What was made of a guide is not walked before somebody has looked at it. */
import type { Ground } from './ground.ts';

export function lintDraft({ faults, root }: Ground): void {
  if (!root.has('draft')) return;
  faults.add(root.keyOf('draft'), { rule: 'draft', message: 'This runbook was made of a guide, and nobody has looked at it. Look at each line above which "# look:" stands, put it right or leave it, then take draft: true out.' });
}
