import type { Settings } from '#shared/contract/app.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useCommand, useMethod, type MethodQuery } from '../../transport/use-method.ts';

/** The settings and a way to change a part of them. */
export function useSettings(): { query: MethodQuery<'settings.get'>; change: (part: Partial<Settings>) => void; error: ErrorShape | null; saving: boolean } {
  const query = useMethod('settings.get', {});
  const set = useCommand('settings.set');
  return { query, change: (settings) => set.mutate({ settings }), error: set.error, saving: set.isPending };
}
