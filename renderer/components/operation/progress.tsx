import type { Operation, Plan } from '#shared/contract/operations.ts';
import type { OperationLog, ProgressEvent } from '../../transport/operation-log.ts';
import { useEngineNow } from '../age.tsx';
import { bytes, count, percent, span } from '../format.ts';
import { cancelEffects } from '../words.ts';

/** A bar with its share; without a known share it only shows that something moves. */
export function ProgressBar({ label, fraction }: { label: string; fraction: number | null }) {
  if (fraction === null) {
    return (
      <div className="progress open" role="progressbar" aria-label={label}>
        <i />
      </div>
    );
  }
  return (
    <div className="progress" role="progressbar" aria-label={label} aria-valuenow={Math.floor(fraction * 100)} aria-valuemin={0} aria-valuemax={100}>
      <i style={{ width: `${fraction * 100}%` }} />
    </div>
  );
}

function amount(progress: ProgressEvent): string | null {
  if (progress.done === null || progress.unit === null) return null;
  const say = (value: number) => (progress.unit === 'bytes' ? bytes(value) : count(value));
  return progress.total === null ? `${say(progress.done)} ${progress.unit === 'bytes' ? '' : progress.unit}` : `${say(progress.done)} of ${say(progress.total)}${progress.unit === 'bytes' ? '' : ` ${progress.unit}`}`;
}

/** What is left: as the progress knows it, before that as it was planned. Milliseconds. */
function leftWords(known: number | null, plannedMs: number | null, passedMs: number): string {
  if (known !== null) return `about ${span(known)}`;
  if (plannedMs === null) return 'not known yet';
  return passedMs < plannedMs ? `about ${span(Math.max(1000, plannedMs - passedMs))}, as planned` : `more than planned (${span(plannedMs)})`;
}

/** What runs is not all done, whatever its last part has counted. */
function shareWords(fraction: number | null): string {
  if (fraction === null) return 'not known yet';
  return fraction >= 0.995 ? 'over 99 %' : percent(fraction);
}

/** How far, how much, how long, what is left. */
export function ProgressFigures({ operation, log, plan }: { operation: Operation; log: OperationLog; plan: Pick<Plan, 'estimatedMs'> | null }) {
  const now = useEngineNow();
  const progress = log.progress;
  const fraction = progress?.fraction ?? operation.fraction;
  const done = progress === null ? null : amount(progress);
  // The figures beside the phases are taken from the log, so the whole begins no later than its first line.
  const first = log.lines[0]?.at ?? operation.startedAt;
  const began = operation.startedAt === null || first === null ? null : Math.min(Date.parse(operation.startedAt), Date.parse(first));
  // The log may be ahead of the clock of a window that lay in the background.
  const newest = log.lines.at(-1)?.at;
  const passed = began === null ? 0 : Math.max(0, now - began, newest === undefined ? 0 : Date.parse(newest) - began);
  return (
    <dl className="stats">
      <div><dt>Done</dt><dd>{shareWords(fraction)}</dd></div>
      {done === null ? null : <div><dt>In this phase</dt><dd>{done}</dd></div>}
      {began === null ? null : <div><dt>So far</dt><dd>{span(passed)}</dd></div>}
      <div><dt>Left</dt><dd>{leftWords(progress?.leftMs ?? operation.leftMs, plan?.estimatedMs ?? null, passed)}</dd></div>
      <div><dt>Cancelling</dt><dd className="t2" style={{ fontWeight: 400 }}>{cancelEffects[operation.kind]}</dd></div>
    </dl>
  );
}

/** Two lines for lists: the bar and what it is at. */
export function ProgressBrief({ operation }: { operation: Operation }) {
  return (
    <div className="stack tight">
      <ProgressBar label={operation.title} fraction={operation.fraction} />
      <p className="t3 xs">
        {operation.progressText ?? operation.phase ?? 'Starting'}
        {operation.leftMs === null ? '' : `, about ${span(operation.leftMs)} left`}
      </p>
    </div>
  );
}
