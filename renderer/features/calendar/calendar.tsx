import { CalendarArrowDown, CalendarArrowUp, Plus } from 'lucide-react';
import { useState } from 'react';
import type { CalendarEntry, CalendarOccurrence } from '#shared/contract/calendar.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { useNow } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Segments } from '../../components/field.tsx';
import { prose } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { saveDocument } from '../../components/save-document.ts';
import { PageHead, useScreen } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useMethod } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { Agenda } from './agenda.tsx';
import { ClockChanges, Honest } from './aside.tsx';
import { dayStart, monthStart, weeksOf } from './days.ts';
import { Entries } from './entries.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { BigMonth, SmallMonth } from './month.tsx';
import { OccurrenceDialog } from './occurrence-dialog.tsx';
import { WaitingForAnswers } from './waiting.tsx';
import { headline, honest } from './words.ts';
import './calendar.css';

type View = 'agenda' | 'month' | 'entries';
type Asked = { kind: 'occurrence'; one: CalendarOccurrence } | { kind: 'entry'; entry: CalendarEntry | null } | { kind: 'import' };

const shownDays = 14;
const furtherDays = 28;
const mostDays = 180;

function SystemTitle({ systemId }: { systemId: string }) {
  useSystemScreen(systemId, 'Calendar');
  return null;
}

function GlobalTitle() {
  useScreen({ screen: 'Calendar', system: null });
  return null;
}

/** Recurring work: what waits, what comes, what collides; of one system or of all. */
export function Calendar({ systemId }: { systemId: string | null }) {
  const engine = useEngine();
  const [view, setView] = useState<View>('agenda');
  const [days, setDays] = useState(shownDays);
  const [first, setFirst] = useState(() => monthStart(new Date()));
  const [asked, setAsked] = useState<Asked | null>(null);
  const about = systemId === null ? {} : { systemId };
  const now = new Date(useNow());
  const weeks = weeksOf(first);
  const agenda = useMethod('calendar.list', { ...about, from: dayStart(now, -1).toISOString(), to: dayStart(now, days).toISOString() }, { keepPrevious: true, againMs: 60_000 });
  const month = useMethod('calendar.list', { ...about, from: (weeks[0]?.[0] ?? first).toISOString(), to: dayStart(weeks.at(-1)?.[6] ?? first, 1).toISOString() }, { keepPrevious: true });
  const entries = useMethod('calendar.entries', about);
  const save = useSubmission<MethodOutput<'calendar.export'>>({ mutationFn: () => engine.call('calendar.export', about), onSuccess: saveDocument });
  const all = entries.data?.entries ?? [];
  const open = (one: CalendarOccurrence): void => setAsked({ kind: 'occurrence', one });
  const change = ({ systemId: of, key }: CalendarOccurrence): void => setAsked({ kind: 'entry', entry: all.find((entry) => entry.systemId === of && entry.key === key) ?? null });
  const close = (): void => setAsked(null);
  return (
    <div className="page cal">
      {systemId === null ? <GlobalTitle /> : <SystemTitle systemId={systemId} />}
      <PageHead title={agenda.data === undefined ? 'Calendar' : headline(agenda.data.open, agenda.data.occurrences)} lede={honest}>
        <Segments<View> label="View" value={view} onChange={setView} options={[{ value: 'agenda', label: 'Agenda' }, { value: 'month', label: 'Month' }, { value: 'entries', label: 'Entries', count: all.length }]} />
        <Button icon={Plus} needsEngine onClick={() => setAsked({ kind: 'entry', entry: null })}>Plan work</Button>
      </PageHead>
      {(agenda.data?.problems ?? []).map(({ systemId: of, key, title, message }) => <Tint key={`${of}/${key}`} kind="warn"><p>“{title}” never comes. {prose(message)}</p></Tint>)}
      <WaitingForAnswers systemId={systemId} />
      {view === 'entries' ? <Loaded query={entries} what="the entries">{({ entries: found }) => <Entries entries={found} withSystem={systemId === null} onEdit={(entry) => setAsked({ kind: 'entry', entry })} />}</Loaded> : null}
      {view === 'month' ? <Loaded query={month} what="the month">{({ occurrences }) => <BigMonth first={first} now={now} occurrences={occurrences} onMonth={setFirst} onOpen={open} />}</Loaded> : null}
      {view === 'agenda' ? (
        <div className="cols">
          <div className="stack">
            <Loaded query={agenda} what="the calendar">{({ occurrences, open: waiting }) => <Agenda occurrences={occurrences} open={waiting} withSystem={systemId === null} now={now} onOpen={open} />}</Loaded>
            {days < mostDays ? <div><Button onClick={() => setDays(Math.min(mostDays, days + furtherDays))}>Show further days</Button></div> : null}
          </div>
          <div className="asidex">
            <SmallMonth first={first} now={now} occurrences={month.data?.occurrences ?? []} clockChanges={month.data?.clockChanges ?? []} onMonth={setFirst} />
            <ClockChanges changes={agenda.data?.clockChanges ?? []} />
            <Honest />
            <section className="sec" aria-labelledby="files">
              <h2 id="files">Other calendars</h2>
              <div className="row wrap">
                <Button icon={CalendarArrowDown} needsEngine disabled={save.isPending} onClick={() => save.mutate()}>Export .ics</Button>
                <Button icon={CalendarArrowUp} needsEngine onClick={() => setAsked({ kind: 'import' })}>Import .ics…</Button>
              </div>
              {save.error === null ? null : <ErrorPanel error={save.error} title="It was not exported." />}
            </section>
          </div>
        </div>
      ) : null}
      {asked?.kind === 'occurrence' ? <OccurrenceDialog one={asked.one} onClose={close} onChange={() => change(asked.one)} /> : null}
      {asked?.kind === 'entry' ? <EntryDialog systemId={systemId} entry={asked.entry} entries={all} onClose={close} /> : null}
      {asked?.kind === 'import' ? <ImportDialog systemId={systemId} onClose={close} /> : null}
    </div>
  );
}
