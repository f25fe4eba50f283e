import { useCallback, useEffect, useRef, useState } from 'react';
import { Link } from 'wouter';
import type { StreamItem } from '#shared/contract/index.ts';
import type { Operation } from '#shared/contract/operations.ts';
import { isFinished } from '#shared/domain/operation-state.ts';
import { CloseButton } from '../components/button.tsx';
import { prose } from '../components/format.ts';
import { OperationGlyph } from '../components/state.tsx';
import { paths } from '../components/paths.ts';
import { useEngine } from '../transport/engine-context.ts';

const shownMs = 8000;
/** Operations that ended longer ago are no news. */
const newsMs = 60_000;

function failed(operation: Operation): boolean {
  return operation.state === 'failed' || operation.state === 'interrupted';
}

/** Watches for work that ends while one is on another screen. */
export function useToasts(): { toasts: readonly Operation[]; announce: (change: StreamItem<'changes.follow'>) => void; close: (id: string) => void } {
  const engine = useEngine();
  const [toasts, setToasts] = useState<readonly Operation[]>([]);
  const running = useRef(new Set<string>());
  const told = useRef(new Set<string>());
  const close = useCallback((id: string) => setToasts((before) => before.filter((operation) => operation.id !== id)), []);
  const announce = useCallback(
    (change: StreamItem<'changes.follow'>) => {
      const { operationId } = change;
      if (operationId === undefined || told.current.has(operationId)) return;
      const look = async (): Promise<void> => {
        const { operation } = await engine.call('operation.get', { operationId });
        if (!isFinished(operation.state)) {
          running.current.add(operationId);
          return;
        }
        if (told.current.has(operationId)) return;
        told.current.add(operationId);
        const known = running.current.delete(operationId);
        const recent = operation.endedAt !== null && Date.now() - Date.parse(operation.endedAt) < newsMs;
        const onScreen = window.location.hash.includes(operationId) || document.querySelector(`[data-watching="${CSS.escape(operationId)}"]`) !== null;
        if ((known || recent) && !onScreen) setToasts((before) => [...before, operation].slice(-4));
      };
      look().catch(() => {
        // A toast is a courtesy; the list of operations says the same when the engine answers again.
      });
    },
    [engine],
  );
  return { toasts, announce, close };
}

function Toast({ operation, onClose }: { operation: Operation; onClose: () => void }) {
  const stays = failed(operation);
  useEffect(() => {
    if (stays) return;
    const timer = window.setTimeout(onClose, shownMs);
    return () => window.clearTimeout(timer);
  }, [stays, onClose]);
  return (
    <div className="toast" role="status">
      <OperationGlyph state={operation.state} />
      <div>
        <p className="medium">{prose(operation.title)}</p>
        <p className="t2 xs">
          {prose(operation.summary ?? operation.error?.message ?? '')} <Link to={paths.operation(operation.id)} onClick={onClose}>Open</Link>
        </p>
      </div>
      <CloseButton onClick={onClose} />
    </div>
  );
}

/** Only for finished background work; what failed stays until it is closed. */
export function Toasts({ toasts, onClose }: { toasts: readonly Operation[]; onClose: (id: string) => void }) {
  return (
    <div className="toasts">
      {toasts.map((operation) => <Toast key={operation.id} operation={operation} onClose={() => onClose(operation.id)} />)}
    </div>
  );
}
