/** Tells screens which areas changed, many small changes gathered into one message. */
import type { StreamItem } from '#shared/contract/index.ts';

type Change = StreamItem<'changes.follow'>;
export type Topic = Change['topics'][number];

export interface ChangeBus {
  changed(...topics: Topic[]): void;
  follow(signal: AbortSignal): AsyncIterable<Change>;
}

const gatherMs = 50;

export function createChangeBus(): ChangeBus {
  const followers = new Set<(topics: ReadonlySet<Topic>) => void>();
  let gathered = new Set<Topic>();
  let timer: NodeJS.Timeout | null = null;
  return {
    changed(...topics) {
      if (followers.size === 0) return;
      for (const topic of topics) gathered.add(topic);
      timer ??= setTimeout(() => {
        const all = gathered;
        gathered = new Set();
        timer = null;
        for (const follower of followers) follower(all);
      }, gatherMs).unref();
    },
    async *follow(signal) {
      let waiting = new Set<Topic>();
      let wake = () => {};
      const follower = (topics: ReadonlySet<Topic>) => {
        for (const topic of topics) waiting.add(topic);
        wake();
      };
      const stop = () => wake();
      followers.add(follower);
      signal.addEventListener('abort', stop, { once: true });
      try {
        while (!signal.aborted) {
          if (waiting.size > 0) {
            const topics = [...waiting];
            waiting = new Set();
            yield { topics };
            continue;
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        followers.delete(follower);
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
