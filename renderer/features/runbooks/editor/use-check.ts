import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../../transport/engine-context.ts';
import { askedFor, type Param, type Texts } from '../start/values.ts';

const typingPauseMs = 300;

/** `of`: the text that it is about. */
export type Checked = MethodOutput<'runbook.check'> & { of: string };

interface Check {
  /** Of the text that was looked at last, while a newer one is looked at. */
  checked: Checked | undefined;
  /** It is of the text that stands there now. */
  fresh: boolean;
  error: ErrorShape | null;
  retry: () => void;
  asked: Param[];
}

/** What is wrong in a text while it is written, and its steps. An answer about an older text is never taken for one about this. */
export function useCheck(text: string, texts: Texts): Check {
  const engine = useEngine();
  const [settled] = useDebouncedValue(text, typingPauseMs);
  const [typed] = useDebouncedValue(texts, typingPauseMs);
  const query = useQuery<Checked, ErrorShape>({
    queryKey: ['runbook-editor', settled, typed],
    queryFn: async ({ signal }) => {
      const first = await engine.call('runbook.check', { text: settled, bindings: {}, values: {} }, { signal });
      const { values } = askedFor(first.params, typed);
      // Defaults are known to the engine; only what was typed is worth a second look.
      const checked = Object.keys(typed).length === 0 ? first : await engine.call('runbook.check', { text: settled, bindings: {}, values }, { signal });
      return { ...checked, of: settled };
    },
    staleTime: Infinity,
    gcTime: 0,
    placeholderData: keepPreviousData,
  });
  const checked = query.data;
  return { checked, fresh: checked !== undefined && checked.of === text, error: query.error, retry: () => void query.refetch(), asked: checked === undefined ? [] : askedFor(checked.params, typed).asked };
}
