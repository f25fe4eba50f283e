import type { HealthUnit } from '#shared/contract/health.ts';
import type { ItemOf } from '#shared/contract/items.ts';
import { measured, span } from '../../components/format.ts';
import { useMethod } from '../../transport/use-method.ts';
import { ItemActions, Section, Standing, useHandbook, useItems } from './frame.tsx';

const known: Record<HealthUnit, true> = { percent: true, ms: true, seconds: true, bytes: true, count: true, hours: true, days: true, 'bytes-per-hour': true, 'per-minute': true, version: true, none: true };
const isKnown = (unit: string): unit is HealthUnit => Object.hasOwn(known, unit);

function figure(value: number | null, unit: string): string {
  if (value === null) return 'none';
  return isKnown(unit) ? measured(value, unit) : `${value} ${unit}`;
}

function useDrivesWords(): (drives: ItemOf<'threshold'>['drives']) => string {
  const catalogue = useMethod('health.catalogue', {}, { freshMs: Infinity });
  return (drives) => {
    switch (drives.kind) {
      case 'check':
        return `the check ${catalogue.data?.checks.find(({ id }) => id === drives.check)?.title ?? drives.check}`;
      case 'endpoints':
        return `the time of ${drives.keys.join(', ')}`;
      case 'backup-age':
        return 'the age of the newest proven copy';
      default:
        return 'what people do';
    }
  };
}

/** Figures from which on something is wrong, and what goes by them. */
export function Limits() {
  const thresholds = useItems('threshold');
  const { system } = useHandbook();
  const wordsOf = useDrivesWords();
  return (
    <Section id="limits" title="Thresholds" kind="threshold" count={thresholds.length} empty="None of its own: checks go by the catalogue's limits, and by those that were set in Health, Thresholds.">
      <div className="scroll">
        <table aria-labelledby="limits">
          <thead><tr><th scope="col">What</th><th scope="col" className="num">Warn</th><th scope="col" className="num">Critical</th><th scope="col">Drives</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
          <tbody>
            {thresholds.map((item) => {
              const { value } = item;
              const sign = value.lowerIsWorse ? '< ' : '> ';
              const set = value.drives.kind === 'check' ? system.policy.thresholds[value.drives.check] : undefined;
              return (
                <tr key={item.key}>
                  <th scope="row"><span className="row wrap">{value.title}<Standing item={item} /></span><span className="t3 xs under break">{[value.text, value.forMs === null ? '' : `For ${span(value.forMs)}.`].filter((part) => part !== '').join(' ')}</span></th>
                  <td className="num nowrap">{value.warn === null ? <span className="t3">none</span> : `${sign}${figure(value.warn, value.unit)}`}</td>
                  <td className="num nowrap">{value.critical === null ? <span className="t3">none</span> : `${sign}${figure(value.critical, value.unit)}`}</td>
                  <td className="break">{wordsOf(value.drives)}{set === undefined ? null : <span className="t3 xs under">Set otherwise in Health, Thresholds: those count</span>}</td>
                  <td><ItemActions item={item} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
