/** Runbooks that a step calls: walkthroughs of their own, whose end is the end of the step. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Action, Value } from '#shared/domain/runbook/definition.ts';
import { fill, valueText } from '#shared/domain/runbook/template.ts';
import { isOver, type WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import type { EngineContext } from '../../engine-context.ts';
import type { Library, LibraryFile } from '../library/index.ts';
import type { WalkthroughRepository } from '../../store/walkthrough-repository.ts';
import { readGiven, requireStartable, secretNamesOf, startedEvent } from './beginning.ts';
import type { Binder, BindingChoice } from './binding.ts';
import { doingOf, stepOf } from './steps-of.ts';
import type { ReviewGate } from './reviewed.ts';
import type { WalkSecrets } from './secrets.ts';
import type { Walk, Walks } from './walks.ts';

type CallAction = Extract<Action, { kind: 'runbook' }>;

function callOf(walk: Walk, key: string): CallAction {
  const slot = walk.walkthrough.steps[key]?.slot;
  const action = slot === undefined ? undefined : doingOf(stepOf(walk.runbook, slot.stepId), slot).action;
  if (action?.kind !== 'runbook') throw new PilothouseError('runbook.not-now', `The step ${key} calls no runbook.`, { hint: 'Read the walkthrough again.' });
  return action;
}

/** The file of a runbook by its id: of the same pack first, then one's own. */
export function fileById(library: Pick<Library, 'list'>, id: string, nearRef: string | null): LibraryFile | null {
  const pack = nearRef?.split('/')[0];
  const found = library.list().filter(({ runbook }) => runbook?.id === id);
  const rank = ({ ref, origin }: LibraryFile): number => (ref.split('/')[0] === pack ? 0 : origin === 'own' ? 1 : 2);
  return found.toSorted((a, b) => rank(a) - rank(b))[0] ?? null;
}

export interface Children {
  /** Begins what the step calls, with the targets of the same name, else the only ones that fit. @throws runbook.not-found, runbook.invalid, runbook.not-reviewed, runbook.value-invalid */
  begin(walk: Walk, key: string, childId: string): void;
  /** @throws runbook.not-now where that one is no such run */
  requireUsable(walk: Walk, key: string, walkthroughId: string): void;
  /** Ends the steps whose runbooks have ended. */
  settle(parentId: string): void;
}

