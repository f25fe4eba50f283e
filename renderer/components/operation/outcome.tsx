import type { Operation } from '#shared/contract/operations.ts';
import { useCommand } from '../../transport/use-method.ts';
import { Instant } from '../age.tsx';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { count, prose, span } from '../format.ts';
import { Tint } from '../state.tsx';

/** What came of an operation that is over: when, how long, and what to do about it where it did not go well. */
export function Outcome({ operation }: { operation: Operation }) {
  const acknowledge = useCommand('operation.acknowledge');
  const { startedAt, endedAt } = operation;
  const unseen = !operation.acknowledged && (operation.state === 'failed' || operation.state === 'interrupted');
  const seen = unseen ? <Button needsEngine disabled={acknowledge.isPending} onClick={() => acknowledge.mutate({ operationId: operation.id })}>Mark as seen</Button> : null;
  return (
    <>
      {operation.error !== null && operation.state !== 'cancelled' ? <ErrorPanel error={operation.error}>{seen}</ErrorPanel> : null}
      {operation.advice === null ? null : (
        <Tint kind={operation.state === 'interrupted' ? 'unknown' : 'warn'}>
          <div className="row wrap"><p className="grow">{prose(operation.advice)}</p>{operation.error === null ? seen : null}</div>
        </Tint>
      )}
      {acknowledge.error === null ? null : <ErrorPanel error={acknowledge.error} title="It could not be marked as seen." />}
      <dl className="stats">
        {startedAt === null ? null : <div><dt>Started</dt><dd><Instant at={startedAt} zone /></dd></div>}
        {endedAt === null ? null : <div><dt>Ended</dt><dd><Instant at={endedAt} zone /></dd></div>}
        {startedAt === null || endedAt === null ? null : <div><dt>Took</dt><dd>{span(Date.parse(endedAt) - Date.parse(startedAt))}</dd></div>}
        {/* Without any nothing is said of them: the log counts its lines, and some that are warn or worse came to nothing. */}
        {operation.warnings === 0 ? null : <div><dt>Warnings</dt><dd>{count(operation.warnings)}</dd></div>}
      </dl>
    </>
  );
}
