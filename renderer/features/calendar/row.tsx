import type { CalendarOccurrence } from '#shared/contract/calendar.ts';
import { Button } from '../../components/button.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { clockTime, plainText, prose } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { shortDay } from './days.ts';
import { detailOf, late, lookOf } from './words.ts';

/** What its button does; null where nothing is to be done now. */
function actionOf(one: CalendarOccurrence): string | null {
  if (one.asks) return 'Answer';
  if (one.blocked.length > 0) return 'See why';
  if (one.state === 'due' || one.state === 'overdue') return 'Begin';
  if (one.state === 'running') return 'Open';
  return one.conflicts.length > 0 && (one.state === 'coming' || one.state === 'notice') ? 'See why' : null;
}

/** One occurrence: when, how it stands, what it is, whose, and what can be done. */
export function OccurrenceRow({ one, withSystem, dated, onOpen }: { one: CalendarOccurrence; withSystem: boolean; dated: boolean; onOpen: (one: CalendarOccurrence) => void }) {
  const look = lookOf(one);
  const detail = detailOf(one);
  const action = actionOf(one);
  const title = plainText(one.title);
  return (
    <li className={`entry${late(one) || one.state === 'due' ? ' due' : ''}${one.conflicts.length > 0 ? ' clash' : ''}`}>
      <span className="t">{dated ? shortDay(one.startsAt) : clockTime(one.startsAt)}</span>
      <span className={look.tone}><Icon of={look.icon} small /><span className="vh">{look.word}</span></span>
      <div className="ti">
        <button type="button" className="name" onClick={() => onOpen(one)}>{title}</button>
        {detail === null ? null : <div className={`c ${detail.tone}`}>{prose(detail.text)}</div>}
      </div>
      {withSystem ? <span className="who row xs t3"><span className="clip">{one.systemName}</span> <EnvironmentTag environment={one.environment} short /></span> : <span className="who xs t3">{one.endsAt === null ? '' : `until ${clockTime(one.endsAt)}`}</span>}
      {action === null ? <span /> : <Button look="quiet" aria-label={`${action}: ${title}`} onClick={() => onOpen(one)}>{action}</Button>}
    </li>
  );
}
