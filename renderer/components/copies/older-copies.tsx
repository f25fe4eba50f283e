import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { count } from '../format.ts';
import type { Copies } from './use-copies.ts';

/** Where a list was cut: says so, and goes on. */
export function OlderCopies({ copies: { query, backups, total } }: { copies: Copies }) {
  if (!query.hasNextPage) return null;
  return (
    <>
      {query.isFetchNextPageError ? <ErrorPanel error={query.error} title="Older ones could not be read." /> : null}
      <p className="note row">
        <span className="grow">The newest {count(backups.length)} of {count(total)}</span>
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Show older ones</Button>
      </p>
    </>
  );
}
