import type { HealthState } from '#shared/domain/health-state.ts';

const width = 96;
const height = 22;
const inset = 2;

/** The last values in one line, the limit dashed, the last point in the state's colour. For the eye only: figures stand beside it. */
export function Spark({ values, limit, state }: { values: readonly (number | null)[]; limit: number | null; state: HealthState }) {
  const known = values.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  if (known.length < 2) return <span aria-hidden style={{ width }} />;
  const all = known.map(({ value }) => value).concat(limit === null ? [] : [limit]);
  const low = Math.min(...all);
  const reach = Math.max(...all) - low || 1;
  const x = (index: number) => inset + (index / Math.max(1, values.length - 1)) * (width - 2 * inset - 2);
  const y = (value: number) => height - 4 - ((value - low) / reach) * (height - 6);
  const last = known.at(-1);
  return (
    <svg className={`spark ${state}`} width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden>
      {limit === null ? null : <path className="lim" d={`M0 ${y(limit).toFixed(1)}H${width}`} />}
      <path d={known.map(({ value, index }, order) => `${order === 0 ? 'M' : 'L'}${x(index).toFixed(1)} ${y(value).toFixed(1)}`).join('')} />
      {last === undefined ? null : <circle cx={x(last.index)} cy={y(last.value)} r={2.5} />}
    </svg>
  );
}
