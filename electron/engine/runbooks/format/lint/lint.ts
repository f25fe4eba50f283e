/** All rules that go beyond the form of single fields: names that refer to each other, what commands do, what is left out. */
import { lintChecks } from './checks.ts';
import { lintDraft } from './draft.ts';
import type { Ground } from './ground.ts';
import { lintJumps } from './jumps.ts';
import { lintNames } from './names.ts';
import { lintParams } from './params.ts';
import { lintPlaceholders } from './placeholders.ts';
import { lintRisks } from './risks.ts';
import { lintScripts } from './scripts.ts';
import { lintStatements } from './statements.ts';
import { lintTargets } from './targets.ts';
import { lintWrongs } from './wrongs.ts';

export function lint(ground: Ground): void {
  for (const rule of [lintDraft, lintParams, lintTargets, lintNames, lintScripts, lintStatements, lintWrongs, lintRisks, lintChecks, lintJumps, lintPlaceholders]) rule(ground);
}
