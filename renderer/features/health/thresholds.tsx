import { Fragment, useState } from 'react';
import type { CheckInfo, LimitInUse } from '#shared/contract/health.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { limitSource, limitUnit, measured } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { typedFigure } from '../../components/typed-figure.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';

/** Empty means no limit; anything that is no number is told so. */
function limitOf(text: string, factor: number): number | null | undefined {
  if (text.trim() === '') return null;
  const value = typedFigure(text);
  return value === null ? undefined : value * factor;
}

/** A limit as it is written in the field, in units of `factor`. */
function written(limit: number | null, factor: number): string {
  return limit === null ? '' : String(Number((limit / factor).toFixed(3)));
}

interface LimitProps {
  label: string;
  text: string;
  unit: string;
  wrong: boolean;
  onChange: (text: string) => void;
}

function LimitField({ label, text, unit, wrong, onChange }: LimitProps) {
  return (
    <span className="limit-field">
      <input className="input limit" aria-label={unit === '' ? label : `${label}, in ${unit}`} aria-invalid={wrong} value={text} onChange={(event) => onChange(event.target.value)} />
      <span className="t3 xs" aria-hidden>{unit}</span>
    </span>
  );
}

/** Limits that count without what a person set for the check, and whose they are. */
type Otherwise = Pick<LimitInUse, 'warn' | 'critical' | 'item'>;

function Row({ system, check, kept, isOwn, otherwise }: { system: System; check: CheckInfo; kept: Pick<LimitInUse, 'warn' | 'critical'>; isOwn: boolean; otherwise: Otherwise }) {
  const unit = limitUnit(check.unit, [check.warn, check.critical]);
  const before = { warn: written(kept.warn, unit.factor), critical: written(kept.critical, unit.factor) };
  const [warn, setWarn] = useState(before.warn);
  const [critical, setCritical] = useState(before.critical);
  const set = useCommand('health.setThreshold');
  // A field that nobody touched keeps its limit exactly, however its figure was rounded to be read.
  const limits = { warn: warn === before.warn ? kept.warn : limitOf(warn, unit.factor), critical: critical === before.critical ? kept.critical : limitOf(critical, unit.factor) };
  const sound = limits.warn !== undefined && limits.critical !== undefined;
  const changed = warn !== before.warn || critical !== before.critical;
  const save = () => {
    if (limits.warn !== undefined && limits.critical !== undefined) set.mutate({ systemId: system.id, check: check.id, threshold: { warn: limits.warn, critical: limits.critical } });
  };
  return (
    <tr>
      <th scope="row">{check.title}<div className="t3 xs">{isOwn ? 'set here' : otherwise.item === null ? limitSource(check.source) : `of the threshold “${otherwise.item.title}”`}</div></th>
      <td><LimitField label={`Warn limit of ${check.title}`} text={warn} unit={unit.word} wrong={limits.warn === undefined} onChange={setWarn} /></td>
      <td><LimitField label={`Critical limit of ${check.title}`} text={critical} unit={unit.word} wrong={limits.critical === undefined} onChange={setCritical} /></td>
      <td>
        <div className="actions">
          {isOwn ? (
            <Button look="quiet" size="sm" aria-label={`Take the ${otherwise.item === null ? 'catalogue' : 'system'}'s limits for ${check.title}`} onClick={() => set.mutate({ systemId: system.id, check: check.id, threshold: null }, { onSuccess: () => { setWarn(written(otherwise.warn, unit.factor)); setCritical(written(otherwise.critical, unit.factor)); } })}>
              Back to {otherwise.warn === null ? 'none' : measured(otherwise.warn, check.unit)}
            </Button>
          ) : null}
          <Button size="sm" disabled={!changed || !sound || set.isPending} onClick={save} aria-label={`Save limits of ${check.title}`}>Save</Button>
        </div>
        {set.error === null ? null : <ErrorPanel error={set.error} />}
      </td>
    </tr>
  );
}

/** The limits of this system: the catalogue's, those of its thresholds, or what was set here. They count from the next run on. */
export function Thresholds({ system, onClose }: { system: System; onClose: () => void }) {
  const catalogue = useMethod('health.catalogue', {}, { freshMs: Infinity });
  const limits = useMethod('health.limits', { systemId: system.id });
  return (
    <Dialog title={`Thresholds of ${system.name}`} environment={system.environment} onClose={onClose} size={760}>
      <p className="t2">They count from the next run on. Empty means no limit.</p>
      <Loaded query={catalogue} what="the checks">
        {({ checks }) => (
          <Loaded query={limits} what="the limits">
            {(inUse) => (
              <div className="panel scroll" style={{ maxHeight: '60vh' }} tabIndex={0} role="group" aria-label="Limits">
                <table>
                  <thead><tr><th scope="col">Check</th><th scope="col">Warn</th><th scope="col">Critical</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
                  <tbody>
                    {[{ of: 'Postgres', these: checks.filter(({ sql }) => sql !== null) }, { of: 'Hosts', these: checks.filter(({ script }) => script !== null) }, { of: 'Endpoints', these: checks.filter(({ sql, script }) => sql === null && script === null) }].map(({ of, these }) => (
                      <Fragment key={of}>
                        <tr><th scope="colgroup" colSpan={4} className="t2">{of}</th></tr>
                        {these.filter((check) => check.warn !== null || check.critical !== null).flatMap((check) => inUse.limits.filter((each) => each.check === check.id).map((each) => <Row key={check.id} system={system} check={check} kept={each} isOwn={each.from === 'own'} otherwise={each.otherwise} />))}
                      </Fragment>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Loaded>
        )}
      </Loaded>
    </Dialog>
  );
}
