/** The review of one guide: what is shown now, what was decided, and the way back. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { GuideFlag, GuideItem } from '#shared/contract/guides.ts';
import type { MethodArgument, MethodOutput } from '#shared/contract/index.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { hasErrors, nextLeft, neighbour, onward, stopsOf, thereNow, type Stop } from './stops.ts';

type Guide = MethodOutput<'guide.get'>;
type Decide = Omit<MethodArgument<'guide.decide'>, 'guideId' | 'expectedHash' | 'key'>;
type Acknowledge = Omit<MethodArgument<'guide.acknowledge'>, 'guideId' | 'expectedHash' | 'key'>;
export type Act = { item: GuideItem } & ({ decide: Decide } | { acknowledge: Acknowledge });

/** What the way back of an act is. */
interface Done {
  stop: Stop;
  key: string;
  flagId: string | null;
  /** The item was accepted with its last flag. */
  andItem: boolean;
}

export interface Review {
  /** Without what is gone from the guide. */
  items: readonly GuideItem[];
  stop: Stop | null;
  item: GuideItem | null;
  flag: GuideFlag | null;
  go: (stop: Stop | null) => void;
  move: (step: 1 | -1) => void;
  /** To what is left. */
  goOn: () => void;
  /** @param onDone when it was kept */
  act: (act: Act, onDone?: () => void) => void;
  undo: (() => void) | null;
  isPending: boolean;
  error: ReturnType<typeof useSubmission>['error'];
  clearError: () => void;
}

export function useReview({ guide, items: all }: Guide): Review {
  const items = useMemo(() => thereNow(all), [all]);
  const engine = useEngine();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Stop | null>(null);
  const [done, setDone] = useState<readonly Done[]>([]);
  const guideId = guide.id;
  // What was looked at may be gone since the guide was read again.
  const isThere = items.some(({ key }) => key === chosen?.key);
  const stop = (isThere ? chosen : null) ?? nextLeft(items, null) ?? stopsOf(items)[0] ?? null;
  const item = items.find(({ key }) => key === stop?.key) ?? null;
  const flag = item?.flags.find(({ id }) => id === stop?.flagId) ?? null;

  /** The answer is put in its place: a guide of thousands of lines is not read anew for each key. */
  const put = useCallback((changed: GuideItem): readonly GuideItem[] => {
    const key = ['guide.get', { guideId }];
    const before = queries.getQueryData<Guide>(key);
    if (before === undefined) return items;
    const after = before.items.map((each) => (each.key === changed.key ? changed : each));
    queries.setQueryData<Guide>(key, { ...before, items: after });
    void queries.invalidateQueries({ queryKey: ['guide.list'] });
    return thereNow(after);
  }, [queries, guideId, items]);

  const submission = useSubmission<void, Act & { from: Stop }>({
    mutationFn: async ({ item: about, from, ...what }) => {
      const { key, hash } = about;
      if ('decide' in what) {
        const { item: decided } = await engine.call('guide.decide', { guideId, key, expectedHash: hash, ...what.decide });
        const after = put(decided);
        if (what.decide.decision !== 'reopen') setDone((before) => [...before, { stop: from, key, flagId: null, andItem: false }]);
        setChosen(what.decide.decision === 'edit' || what.decide.decision === 'reopen' ? { key, flagId: stopsOf([decided])[0]?.flagId ?? null } : nextLeft(after, from));
        return;
      }
      const { item: looked } = await engine.call('guide.acknowledge', { guideId, key, expectedHash: hash, ...what.acknowledge });
      // With its last flag all of it was looked at.
      const isLast = what.acknowledge.how !== 'reopen' && looked.open === 0 && looked.decision === 'open' && !hasErrors(looked);
      const settled = isLast ? (await engine.call('guide.decide', { guideId, key, decision: 'accept', expectedHash: looked.hash })).item : looked;
      const after = put(settled);
      if (what.acknowledge.how === 'reopen') setChosen(from);
      else {
        setDone((before) => [...before, { stop: from, key, flagId: what.acknowledge.flagId, andItem: isLast }]);
        setChosen(nextLeft(after, from));
      }
    },
    // Somebody else, or another window, may have been at it: what is there now is shown.
    onError: () => void queries.invalidateQueries({ queryKey: ['guide.get'] }),
  });

  const undoing = useSubmission<void, Done>({
    mutationFn: async ({ stop: back, key, flagId, andItem }) => {
      let now = items.find((each) => each.key === key);
      if (now !== undefined && (andItem || flagId === null)) now = (await engine.call('guide.decide', { guideId, key, decision: 'reopen', expectedHash: now.hash })).item;
      if (now !== undefined && flagId !== null) now = (await engine.call('guide.acknowledge', { guideId, key, flagId, how: 'reopen', expectedHash: now.hash })).item;
      if (now !== undefined) put(now);
      setDone((before) => before.slice(0, -1));
      setChosen(back);
    },
    onError: () => void queries.invalidateQueries({ queryKey: ['guide.get'] }),
  });
  const last = done.at(-1);
  const { mutate } = submission;
  const { mutate: undo } = undoing;
  return useMemo(() => ({
    items, stop, item, flag,
    go: setChosen,
    move: (step) => setChosen(neighbour(items, stop, step)),
    goOn: () => setChosen(onward(items, stop)),
    act: (act, onDone) => { if (stop !== null) mutate({ ...act, from: stop }, { onSuccess: onDone }); },
    undo: last === undefined ? null : () => undo(last),
    isPending: submission.isPending || undoing.isPending,
    error: submission.error ?? undoing.error,
    clearError: () => { submission.reset(); undoing.reset(); },
  }), [items, stop, item, flag, mutate, undo, last, submission, undoing]);
}
