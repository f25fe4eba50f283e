import { useState } from 'react';
import type { HealthResult } from '#shared/contract/health.ts';
import { compareHealth } from '#shared/domain/health-state.ts';
import { Dialog } from '../../components/dialog.tsx';
import { SelectField } from '../../components/field.tsx';
import { localStamp, plainText } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { State } from '../../components/state.tsx';
import { healthWords } from '../../components/words.ts';
import { useMethod } from '../../transport/use-method.ts';

interface Change {
  key: string;
  title: string;
  target: string;
  before: HealthResult | null;
  after: HealthResult | null;
}

/** What differs between two runs, worst now first. */
function changesBetween(before: readonly HealthResult[], after: readonly HealthResult[]): Change[] {
  const keyOf = (result: HealthResult) => `${result.check} ${result.hostId ?? ''} ${result.target}`;
  const old = new Map(before.map((result) => [keyOf(result), result]));
  const fresh = new Map(after.map((result) => [keyOf(result), result]));
  return [...new Set([...fresh.keys(), ...old.keys()])]
    .flatMap((key): Change[] => {
      const was = old.get(key) ?? null;
      const is = fresh.get(key) ?? null;
      const any = is ?? was;
      return any === null || was?.status === is?.status ? [] : [{ key, title: any.title, target: any.target, before: was, after: is }];
    })
    .sort((a, b) => compareHealth(a.after?.status ?? 'skipped', b.after?.status ?? 'skipped'));
}

function Side({ result }: { result: HealthResult | null }) {
  if (result === null) return <span className="t3">not there</span>;
  return <><State kind={result.status} /><span>{plainText(result.summary)}</span></>;
}

const reading = <p className="t2" role="status">Reading both runs.</p>;

/** Two runs beside each other: only what changed. */
export function CompareRuns({ systemId, onClose }: { systemId: string; onClose: () => void }) {
  const runs = useMethod('health.runs', { systemId, limit: 50 });
  const [pair, setPair] = useState<{ before: string; after: string } | null>(null);
  const list = runs.data?.runs ?? [];
  const beforeId = pair?.before ?? list[1]?.id ?? '';
  const afterId = pair?.after ?? list[0]?.id ?? '';
  const before = useMethod('health.run', { runId: beforeId }, { enabled: beforeId !== '' });
  const after = useMethod('health.run', { runId: afterId }, { enabled: afterId !== '' });
  const options = list.map((run) => ({ value: run.id, label: `${localStamp(run.startedAt)}, ${healthWords[run.status].toLowerCase()}` }));
  return (
    <Dialog title="Compare two runs" onClose={onClose} size={760}>
      <Loaded query={runs} what="the runs">
        {() =>
          list.length < 2 ? <p className="t2">There is one run so far. After the next one they can be compared.</p> : (
            <div className="stack wide">
              <div className="row at-top">
                <div className="grow"><SelectField label="Before" value={beforeId} options={options} onChange={(value) => setPair({ before: value, after: afterId })} /></div>
                <div className="grow"><SelectField label="After" value={afterId} options={options} onChange={(value) => setPair({ before: beforeId, after: value })} /></div>
              </div>
              <Loaded query={before} what="the run before" skeleton={reading}>
                {({ results: was }) => (
                  <Loaded query={after} what="the run after" skeleton={reading}>
                    {({ results: is }) => <Changes changes={changesBetween(was, is)} same={is.length} />}
                  </Loaded>
                )}
              </Loaded>
            </div>
          )
        }
      </Loaded>
    </Dialog>
  );
}

function Changes({ changes, same }: { changes: readonly Change[]; same: number }) {
  if (changes.length === 0) return <p className="t2">No state changed between them, over {same} results.</p>;
  return (
    <div className="panel scroll">
      <table aria-label="Changes">
        <thead><tr><th scope="col">Check</th><th scope="col">Before</th><th scope="col">After</th></tr></thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.key}><th scope="row">{change.title}<div className="t3 xs">{plainText(change.target)}</div></th><td className="two"><Side result={change.before} /></td><td className="two"><Side result={change.after} /></td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
