/** What all parts of one walkthrough's screen share: how it stands, what is open, and the way to do something. */
import { useQueryClient } from '@tanstack/react-query';
import { createContext, use, useCallback } from 'react';
import type { UseMutationResult } from '@tanstack/react-query';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { forgetDrafts } from './drafts.ts';

/** What is asked in a dialog about the walkthrough as a whole. */
export type WalkDialog = 'more' | 'export' | 'rollback' | 'abort' | 'pause' | 'sign';

export interface Walked {
  view: WalkthroughView;
  id: string;
  /** Opens a step to be read; null goes back to the one that is to be done now. */
  open(key: string | null): void;
  /** Said once somebody else was faster, with the step that it was about. */
  onStale(key: string | null): void;
  onDone(): void;
  ask(dialog: WalkDialog): void;
  /** An operation was begun from here: how it ends is seen here, and told nowhere else. */
  watch(operationId: string): void;
  /** Says that an act of this window is under way. @returns what says that it is over */
  underWay(): () => void;
  /** Names of secrets that something needed and nobody knows any more, besides those that the engine asks for. */
  lacking: readonly string[];
  onLacking(names: readonly string[]): void;
  /** Reads the walkthrough again, and is done when it is on screen. */
  reread(): Promise<void>;
}

export const WalkedContext = createContext<Walked | null>(null);

export function useWalked(): Walked {
  const walked = use(WalkedContext);
  if (walked === null) throw new Error('No walkthrough is provided above this component.');
  return walked;
}

/** Reads a walkthrough again; what it has gathered so far is read with it. */
export function useReread(walkthroughId: string): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(() => queries.invalidateQueries({ queryKey: ['walkthrough.get', { walkthroughId }] }), [queries, walkthroughId]);
}

type Answer = MethodOutput<'walkthrough.act'>;

/** Contradict nothing that somebody else may have done meanwhile: they are sent again as the walkthrough stands then. */
const independent: ReadonlySet<WalkthroughAct['kind']> = new Set(['comment', 'attach']);
const attempts = 4;
/** What is answered or recorded goes with the note that stands beside it. */
const takesNote: ReadonlySet<WalkthroughAct['kind']> = new Set(['answer', 'record']);

function forget(walkthroughId: string, act: WalkthroughAct): void {
  if (act.kind === 'attach') return;
  const key = 'key' in act ? act.key : null;
  if (act.kind === 'comment') forgetDrafts(walkthroughId, key, ['note']);
  // What is recorded takes the note of its step with it.
  else forgetDrafts(walkthroughId, key, takesNote.has(act.kind) ? 'all' : 'all-but-note');
}

/** Does something in the walkthrough. It is pending until the answer is on screen, so that nothing is pressed in between. */
export function useAct(onDone?: (answer: Answer, act: WalkthroughAct) => void): UseMutationResult<Answer, ErrorShape, WalkthroughAct> {
  const { view, id, onStale, onDone: tell, reread, underWay } = useWalked();
  const engine = useEngine();
  return useSubmission<Answer, WalkthroughAct>({
    mutationFn: async (act) => {
      let expectedSeq = view.run.seq;
      const over = underWay();
      try {
        for (let attempt = 1; ; attempt += 1) {
          const answer = await engine.call('walkthrough.act', { walkthroughId: id, expectedSeq, commandId: crypto.randomUUID(), act });
          if (answer.outcome === 'stale' && independent.has(act.kind) && attempt < attempts) {
            expectedSeq = answer.seq;
            continue;
          }
          // What was typed stays until it is known to have been taken.
          if (answer.outcome !== 'stale') forget(id, act);
          await reread();
          return answer;
        }
      } finally {
        over();
      }
    },
    onSuccess: (answer, act) => {
      if (answer.outcome === 'stale') return onStale('key' in act ? act.key : null);
      tell();
      onDone?.(answer, act);
    },
  });
}
