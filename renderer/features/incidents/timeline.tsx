import { Activity, BookOpen, Flag, NotebookPen, Timer, Zap, type LucideIcon } from 'lucide-react';
import { Fragment, useState } from 'react';
import { Link } from 'wouter';
import type { IncidentEntry } from '#shared/contract/incidents.ts';
import { Exact, Instant, useEngineNow } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Segments } from '../../components/field.tsx';
import { clockTime, dayName, localStamp, plural, prose, zoneName } from '../../components/format.ts';
import { Glyph, Icon } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { useIncident, useIncidentAct } from './context.ts';

const shows = { all: 'All', health: 'Health', operation: 'Operations', step: 'Steps', note: 'Notes' } as const;
type Show = keyof typeof shows;

const icons: Record<IncidentEntry['group'], LucideIcon> = { incident: Flag, clock: Timer, note: NotebookPen, operation: Zap, step: BookOpen, health: Activity };
const groupWords: Record<IncidentEntry['group'], string> = { incident: 'incident', clock: 'clock', note: 'note', operation: 'operation', step: 'step', health: 'health' };

const placeOf = ({ operationId, walkthroughId }: IncidentEntry): string | null => (operationId !== null ? paths.operation(operationId) : walkthroughId !== null ? paths.walkthrough(walkthroughId) : null);

/** A note is kept with the moment at which it was written. */
function AddNote() {
  const [text, setText] = useState('');
  const act = useIncidentAct(() => setText(''));
  const now = useEngineNow();
  const ready = text.trim() !== '' && !act.isPending;
  return (
    <form className="stack tight" onSubmit={(event) => { event.preventDefault(); if (ready) act.mutate({ kind: 'note', text: text.trim() }); }}>
      <div className="inc-say">
        <input className="input" aria-label="Add a note" placeholder={`Add a note with the time ${clockTime(new Date(now).toISOString())}`} value={text} maxLength={20_000} onChange={(event) => { setText(event.target.value); if (act.isError) act.reset(); }} autoComplete="off" />
        <Button type="submit" disabled={!ready}>Add note</Button>
      </div>
      {act.error === null ? null : <ErrorPanel error={act.error} title="The note was not kept." />}
    </form>
  );
}

/** What is offered beside an entry: to make it part of the incident, or to say what it should have said. */
function Offer({ entry }: { entry: IncidentEntry }) {
  const { ask } = useIncident();
  const act = useIncidentAct();
  const { linked, operationId, walkthroughId, group, seq, title, detail } = entry;
  const link = operationId !== null ? { what: 'operation' as const, id: operationId } : walkthroughId !== null ? { what: 'walkthrough' as const, id: walkthroughId } : null;
  if (act.error !== null) return <ErrorPanel error={act.error} />;
  if (!linked && link !== null) return <Button look="quiet" size="sm" needsEngine disabled={act.isPending} aria-label={`Link ${title}`} onClick={() => act.mutate({ kind: 'link', ...link })}>Link</Button>;
  if (group === 'note' && seq !== null && entry.kind !== 'corrected') return <Button look="quiet" size="sm" needsEngine aria-label={`Correct entry ${seq}`} onClick={() => ask({ kind: 'correct', seq, said: detail })}>Correct</Button>;
  return null;
}

function Row({ entry }: { entry: IncidentEntry }) {
  const { declaredAt } = useIncident().view.incident;
  const { at, title, detail, tone, group, actor, corrected, linked } = entry;
  const to = placeOf(entry);
  return (
    <li>
      <span className="t nowrap"><Exact at={at}>{clockTime(at)}</Exact></span>
      <span className={`g ${tone === 'plain' ? 't2' : tone}`}>{tone === 'plain' || group === 'clock' ? <Icon of={icons[group]} small /> : <Glyph kind={tone} small label={tone} />}</span>
      <div className="one">
        <p className="h">{to === null ? prose(title) : <Link to={to}>{prose(title)}</Link>}</p>
        <div className="d">
          {detail === '' ? null : <span className={corrected === null ? '' : 'was'}>{prose(detail)}</span>}
          {corrected === null ? null : <span> Corrected <Instant at={corrected.at} />: {prose(corrected.text)}</span>}
          {linked || at < declaredAt ? null : <span className="t3"> Happened meanwhile</span>}
        </div>
        <span className="by" title={actor}>{groupWords[group]}<Offer entry={entry} /></span>
      </div>
    </li>
  );
}

function Day({ head, entries }: { head: string; entries: readonly IncidentEntry[] }) {
  return (
    <div>
      <h3 className="dayh">{head}</h3>
      <ol className="tline">{entries.map((entry) => <Row key={entry.key} entry={entry} />)}</ol>
    </div>
  );
}

/** Everything in one line, the newest first: what was done in the incident, and what happened in its system. */
export function Timeline() {
  const { view } = useIncident();
  const [show, setShow] = useState<Show>('all');
  const { timeline, leftOut, incident } = view;
  const shown = timeline.filter(({ group }) => show === 'all' || group === show);
  const since = shown.filter(({ at }) => at >= incident.declaredAt);
  const before = shown.filter(({ at }) => at < incident.declaredAt);
  const days = Map.groupBy(since, ({ at }) => new Date(at).toDateString());
  return (
    <section className="sec" aria-labelledby="happened">
      <header className="row wrap" style={{ alignItems: 'center' }}>
        <h2 id="happened">What happened <span className="count">{timeline.length}</span></h2>
        <span className="t3 xs">newest first, {zoneName(incident.declaredAt)}</span>
        <span className="end"><Segments<Show> label="Show" value={show} onChange={setShow} options={(Object.keys(shows) as Show[]).map((value) => ({ value, label: shows[value] }))} /></span>
      </header>
      <AddNote />
      {shown.length === 0 ? <p className="t2">Nothing of that kind happened.</p> : null}
      {[...days].map(([day, entries]) => <Fragment key={day}><Day head={dayName(entries[0]?.at ?? day)} entries={entries} /></Fragment>)}
      {before.length === 0 ? null : <Day head={`Before it was declared, ${localStamp(incident.declaredAt)}`} entries={before} />}
      {leftOut === 0 ? null : <p className="t3 xs">{plural(leftOut, 'older entry is', 'older entries are')} left out here; the report has the log whole.</p>}
    </section>
  );
}
