import { useMutation, type UseMutationOptions, type UseMutationResult } from '@tanstack/react-query';
import { useEffect, useMemo, useRef } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';

/**
 * A mutation of which no second starts while the first of the same input is under way: a double click is one click. A
 * disabled button comes with the next drawing, which is too late for the second click of two. Nor does one start before
 * the end of the first is drawn, which takes its button away with it; what is asked for afterwards is asked for anew.
 */
export function useSubmission<Data, Input = void>(options: UseMutationOptions<Data, ErrorShape, Input>): UseMutationResult<Data, ErrorShape, Input> {
  const underWay = useRef(new Set<string>());
  const done = useRef(new Set<string>());
  const { mutationFn } = options;
  const mutation = useMutation<Data, ErrorShape, Input>({
    ...options,
    mutationFn: async (input, context) => {
      const key = JSON.stringify(input ?? null);
      try {
        if (mutationFn === undefined) throw new Error('A submission needs something that it does.');
        const data = await mutationFn(input, context);
        done.current.add(key);
        return data;
      } catch (error) {
        underWay.current.delete(key);
        throw error;
      }
    },
  });
  const { mutate, isPending } = mutation;
  useEffect(() => {
    if (isPending) return;
    for (const key of done.current) underWay.current.delete(key);
    done.current.clear();
  });
  const mutateOnce = useMemo<typeof mutate>(
    () => (...args) => {
      const key = JSON.stringify(args[0] ?? null);
      if (underWay.current.has(key)) return;
      underWay.current.add(key);
      mutate(...args);
    },
    [mutate],
  );
  return { ...mutation, mutate: mutateOnce };
}
