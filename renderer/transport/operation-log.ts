/** The story of one operation as it arrives, kept outside React so that a hundred thousand lines cost no copies. */
import type { EngineClient } from '#shared/contract/index.ts';
import type { OperationEvent } from '#shared/contract/operations.ts';
import { isPilothouseError, toErrorShape, type ErrorShape } from '#shared/domain/errors.ts';
import type { Connection } from './connection.ts';

export type ProgressEvent = Extract<OperationEvent, { kind: 'progress' }>;
export type PhaseEvent = Extract<OperationEvent, { kind: 'phase' }>;
export type PromptEvent = Extract<OperationEvent, { kind: 'prompt' }>;
export type ResultEvent = Extract<OperationEvent, { kind: 'result' }>;
export type LineEvent = Exclude<OperationEvent, { kind: 'progress' }>;

export interface OperationLog {
  /** Grows at its end only; read it together with `version`. */
  lines: readonly LineEvent[];
  phases: readonly PhaseEvent[];
  progress: ProgressEvent | null;
  prompt: PromptEvent | null;
  result: ResultEvent | null;
  /** Why nothing more arrives, where that is not the operation's own end. */
  error: ErrorShape | null;
  version: number;
}

export interface LogFollower {
  snapshot(): OperationLog;
  subscribe(listener: () => void): () => void;
  stop(): void;
}

const empty: OperationLog = { lines: [], phases: [], progress: null, prompt: null, result: null, error: null, version: 0 };

/** Follows an operation from its first event; after a lost connection it goes on from the last event it has. */
export function followOperation(engine: EngineClient, connection: Pick<Connection, 'whenOpen'>, operationId: string): LogFollower {
  const lines: LineEvent[] = [];
  const phases: PhaseEvent[] = [];
  const listeners = new Set<() => void>();
  const leaving = new AbortController();
  let current: OperationLog = empty;
  let lastSeq = 0;
  let scheduled = 0;

  const publish = (change: Partial<OperationLog>): void => {
    current = { ...current, ...change, lines, phases, version: current.version + 1 };
    if (scheduled !== 0) return;
    scheduled = window.requestAnimationFrame(() => {
      scheduled = 0;
      for (const listener of listeners) listener();
    });
  };
  const take = (events: readonly OperationEvent[]): void => {
    let { progress, prompt, result } = current;
    for (const event of events) {
      if (event.seq <= lastSeq) continue;
      lastSeq = event.seq;
      if (event.kind === 'progress') {
        progress = event;
        continue;
      }
      lines.push(event);
      if (event.kind === 'phase') phases.push(event);
      if (event.kind === 'prompt') prompt = event;
      else if (event.kind === 'phase' || event.kind === 'result') prompt = null;
      if (event.kind === 'result') result = event;
    }
    publish({ progress, prompt, result, error: null });
  };
  const run = async (): Promise<void> => {
    while (!leaving.signal.aborted && current.result === null) {
      try {
        await connection.whenOpen(leaving.signal);
        for await (const item of engine.follow('operation.follow', { operationId, afterSeq: lastSeq }, { signal: leaving.signal })) take(item.events);
        if (current.result === null) return; // It ended in an earlier life of the engine; the operation itself says how.
      } catch (error) {
        if (leaving.signal.aborted) return;
        if (isPilothouseError(error) && error.code === 'contract.disconnected') continue;
        publish({ error: toErrorShape(error, '') });
        return;
      }
    }
  };
  void run();

  return {
    snapshot: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => {
      leaving.abort();
      window.cancelAnimationFrame(scheduled);
    },
  };
}
