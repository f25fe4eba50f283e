import { useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { IcsEvent } from '#shared/contract/calendar.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField, TextField } from '../../components/field.tsx';
import { plainText, plural, prose } from '../../components/format.ts';
import { Tint } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { zoneHere } from './days.ts';

/** Characters; the engine takes no more. */
const largestFile = 2_000_000;

function EventLine({ event, checked, onCheck }: { event: IcsEvent; checked: boolean; onCheck: (checked: boolean) => void }) {
  const said = [event.words ?? '', event.item === null ? '' : event.item.tz, event.replaces ? 'changes what is here' : '', event.skips.length === 0 ? '' : `leaves out ${plural(event.skips.length, 'time')}`].filter((part) => part !== '').join(', ');
  return (
    <li>
      <label className="check"><input type="checkbox" checked={checked} disabled={event.problem !== null} onChange={(changed) => onCheck(changed.target.checked)} /><span className="medium break">{plainText(event.summary)}</span></label>
      <p className={event.problem === null ? 't2 xs' : 'warn xs'}>{prose(event.problem === null ? said : `Kept out. ${event.problem}`)}</p>
      {event.notes.map((note) => <p key={note} className="t3 xs">{prose(note)}</p>)}
    </li>
  );
}

/** Events of another program's calendar: what each would be here, what cannot be taken, and which are wanted. */
export function ImportDialog({ systemId: ofScreen, onClose }: { systemId: string | null; onClose: () => void }) {
  const engine = useEngine();
  const [chosen, setChosen] = useState(ofScreen);
  const [tz, setTz] = useState(zoneHere);
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [tooLarge, setTooLarge] = useState(false);
  const systems = useMethod('system.list', {});
  const systemId = chosen ?? systems.data?.systems[0]?.id ?? null;
  const system = systems.data?.systems.find(({ id }) => id === systemId) ?? null;
  const read = useSubmission<MethodOutput<'calendar.readFile'>, { systemId: string; text: string; tz: string }>({ mutationFn: (input) => engine.call('calendar.readFile', input) });
  const take = useCommand('calendar.importFile');
  const events = read.data?.events ?? [];
  const wanted = events.filter(({ uid, problem }) => problem === null && !left.has(uid)).map(({ uid }) => uid);
  const look = (text: string, zone: string, of: string | null): void => {
    if (of !== null && text !== '') read.mutate({ systemId: of, text, tz: zone });
  };
  const choose = async (picked: File | undefined): Promise<void> => {
    if (picked === undefined) return;
    setTooLarge(picked.size > largestFile);
    if (picked.size > largestFile) return;
    const text = await picked.text();
    setFile({ name: picked.name, text });
    setLeft(new Set());
    look(text, tz, systemId);
  };
  const check = (uid: string, checked: boolean): void => setLeft((before) => (checked ? new Set([...before].filter((each) => each !== uid)) : new Set([...before, uid])));
  return (
    <Dialog title="Import a calendar" environment={system?.environment ?? null} target={system?.name} onClose={onClose} size={620}>
      <form className="stack wide cal-import" onSubmit={(event) => { event.preventDefault(); if (systemId !== null && file !== null) take.mutate({ systemId, text: file.text, tz, uids: wanted }, { onSuccess: onClose }); }}>
        {ofScreen === null ? <SelectField label="Into the calendar of" value={systemId ?? ''} onChange={(id) => { setChosen(id); look(file?.text ?? '', tz, id); }} options={(systems.data?.systems ?? []).map(({ id, name }) => ({ value: id, label: name }))} /> : null}
        <TextField label="File of iCalendar (.ics)" type="file" accept=".ics,text/calendar" onChange={(event) => void choose(event.target.files?.[0])} hint="Of Outlook, Google, Thunderbird and others. It is read first, and nothing is changed by that" error={tooLarge ? 'It is larger than 2 MB, which no calendar of work is' : undefined} />
        <TextField label="Time zone where an event names none" value={tz} maxLength={60} onChange={(event) => setTz(event.target.value)} onBlur={() => look(file?.text ?? '', tz, systemId)} />
        {read.error === null ? null : <ErrorPanel error={read.error} title="It cannot be read." />}
        {read.data === undefined ? null : events.length === 0 ? <Tint kind="warn"><p>There is no event in it.</p></Tint> : (
          <section className="sec" aria-label="Events">
            <p className="medium" role="status">{plural(events.length, 'event')}, {wanted.length} to be taken in{events.some(({ problem }) => problem !== null) ? `, ${events.filter(({ problem }) => problem !== null).length} kept out` : ''}</p>
            <ul className="events" tabIndex={0} aria-label="What each would be here">{events.map((event) => <EventLine key={event.uid} event={event} checked={event.problem === null && !left.has(event.uid)} onCheck={(checked) => check(event.uid, checked)} />)}</ul>
          </section>
        )}
        {take.error === null ? null : <ErrorPanel error={take.error} title="Nothing was taken in." />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" look="primary" type="submit" disabled={wanted.length === 0 || read.isPending || take.isPending}>{wanted.length === 0 ? 'Take events in' : `Take ${plural(wanted.length, 'event')} in`}</Button>
        </div>
      </form>
    </Dialog>
  );
}
