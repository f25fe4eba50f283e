/** What runs on a host, for the person who is about to say how a database there is reached. */
import type { detectionMethods } from '#shared/contract/detection.ts';
import type { Handlers } from '../../dispatch/handlers.ts';
import type { EngineContext } from '../../engine-context.ts';
import { detect } from './detect.ts';

export function createDetectionRoom({ hosts, scrubber }: Pick<EngineContext, 'hosts' | 'scrubber'>): { handlers: Handlers<keyof typeof detectionMethods> } {
  return {
    handlers: {
      'host.detect': ({ hostId }, { signal }) => hosts.use(hostId, async (connection) => scrubber.scrub(await detect(connection, signal)), signal),
    },
  };
}
