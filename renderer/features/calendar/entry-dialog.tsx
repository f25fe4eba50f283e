import { useId, useState } from 'react';
import type { CalendarEntry } from '#shared/contract/calendar.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { AreaField, SelectField, TextField } from '../../components/field.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { dayKey, zoneHere } from './days.ts';
import { draftOf, faultsOf, freshDraft, itemOf, ruleOf, startsOf, type EntryDraft } from './draft.ts';
import { NextTimes, useTimes } from './next-times.tsx';
import { repeats, repeatWords, type Repeat } from './repeat.ts';

interface Props {
  /** Of the screen; null: which one it is for is chosen here. */
  systemId: string | null;
  /** Null: a new one. */
  entry: CalendarEntry | null;
  entries: readonly CalendarEntry[];
  onClose: () => void;
}

type Change = (changes: Partial<EntryDraft>) => void;
type Faults = ReturnType<typeof faultsOf>;

const missedWords: Record<EntryDraft['missed'], string> = { 'run-once': 'Due until done, or the next one', ask: 'Somebody is asked about it', skip: 'It passes' };

function When({ draft, change, problem }: { draft: EntryDraft; change: Change; problem: { field: string; message: string } | null }) {
  const zones = useId();
  const of = (field: string): string | undefined => (problem?.field === field ? problem.message : undefined);
  return (
    <fieldset className="cal-two">
      <legend className="vh">When</legend>
      <TextField label="First day" type="date" value={draft.date} onChange={(event) => change({ date: event.target.value })} error={of('starts')} required />
      <TextField label="Time there" type="time" value={draft.time} onChange={(event) => change({ time: event.target.value })} required />
      <SelectField<Repeat> label="Repeats" value={draft.repeat} onChange={(repeat) => change({ repeat, ...(repeat === 'own' ? { rule: ruleOf(draft) ?? draft.rule } : {}) })} options={repeats.map((value) => ({ value, label: repeatWords(value, startsOf(draft)) }))} />
      <TextField label="Time zone" value={draft.tz} list={zones} maxLength={60} onChange={(event) => change({ tz: event.target.value })} error={of('tz')} required />
      <datalist id={zones}>{Intl.supportedValuesOf('timeZone').map((zone) => <option key={zone} value={zone} />)}</datalist>
      {draft.repeat === 'own' ? <div className="all"><TextField label="Rule" mono value={draft.rule} maxLength={500} onChange={(event) => change({ rule: event.target.value })} hint="As in iCalendar: FREQ=MONTHLY;BYDAY=1SU is the first Sunday of each month" error={of('rrule')} /></div> : null}
      <TextField label="Takes, or window" value={draft.duration} onChange={(event) => change({ duration: event.target.value })} hint="30 min, 4 h; may be left out" error={faultsOf(draft).duration} />
      <TextField label="Told before" value={draft.notice} onChange={(event) => change({ notice: event.target.value })} hint="48 h; may be left out" error={faultsOf(draft).notice} />
    </fieldset>
  );
}

function Work({ draft, change, faults, systemId }: { draft: EntryDraft; change: Change; faults: Faults; systemId: string | null }) {
  const library = useMethod('runbook.list', { text: '', ...(systemId === null ? {} : { systemId }) }, { enabled: draft.workKind === 'runbook' });
  const runbooks = (library.data?.runbooks ?? []).map(({ ref, title }) => ({ value: ref, label: `${title} (${ref})` }));
  // What a pack names by its file alone stays as it is.
  const known = draft.runbook === '' || runbooks.some(({ value }) => value === draft.runbook) ? runbooks : [{ value: draft.runbook, label: draft.runbook }, ...runbooks];
  return (
    <>
      <SelectField<EntryDraft['workKind']> label="Work" value={draft.workKind} onChange={(workKind) => change({ workKind })} options={[{ value: 'tasks', label: 'Tasks for people' }, { value: 'runbook', label: 'A runbook' }, { value: 'procedure', label: 'A procedure of the console' }]} />
      {draft.workKind === 'tasks' ? <AreaField label="Tasks, one a line" rows={3} value={draft.tasks} onChange={(event) => change({ tasks: event.target.value })} error={faults.tasks} /> : null}
      {draft.workKind === 'runbook' ? <SelectField label="Runbook" value={draft.runbook} onChange={(runbook) => change({ runbook })} options={[{ value: '', label: 'Choose one' }, ...known]} error={faults.runbook} /> : null}
      {draft.workKind === 'procedure' ? <SelectField<EntryDraft['procedure']> label="Procedure" value={draft.procedure} onChange={(procedure) => change({ procedure })} options={[{ value: 'health.check', label: 'Health check' }, { value: 'backup.run', label: 'Back up each database' }]} hint="It is done when it ran in its time, whoever started it" /> : null}
    </>
  );
}

