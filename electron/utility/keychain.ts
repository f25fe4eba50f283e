/** The keychain as the engine knows it. Only the main process can reach it, so that it is asked over the parent port. */
import type { KeyWrapping } from '#engine/ports.ts';
import type { ToEngine } from '#shared/contract/desktop.ts';
import { tell, type ParentPort } from './parent-port.ts';

type Answer = Extract<ToEngine, { type: 'answer' }>;

export interface RemoteKeychain {
  wrapping: KeyWrapping;
  answer(answer: Answer): void;
}

export function createRemoteKeychain(port: Pick<ParentPort, 'postMessage'>, backend: string): RemoteKeychain {
  const waiting = new Map<string, { resolve: (value: Buffer) => void; reject: (error: Error) => void }>();
  let asked = 0;
  const ask = (what: 'wrap' | 'unwrap', bytes: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      asked += 1;
      const id = String(asked);
      waiting.set(id, { resolve, reject });
      tell(port, { type: 'ask', id, what, value: bytes.toString('base64') });
    });
  return {
    wrapping: { backend, wrap: (key) => ask('wrap', key), unwrap: (wrapped) => ask('unwrap', wrapped) },
    answer({ id, value, problem }) {
      const asker = waiting.get(id);
      waiting.delete(id);
      if (value === null) asker?.reject(new Error(problem ?? 'The keychain gave no answer.'));
      else asker?.resolve(Buffer.from(value, 'base64'));
    },
  };
}
