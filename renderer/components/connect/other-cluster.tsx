import { useId } from 'react';
import type { ConnectionTest, Database } from '#shared/contract/systems.ts';
import { foreignCluster, type ForeignCluster } from '#shared/domain/cluster-identity.ts';
import { TextField } from '../field.tsx';
import { Glyph } from '../icons.tsx';

/**
 * The cluster that answers in place of the one that is known, by what was looked at last: the test of what is typed,
 * else the last look at what is saved, which says nothing about an address that was changed since.
 */
export function otherCluster(database: Database | null, test: ConnectionTest | undefined, unchanged: boolean): ForeignCluster | null {
  if (database === null || database.systemIdentifier === null) return null;
  if (test === undefined) return unchanged ? foreignCluster(database.lastError) : null;
  // A test of a changed connection expects no cluster; what it found is compared here.
  const found = foreignCluster(test.error)?.found ?? test.server?.systemIdentifier ?? null;
  return found === null || found === database.systemIdentifier ? null : { expected: database.systemIdentifier, found };
}

interface Props {
  /** Enter in the field of the name saves this form. */
  form: string;
  label: string;
  cluster: ForeignCluster;
  accepted: boolean;
  typed: string;
  onAccept: (accepted: boolean) => void;
  onType: (name: string) => void;
}

/** Says that another cluster answers, which one, and what it means to accept it. Nothing is ticked beforehand. */
export function OtherCluster({ form, label, cluster, accepted, typed, onAccept, onType }: Props) {
  const heading = useId();
  return (
    <section className="tint warn stack" aria-labelledby={heading}>
      <p className="row"><Glyph kind="warn" small /><b className="strong" id={heading}>Another cluster answers for {label}</b></p>
      <dl className="kv">
        <dt>Expected</dt><dd className="mono">{cluster.expected}</dd>
        <dt>Answers</dt><dd className="mono">{cluster.found}</dd>
      </dl>
      <p className="t2">A server that was rebuilt, or upgraded by pg_upgrade, has another system identifier. If nothing of that kind was done, this connection leads to a wrong server: cancel, and find out where.</p>
      <label className="check"><input type="checkbox" checked={accepted} onChange={(event) => onAccept(event.target.checked)} /> It is another cluster, and that is meant</label>
      {accepted ? (
        <>
          <ul className="bul t2">
            <li>Pilothouse works on {cluster.found} from now on, and refuses {cluster.expected}</li>
            <li>Backups of the cluster before stay, but count for {label} no more: it needs a new one</li>
          </ul>
          <TextField label={<>Type its name: <b className="mono">{label}</b></>} mono form={form} value={typed} onChange={(event) => onType(event.target.value)} />
        </>
      ) : null}
    </section>
  );
}
