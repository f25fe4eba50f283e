import { useMutation, type UseMutationOptions, type UseMutationResult } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';

/** What is done is drawn within this time, and takes its button away with it. */
const drawnMs = 100;

/**
 * A mutation of which no second starts while the first of the same input is under way: a double click is one click. A
 * disabled button comes with the next drawing, which is too late for the second click of two.
 */
export function useSubmission<Data, Input = void>(options: UseMutationOptions<Data, ErrorShape, Input>): UseMutationResult<Data, ErrorShape, Input> {
  const underWay = useRef(new Set<string>());
  const { mutationFn } = options;
  const mutation = useMutation<Data, ErrorShape, Input>({
    ...options,
    mutationFn: async (input, context) => {
      const key = JSON.stringify(input ?? null);
      try {
        if (mutationFn === undefined) throw new Error('A submission needs something that it does.');
        const data = await mutationFn(input, context);
        window.setTimeout(() => underWay.current.delete(key), drawnMs);
        return data;
      } catch (error) {
        underWay.current.delete(key);
        throw error;
      }
    },
  });
  const { mutate } = mutation;
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