function More({ draft, change, faults, entries, own }: { draft: EntryDraft; change: Change; faults: Faults; entries: readonly CalendarEntry[]; own: string | null }) {
  return (
    <details className="cal-more">
      <summary>When it is missed, and what has to be done before</summary>
      <div className="cal-two">
        <SelectField<EntryDraft['missed']> label="When nobody does it" value={draft.missed} onChange={(missed) => change({ missed })} options={(['run-once', 'ask', 'skip'] as const).map((value) => ({ value, label: missedWords[value] }))} />
        <TextField label="Asked for, or made up for, at most" value={draft.lookBack} onChange={(event) => change({ lookBack: event.target.value })} hint="31 d where it is left out" error={faults.lookBack} />
        <TextField label="Nothing new is begun in the last" value={draft.cutoff} onChange={(event) => change({ cutoff: event.target.value })} hint="of its window; may be left out" error={faults.cutoff} />
        <SelectField label="Only after" value={draft.after} onChange={(after) => change({ after })} options={[{ value: '', label: 'Nothing in particular' }, ...entries.filter(({ key }) => key !== own).map(({ key, item }) => ({ value: key, label: item.title }))]} />
        {draft.after === '' ? null : <TextField label="Which was done within" value={draft.afterWithin} onChange={(event) => change({ afterWithin: event.target.value })} error={faults.afterWithin} />}
        <label className="check all"><input type="checkbox" checked={draft.removes} onChange={(event) => change({ removes: event.target.checked })} />It removes something: only with a copy that was restored and counted</label>
        {draft.removes ? <TextField label="How old that copy may be" value={draft.copyWithin} onChange={(event) => change({ copyWithin: event.target.value })} error={faults.copyWithin} /> : null}
        <div className="all"><AreaField label="What is worth knowing" rows={2} value={draft.text} onChange={(event) => change({ text: event.target.value })} /></div>
        <label className="check all"><input type="checkbox" checked={!draft.enabled} onChange={(event) => change({ enabled: !event.target.checked })} />Switched off: it stays here, and does not come</label>
      </div>
    </details>
  );
}

/** An entry: what, when, how often, and what it says when one writes it down. */
export function EntryDialog({ systemId: ofScreen, entry, entries, onClose }: Props) {
  const [draft, setDraft] = useState(() => (entry === null ? freshDraft(dayKey(new Date()), zoneHere()) : draftOf(entry)));
  const [chosen, setChosen] = useState(entry?.systemId ?? ofScreen);
  const [removing, setRemoving] = useState(false);
  const systems = useMethod('system.list', {});
  const save = useCommand('calendar.save');
  const remove = useCommand('calendar.remove');
  const change: Change = (changes) => setDraft((before) => ({ ...before, ...changes }));
  const times = useTimes({ starts: startsOf(draft), rrule: ruleOf(draft), tz: draft.tz.trim() });
  const faults = faultsOf(draft);
  const systemId = chosen ?? systems.data?.systems[0]?.id ?? null;
  const system = systems.data?.systems.find(({ id }) => id === systemId) ?? null;
  const ready = systemId !== null && Object.keys(faults).length === 0 && times.isFresh && times.query.data !== undefined && times.problem === null && !save.isPending;
  const submit = (): void => {
    if (systemId !== null && ready) save.mutate({ systemId, key: entry?.key ?? null, item: itemOf(draft, entry?.item ?? null) }, { onSuccess: onClose });
  };
  return (
    <Dialog title={entry === null ? 'Plan work' : entry.item.title} environment={system?.environment ?? null} target={system?.name} onClose={onClose} size={640}>
      <form className="stack wide cal-entry" onSubmit={(event) => { event.preventDefault(); submit(); }}>
        {ofScreen === null && entry === null ? <SelectField label="Of which system" value={systemId ?? ''} onChange={setChosen} options={(systems.data?.systems ?? []).map(({ id, name }) => ({ value: id, label: name }))} /> : null}
        <TextField label="What" value={draft.title} maxLength={200} onChange={(event) => change({ title: event.target.value })} placeholder="Restore drill" required data-autofocus />
        <When draft={draft} change={change} problem={times.problem} />
        <NextTimes times={times} />
        <Work draft={draft} change={change} faults={draft.title === '' ? {} : faults} systemId={systemId} />
        <More draft={draft} change={change} faults={faults} entries={entries.filter((each) => each.systemId === systemId)} own={entry?.key ?? null} />
        {save.error === null ? null : <ErrorPanel error={save.error} title="It was not saved." />}
        {remove.error === null ? null : <ErrorPanel error={remove.error} title="It was not taken out." />}
        <div className="btns">
          {entry === null ? null : removing ? <Button size="lg" look="danger" disabled={remove.isPending} onClick={() => remove.mutate({ systemId: entry.systemId, key: entry.key }, { onSuccess: onClose })}>Take it out, its history stays</Button> : <Button size="lg" onClick={() => setRemoving(true)}>Take it out…</Button>}
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" look="primary" type="submit" disabled={!ready}>{entry === null ? 'Plan it' : 'Save the entry'}</Button>
        </div>
      </form>
    </Dialog>
  );
}
