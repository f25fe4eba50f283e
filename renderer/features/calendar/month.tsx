import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { CalendarOccurrence, ClockChange } from '#shared/contract/calendar.ts';
import { IconButton } from '../../components/button.tsx';
import { clockTime, plainText } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { dayKey, dayTitle, keyOf, monthStart, monthTitle, weeksOf } from './days.ts';
import { clockLook, lookOf, type Look } from './words.ts';

interface Props {
  first: Date;
  now: Date;
  occurrences: readonly CalendarOccurrence[];
  clockChanges: readonly ClockChange[];
  onMonth: (first: Date) => void;
}

const names = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const shownInDay = 4;
const nameOf = ({ systemId, key }: CalendarOccurrence): string => `${systemId}/${key}`;

function Head({ first, onMonth, level }: Pick<Props, 'first' | 'onMonth'> & { level: 'h2' }) {
  const Title = level;
  return (
    <div className="row">
      <Title className="grow" id="month" aria-live="polite">{monthTitle(first)}</Title>
      <IconButton icon={ChevronLeft} label="Month before" onClick={() => onMonth(monthStart(first, -1))} />
      <IconButton icon={ChevronRight} label="Month after" onClick={() => onMonth(monthStart(first, 1))} />
    </div>
  );
}

const dayMs = 86_400_000;
const aFewDays = 5;

/** What comes every day says nothing of a day: the names of such entries. */
function everyDay(all: readonly CalendarOccurrence[]): ReadonlySet<string> {
  return new Set(
    [...Map.groupBy(all, nameOf)].flatMap(([name, found]) => {
      const days = (Date.parse(found.at(-1)?.startsAt ?? '') - Date.parse(found[0]?.startsAt ?? '')) / dayMs;
      return found.length >= aFewDays && found.length >= days * 0.9 ? [name] : [];
    }),
  );
}

const rank: Record<Look['tone'], number> = { warn: 0, running: 1, unknown: 1, skipped: 2, t2: 3, t3: 4, ok: 5 };

/** A month at a glance: of each day the mark that matters most. */
export function SmallMonth({ first, now, occurrences, clockChanges, onMonth }: Props) {
  const days = Map.groupBy(occurrences, keyOf);
  const changes = new Map(clockChanges.map((change) => [change.date, change]));
  const today = dayKey(now);
  const daily = everyDay(occurrences);
  const lookOfDay = (key: string): Look | null => {
    const looks = (days.get(key) ?? []).filter((one) => !daily.has(nameOf(one)) || lookOf(one).tone === 'warn').map(lookOf);
    const worst = looks.toSorted((a, b) => rank[a.tone] - rank[b.tone])[0] ?? null;
    return worst?.tone === 'warn' || !changes.has(key) ? worst : clockLook;
  };
  return (
    <section className="sec" aria-labelledby="month">
      <Head first={first} onMonth={onMonth} level="h2" />
      <table className="mon">
        <thead><tr>{names.map((name) => <th key={name} scope="col"><span aria-hidden>{name.charAt(0)}</span><span className="vh">{name}</span></th>)}</tr></thead>
        <tbody>
          {weeksOf(first).map((week) => (
            <tr key={dayKey(week[0] ?? first)}>
              {week.map((day) => {
                const key = dayKey(day);
                const look = lookOfDay(key);
                return (
                  <td key={key} className={day.getMonth() === first.getMonth() ? (key === today ? 'today' : '') : 'out'} {...(key === today ? { 'aria-current': 'date' as const } : {})}>
                    <span>{day.getDate()}</span>
                    <span className={look?.tone ?? ''}>{look === null ? null : <><Icon of={look.icon} small /><span className="vh">{look.word}</span></>}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="hint">What comes every day is left out here, unless something is wrong with it.</p>
    </section>
  );
}

/** A month with what is in it. */
export function BigMonth({ first, now, occurrences, onMonth, onOpen }: Omit<Props, 'clockChanges'> & { onOpen: (one: CalendarOccurrence) => void }) {
  const days = Map.groupBy(occurrences, keyOf);
  const today = dayKey(now);
  return (
    <section className="sec" aria-labelledby="month">
      <Head first={first} onMonth={onMonth} level="h2" />
      <div className="panel scroll" tabIndex={0} role="region" aria-label="Month">
        <table className="big">
          <thead><tr>{names.map((name) => <th key={name} scope="col">{name.slice(0, 3)}</th>)}</tr></thead>
          <tbody>
            {weeksOf(first).map((week) => (
              <tr key={dayKey(week[0] ?? first)}>
                {week.map((day) => {
                  const key = dayKey(day);
                  const all = days.get(key) ?? [];
                  return (
                    <td key={key} className={`${day.getMonth() === first.getMonth() ? '' : 'out'}${key === today ? ' today' : ''}`} {...(key === today ? { 'aria-current': 'date' as const } : {})}>
                      <span className="d"><span className="vh">{dayTitle(key, now)}</span><span aria-hidden>{day.getDate()}</span></span>
                      <ul>
                        {all.slice(0, shownInDay).map((one) => {
                          const look = lookOf(one);
                          return <li key={`${one.systemId}/${one.key}/${one.local}`}><button type="button" className={look.tone} onClick={() => onOpen(one)} title={`${plainText(one.title)}, ${one.systemName}: ${look.word}`}><Icon of={look.icon} small /><span className="t3">{clockTime(one.startsAt)}</span> <span className="clip t1">{plainText(one.title)}</span><span className="vh">{look.word}</span></button></li>;
                        })}
                        {all.length > shownInDay ? <li className="t3 xs">{all.length - shownInDay} more</li> : null}
                      </ul>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
