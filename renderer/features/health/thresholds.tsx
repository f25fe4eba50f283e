import { useState } from 'react';
import type { CheckInfo } from '#shared/contract/health.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { measured } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';

/** Empty means no limit; anything that is no number is told so. */
function limitOf(text: string): number | null | undefined {
  if (text.trim() === '') return null;
  const value = Number(text.replace(',', '.'));
  return Number.isFinite(value) ? value : undefined;
}

function Row({ system, check }: { system: System; check: CheckInfo }) {
  const own = system.policy.thresholds[check.id];
  const [warn, setWarn] = useState(String(own?.warn ?? check.warn ?? ''));
  const [critical, setCritical] = useState(String(own?.critical ?? check.critical ?? ''));
  const set = useCommand('health.setThreshold');
  const limits = { warn: limitOf(warn), critical: limitOf(critical) };
  const sound = limits.warn !== undefined && limits.critical !== undefined;
  const changed = limits.warn !== (own?.warn ?? check.warn) || limits.critical !== (own?.critical ?? check.critical);
  const save = () => {
    if (limits.warn !== undefined && limits.critical !== undefined) set.mutate({ systemId: system.id, check: check.id, threshold: { warn: limits.warn, critical: limits.critical } });
  };
  return (
    <tr>
      <th scope="row">{check.title}<div className="t3 xs">{check.unit === 'none' ? '' : check.unit}, {check.source}</div></th>
      <td><input className="input limit" aria-label={`Warn limit of ${check.title}`} aria-invalid={limits.warn === undefined} value={warn} onChange={(event) => setWarn(event.target.value)} /></td>
      <td><input className="input limit" aria-label={`Critical limit of ${check.title}`} aria-invalid={limits.critical === undefined} value={critical} onChange={(event) => setCritical(event.target.value)} /></td>
      <td>
        <div className="actions">
          {own === undefined ? null : (
            <Button look="quiet" size="sm" aria-label={`Take the catalogue's limits for ${check.title}`} onClick={() => set.mutate({ systemId: system.id, check: check.id, threshold: null }, { onSuccess: () => { setWarn(String(check.warn ?? '')); setCritical(String(check.critical ?? '')); } })}>
              Back to {check.warn === null ? 'none' : measured(check.warn, check.unit)}
            </Button>
          )}
          <Button size="sm" disabled={!changed || !sound || set.isPending} onClick={save} aria-label={`Save limits of ${check.title}`}>Save</Button>
        </div>
        {set.error === null ? null : <ErrorPanel error={set.error} />}
      </td>
    </tr>
  );
}

/** The limits of this system: the catalogue's, or its own. They count from the next run on. */
export function Thresholds({ system, onClose }: { system: System; onClose: () => void }) {
  const catalogue = useMethod('health.catalogue', {}, { freshMs: Infinity });
  return (
    <Dialog title={`Thresholds of ${system.name}`} environment={system.environment} onClose={onClose} size={760}>
      <p className="t2">They count from the next run on. Empty means no limit.</p>
      <Loaded query={catalogue} what="the checks">
        {({ checks }) => (
          <div className="panel scroll" style={{ maxHeight: '60vh' }} tabIndex={0} role="group" aria-label="Limits">
            <table>
              <thead><tr><th scope="col">Check</th><th scope="col">Warn</th><th scope="col">Critical</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
              <tbody>{checks.filter((check) => check.warn !== null || check.critical !== null).map((check) => <Row key={check.id} system={system} check={check} />)}</tbody>
            </table>
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}
