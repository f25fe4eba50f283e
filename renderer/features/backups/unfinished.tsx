import { LinkButton } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { count } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { UnfinishedActions, UnfinishedFacts } from '../../components/unfinished.tsx';
import { useMethod } from '../../transport/use-method.ts';

/** Backups of a system that were interrupted, and whose dumps wait on hosts. Nothing where there are none; that there are none is known only where they could be read. */
export function Unfinished({ systemId }: { systemId: string }) {
  const query = useMethod('backup.unfinished', {});
  if (query.error !== null) return <ErrorPanel error={query.error} title="Whether interrupted backups wait on hosts could not be read." onRetry={() => void query.refetch()} />;
  const dumps = query.data?.dumps.filter((dump) => dump.systemId === systemId) ?? [];
  if (dumps.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="unfinished">
      <header><h2 id="unfinished">Unfinished <span className="count">{count(dumps.length)}</span></h2><span className="t3 xs">interrupted backups whose dumps are on a host</span></header>
      <ul className="plans">
        {dumps.map((dump) => (
          <li key={dump.operationId}>
            <div className="grow stack tight">
              <p className="medium break">{dump.database} on {dump.host}</p>
              <UnfinishedFacts dump={dump} withLook />
            </div>
            <LinkButton look="quiet" to={paths.operation(dump.continuedBy ?? dump.operationId)} aria-label={`Open the log of the backup of ${dump.database} on ${dump.host}`}>Log</LinkButton>
            <UnfinishedActions dump={dump} />
          </li>
        ))}
      </ul>
    </section>
  );
}
