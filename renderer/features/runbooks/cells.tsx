import type { RunbookCard, RunSummary } from '#shared/contract/runbooks.ts';
import type { Risk } from '#shared/domain/runbook/definition.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import { AgeFigure, Exact } from '../../components/age.tsx';
import { localTime } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { State } from '../../components/state.tsx';
import { minutes, riskWords } from '../../components/run-words.ts';
import { dayOf, modeWords, runLook } from './words.ts';

export function RiskLabel({ risk }: { risk: Risk }) {
  if (risk === 'destructive') return <State kind="critical">{riskWords.destructive}</State>;
  return <span className={risk === 'read' ? 't3' : 't1'}>{riskWords[risk]}</span>;
}

/** Shape and words of a walkthrough. */
export function RunLabel({ run }: { run: RunSummary }) {
  const { word, glyph, tone } = runLook(run);
  return <span className={`st ${tone}`}><Glyph kind={glyph} small /><span className="came" title={word}>{word}</span></span>;
}

const counted = (value: number, words: string): string => (value === 0 ? '' : `${value} ${words}`);

/** Further circumstances of a walkthrough that is over: what nobody knows stands in no other place. */
export function runDetails({ unknown, failed, state }: RunSummary): string {
  return [counted(unknown, 'unknown'), state === 'failed' ? '' : counted(failed, 'failed')].filter((part) => part !== '').join(', ');
}

/** What came of it last, with its day and how long it took; of one that goes on, since when. */
export function LastResult({ run }: { run: RunSummary | null }) {
  if (run === null) return <><span className="t2"><Glyph kind="todo" small />Never run</span><span>no rehearsal either</span></>;
  const over = isOver(run.state);
  const at = over ? (run.endedAt ?? run.startedAt) : run.startedAt;
  const mode = run.mode === 'live' || run.state.startsWith('succeeded') ? '' : `, ${modeWords[run.mode].word.toLowerCase()}`;
  const more = runDetails(run);
  return (
    <>
      <RunLabel run={run} />
      <span className={over ? 't3' : 'since'}>
        <span>{over ? '' : 'since '}<Exact at={at}>{over ? dayOf(at) : localTime(at)}</Exact>{over && run.durationMs !== null ? `, ${minutes(run.durationMs)}` : ''}{mode}</span>
        {more === '' ? null : <span className="unknown">{more}</span>}
      </span>
    </>
  );
}

/** When it has to be looked at again, and when somebody last did. */
export function ReviewDue({ card }: { card: RunbookCard }) {
  const reviewed = card.reviewedOn === null ? 'not reviewed' : <><i className="rvw">reviewed </i>{dayOf(card.reviewedOn)}</>;
  return (
    <>
      {card.review === 'due' && card.reviewDueAt !== null ? <State kind="warn">due <AgeFigure at={card.reviewDueAt} /> ago</State> : card.review === 'never' ? <State kind="warn">due</State> : <span>{card.reviewDueAt === null ? '–' : dayOf(card.reviewDueAt)}</span>}
      <span className="t3"><span>{reviewed}{card.version === '' ? null : <span className="ver">, v{card.version}</span>}</span></span>
    </>
  );
}

/** How long it takes: as it was, else as its file says. */
export function Takes({ card }: { card: RunbookCard }) {
  if (card.usualMs !== null) return <><span>{minutes(card.usualMs)}</span><span className="t3">usually</span></>;
  return card.estimateMs === null ? <span>–</span> : <><span>{minutes(card.estimateMs)}</span><span className="t3">estimated</span></>;
}