export function createChildren(dependencies: { context: EngineContext; library: Library; repository: WalkthroughRepository; walks: Walks; binder: Binder; secrets: WalkSecrets; gate: Pick<ReviewGate, 'requireReviewed'>; operator: string; appVersion: string }): Children {
  const { context, library, repository, walks, binder, secrets, gate, operator, appVersion } = dependencies;
  /** One that calls itself, or one that has called it, would never end. @throws runbook.not-now */
  const requireNoCircle = (walk: Walk, runbookId: string): void => {
    for (let at: Walk | null = walk; at !== null; at = at.walkthrough.parent === null ? null : walks.open(at.walkthrough.parent.walkthroughId)) {
      if (at.walkthrough.runbookId !== runbookId) continue;
      throw new PilothouseError('runbook.not-now', `"${walk.walkthrough.title}" calls ${runbookId}, which is under way already: it ${at === walk ? 'would call itself' : 'has called this one'}, and that would never end.`, { hint: 'Skip the step, or walk it by hand.' });
    }
  };
  return {
    begin(walk, key, childId) {
      const action = callOf(walk, key);
      const { walkthrough } = walk;
      const file = fileById(library, action.runbook, repository.row(walkthrough.id).ref);
      if (file === null) throw new PilothouseError('runbook.not-found', `The runbook ${action.runbook}, which "${walkthrough.title}" calls, is not in the library.`, { hint: 'Put its file there, or record by hand what it would do.' });
      const runbook = requireStartable(file);
      if (walkthrough.mode === 'live') gate.requireReviewed(file);
      requireNoCircle(walk, runbook.id);
      const bindings: Record<string, BindingChoice> = {};
      for (const role of runbook.targets) {
        const same = walkthrough.bindings[role.name];
        if (same?.kind === role.kind) bindings[role.name] = same.kind === 'ssh' ? { hostId: same.hostId } : same.kind === 'postgres' ? { databaseId: same.databaseId } : { url: same.url };
        else {
          const proposed = binder.proposed(role, walkthrough.systemId);
          if (proposed !== null) bindings[role.name] = proposed;
        }
      }
      const own = new Map(runbook.params.map((param) => [param.name, param]));
      const values: Record<string, Value> = {};
      // What the caller knows under the same name is what is meant, unless it says otherwise.
      for (const [name, value] of Object.entries(walkthrough.values)) if (own.has(name) && own.get(name)?.type !== 'secret') values[name] = value;
      for (const [name, text] of Object.entries(action.with)) {
        values[name] = fill(text, (wanted) => {
          const value = walkthrough.values[wanted];
          if (value === undefined) throw new PilothouseError('runbook.not-sent', `"${walkthrough.title}" gives ${name} from ${wanted}, which is not known yet.`, { hint: 'The step that sets it has not been done.' });
          return valueText(value);
        });
      }
      const read = readGiven(context, binder, runbook, { systemId: walkthrough.systemId, bindings, values, secrets: 'later' }, operator);
      const started = startedEvent({ runbook, hash: file.hash, read, mode: walkthrough.mode, systemId: walkthrough.systemId, operator, secrets: secretNamesOf(runbook), parent: { walkthroughId: walkthrough.id, key }, continues: null, appVersion });
      // What the caller was told under the same name is what is meant; the rest is asked for where it is needed.
      const known = secrets.of(walkthrough.id);
      secrets.give(childId, Object.fromEntries(started.secrets.flatMap((name) => {
        const secret = known.get(name);
        return secret === undefined ? [] : [[name, secret]];
      })));
      walks.begin(childId, started, { text: file.text, runbook }, 'engine', file.ref);
    },
    requireUsable(walk, key, walkthroughId) {
      const action = callOf(walk, key);
      const usable = action.withinMs === null ? [] : repository.endedWell(action.runbook, walk.walkthrough.systemId, context.ports.clock.now() - action.withinMs);
      if (usable.includes(walkthroughId)) return;
      throw new PilothouseError('runbook.not-now', `That walkthrough cannot stand for "${action.runbook}": it did not end well, or too long ago.`, { hint: 'Begin it anew.' });
    },
    settle(parentId) {
      const { walkthrough, runbook } = walks.open(parentId);
      const progress = walkthrough.current === null ? undefined : walkthrough.steps[walkthrough.current];
      if (progress?.state !== 'waiting' || progress.childId === null) return;
      const child = walks.open(progress.childId).walkthrough;
      if (!isOver(child.state)) return;
      const { slot } = progress;
      const { action } = doingOf(stepOf(runbook, slot.stepId), slot);
      const well = child.state === 'succeeded' || child.state === 'succeeded-with-skips';
      const anyhow = action.kind === 'runbook' && action.require === 'any';
      const ok = anyhow || well;
      const undo = slot.undo !== null;
      const ended: WalkthroughEvent = { kind: 'ended', key: slot.key, attempt: progress.attempt, as: undo ? (ok ? 'undone' : 'undo-failed') : ok ? 'succeeded' : 'failed', by: 'runbook', verdicts: [{ say: `"${child.title}" ended${anyhow ? ', whichever way' : ' well'}`, ok, seen: child.summary ?? child.state }], captured: {}, exitStatus: null, durationMs: child.endedAt === null ? null : Date.parse(child.endedAt) - Date.parse(child.startedAt), output: null, answer: null, summary: child.summary ?? child.state, doneAt: null, ...(child.state === 'succeeded-with-skips' ? { withSkips: true as const } : {}) };
      walks.tell(parentId, [ended]);
    },
  };
}
