import { useEffect, useRef } from 'react';
import type { HostFindings } from '#shared/contract/detection.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';

export interface Detection {
  findings: HostFindings | null;
  error: ErrorShape | null;
  busy: boolean;
  look: () => void;
}

/**
 * What runs on a host, looked for once it is asked for.
 * @param unasked whether nobody has to ask for the first look
 */
export function useDetection(host: Host | undefined, unasked: boolean): Detection {
  const engine = useEngine();
  /** The host that is looked at, or was with success: that it was reached then is no reason to look once more. */
  const looked = useRef<string | undefined>(undefined);
  const { mutate, reset, data, error, isPending, variables } = useSubmission<HostFindings, string>({ mutationFn: (hostId) => engine.call('host.detect', { hostId }), onError: () => { looked.current = undefined; } });
  const hostId = host?.id;
  useEffect(() => {
    looked.current = undefined;
    reset();
  }, [hostId, reset]);
  useEffect(() => {
    if (hostId === undefined || !unasked || looked.current === hostId) return;
    looked.current = hostId;
    mutate(hostId);
  }, [hostId, unasked, mutate]);
  // What another host had says nothing about this one.
  const ours = variables === hostId;
  return { findings: ours ? (data ?? null) : null, error: ours ? error : null, busy: ours && isPending, look: () => { if (hostId !== undefined) { looked.current = hostId; mutate(hostId); } } };
}
