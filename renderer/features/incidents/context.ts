/** What all parts of one incident's screen share: how it stands, and the way to do something. */
import { useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { createContext, use, useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { IncidentActInput, IncidentView } from '#shared/contract/incidents.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { createKeptId } from './kept-id.ts';

export type IncidentDialog =
  | { kind: 'more' | 'severity' | 'update' | 'escalate' | 'report' }
  | { kind: 'say'; act: 'respond' | 'mitigate' | 'resolve' | 'close' | 'reopen' | 'pause' | 'resume' }
  | { kind: 'assign'; role: string }
  | { kind: 'correct'; seq: number; said: string };

export interface Shown {
  view: IncidentView;
  ask(dialog: IncidentDialog): void;
  /** Said once somebody else was faster. */
  onStale(): void;
}

export const IncidentContext = createContext<Shown | null>(null);

export function useIncident(): Shown {
  const shown = use(IncidentContext);
  if (shown === null) throw new Error('No incident is provided above this component.');
  return shown;
}

type Answer = MethodOutput<'incident.act'>;

/** Contradict nothing that somebody else may have done meanwhile: they are sent again as the incident stands then. */
const independent: ReadonlySet<IncidentActInput['kind']> = new Set(['note', 'update', 'link', 'correct', 'escalate']);
const attempts = 4;

/** An act without words is another one once the incident was seen to go on; words are the same ones whatever happens meanwhile. */
const whatIs = (act: IncidentActInput, seq: number): string => JSON.stringify(Object.keys(act).length === 1 ? [act, seq] : [act]);

/** Does something in the incident, once, also where no answer came and it is pressed again. It is pending until the answer is on screen, so that nothing is pressed in between. */
export function useIncidentAct(onDone?: () => void): UseMutationResult<Answer, ErrorShape, IncidentActInput> {
  const { view, onStale } = useIncident();
  const engine = useEngine();
  const queries = useQueryClient();
  const { id, seq } = view.incident;
  const [kept] = useState(() => createKeptId(() => crypto.randomUUID()));
  const submission = useSubmission<Answer, IncidentActInput>({
    mutationFn: async (act) => {
      const commandId = kept.of(whatIs(act, seq));
      let expectedSeq = seq;
      for (let attempt = 1; ; attempt += 1) {
        const answer = await engine.call('incident.act', { incidentId: id, expectedSeq, commandId, act });
        if (answer.outcome === 'stale' && independent.has(act.kind) && attempt < attempts) {
          expectedSeq = answer.seq;
          continue;
        }
        if (answer.outcome !== 'stale') kept.forget();
        await queries.invalidateQueries({ predicate: ({ queryKey: [method] }) => typeof method === 'string' && (method.startsWith('incident.') || method === 'overview.get') });
        return answer;
      }
    },
    onSuccess: ({ outcome }) => {
      if (outcome === 'stale') onStale();
      else onDone?.();
    },
  });
  const { reset } = submission;
  return {
    ...submission,
    reset: () => {
      kept.forget();
      reset();
    },
  };
}
