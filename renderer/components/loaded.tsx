import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Age } from './age.tsx';
import { Button } from './button.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { Glyph } from './icons.tsx';

const patienceMs = 10_000;

/** Bars in the shape of the rows that come; after ten seconds a sentence says what is waited for. */
export function SkeletonRows({ what, rows = 5, columns = [86, 120, 160, 60] }: { what: string; rows?: number; columns?: readonly number[] }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), patienceMs);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <div className="panel" aria-busy="true">
      <span className={late ? 'note' : 'vh'} role="status" style={late ? { display: 'block', padding: 16 } : undefined}>
        {late ? `Still waiting for ${what}. The engine has not answered for 10 s.` : `Loading ${what}`}
      </span>
      <table aria-hidden>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            <tr key={row} style={{ height: 34 }}>
              {columns.map((width, column) => (
                <td key={column}>
                  <span className="sk" style={{ width: width + ((row * 17 + column * 7) % 3) * 9 }} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Props<Data> {
  query: UseQueryResult<Data, ErrorShape>;
  /** What is waited for, in words: "the backups". */
  what: string;
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}

/** The answer of a query; while it fails, what was last seen with its age; while there is nothing yet, its outline. */
export function Loaded<Data>({ query, what, skeleton, children }: Props<Data>) {
  const retry = () => void query.refetch();
  // A further part that could not be read makes nothing here older; it is said where it was asked for.
  const onlyFurther = 'isFetchNextPageError' in query && query.isFetchNextPageError === true;
  if (query.data === undefined) {
    if (query.error !== null) return <ErrorPanel error={query.error} onRetry={retry} />;
    return skeleton ?? <SkeletonRows what={what} />;
  }
  return (
    <>
      {query.error === null || onlyFurther ? null : (
        <div className="tint warn row" role="status">
          <Glyph kind="warn" small />
          <span className="grow">
            This was last seen <Age at={new Date(query.dataUpdatedAt).toISOString()} stale />. {query.error.message} <span className="mono">{query.error.code}</span>
          </span>
          <Button onClick={retry}>Try now</Button>
        </div>
      )}
      {children(query.data)}
    </>
  );
}
