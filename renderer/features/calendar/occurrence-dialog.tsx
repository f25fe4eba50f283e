import { useState } from 'react';
import { Link } from 'wouter';
import type { CalendarOccurrence } from '#shared/contract/calendar.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { TextField } from '../../components/field.tsx';
import { plainText, prose } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { Tint } from '../../components/state.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useBegin } from './use-begin.tsx';
import { lookOf } from './words.ts';

interface Props {
  one: CalendarOccurrence;
  onClose: () => void;
  onChange: () => void;
}

const isOpen = ({ state, asks }: CalendarOccurrence): boolean => state === 'due' || state === 'overdue' || state === 'coming' || state === 'notice' || state === 'missed' || state === 'passed' || asks;

/** Tasks to tick; all of them, or a word on why not. */
function Tasks({ tasks, ticked, onTick }: { tasks: readonly string[]; ticked: ReadonlySet<number>; onTick: (index: number) => void }) {
  return (
    <fieldset className="stack tight tasks">
      <legend className="label">To be done</legend>
      {tasks.map((task, index) => <label key={`${index} ${task}`} className="check"><input type="checkbox" checked={ticked.has(index)} onChange={() => onTick(index)} />{plainText(task)}</label>)}
    </fieldset>
  );
}

/** One occurrence: how it stands and why, what it waits for, and what somebody does about it. */
export function OccurrenceDialog({ one, onClose, onChange }: Props) {
  const [answer, setAnswer] = useState<'done' | 'skip' | null>(null);
  const [text, setText] = useState('');
  const [by, setBy] = useState('');
  const [why, setWhy] = useState('');
  const [ticked, setTicked] = useState<ReadonlySet<number>>(new Set());
  const begin = useBegin(one);
  const roles = useMethod('item.list', { systemId: one.systemId, kind: 'role' }, { enabled: one.role !== null });
  const roleTitle = roles.data?.items.find(({ key }) => key === one.role)?.value['title'];
  const done = useCommand('calendar.done');
  const skip = useCommand('calendar.skip');
  const undo = useCommand('calendar.undo');
  const name = { systemId: one.systemId, key: one.key, local: one.local };
  const look = lookOf(one);
  const tasks = begin.tasks ?? (one.work.kind === 'tasks' && one.blocked.length === 0 && isOpen(one) ? one.work.tasks : null);
  const left = tasks === null ? 0 : tasks.length - ticked.size;
  const who = by.trim() === '' ? {} : { by: by.trim() };
  const wantsWhy = begin.error?.details['wantsWhy'] === true;
  const failed = done.error ?? skip.error ?? undo.error ?? begin.error;
  const finish = (): void => {
    const note = [text.trim(), tasks !== null && left > 0 ? `${ticked.size} of ${tasks.length} tasks ticked` : ''].filter((part) => part !== '').join('; ');
    done.mutate({ ...name, note, ...who }, { onSuccess: onClose });
  };
  const tick = (index: number): void => setTicked((before) => (before.has(index) ? new Set([...before].filter((each) => each !== index)) : new Set([...before, index])));
  return (
    <Dialog title={plainText(one.title)} environment={one.environment} target={one.systemName} onClose={onClose} size={560}>
      <div className="stack wide">
        <p className={`row ${look.tone}`}><Icon of={look.icon} small /> <span className="medium">{look.word}</span>{one.why === null ? null : <span className="t2">{prose(one.why)}</span>}</p>
        <dl className="kv">
          <dt>When</dt><dd><Instant at={one.startsAt} zone />{one.endsAt === null ? '' : <> until <Instant at={one.endsAt} /></>}</dd>
          <dt>There</dt><dd>{one.local.replace('T', ' ')}, {one.tz} ({one.offset})</dd>
          <dt>Work</dt><dd className="break">{one.work.kind === 'runbook' ? <Link to={paths.runbookStart(one.systemId, one.work.ref)}>{one.work.title ?? one.work.ref}</Link> : one.work.kind === 'procedure' ? one.work.title : `${one.work.tasks.length} ${one.work.tasks.length === 1 ? 'task' : 'tasks'}`}</dd>
          {one.cutoffAt === null ? null : <><dt>Begin until</dt><dd><Instant at={one.cutoffAt} /></dd></>}
          {one.role === null ? null : <><dt>Whose</dt><dd>{plainText(typeof roleTitle === 'string' ? roleTitle : one.role)}</dd></>}
          {one.mark === null ? null : <><dt>{one.mark.state === 'begun' ? 'Begun' : one.mark.state === 'done' ? 'Done' : 'Left out'}</dt><dd className="break"><Instant at={one.mark.at} /> by {one.mark.by}{one.mark.reason === null ? '' : `: “${one.mark.reason}”`} {one.mark.walkthroughId === null ? null : <Link to={paths.walkthrough(one.mark.walkthroughId)}>Open the walkthrough</Link>}{one.mark.operationId === null ? null : <Link to={paths.operation(one.mark.operationId)}>Open the operation</Link>}</dd></>}
        </dl>
        {one.clockChange === null ? null : <Tint kind="unknown"><p>{one.clockChange}</p></Tint>}
        {one.conflicts.map((conflict) => <Tint key={conflict.text} kind="warn"><p>{plainText(conflict.text)}.</p></Tint>)}
        {one.blocked.length === 0 ? (one.waitsFor.length > 0 && isOpen(one) ? <p className="t2">Only after {one.waitsFor.join(', and ')}.</p> : null) : <Tint kind="warn"><p>It must not begin now. {prose(one.blocked.join(' '))}</p></Tint>}
        {tasks === null ? null : <Tasks tasks={tasks} ticked={ticked} onTick={tick} />}
        {answer === null ? null : (
          <>
            <TextField label={answer === 'done' ? 'What is worth knowing' : 'Why it is left out'} hint={answer === 'done' ? 'May be left out' : undefined} value={text} maxLength={2000} onChange={(event) => setText(event.target.value)} data-autofocus />
            <TextField label="By whom" hint="Left out: whoever is signed in on this computer" value={by} maxLength={200} onChange={(event) => setBy(event.target.value)} />
          </>
        )}
        {wantsWhy ? <TextField label="Why it is begun now all the same" value={why} maxLength={2000} onChange={(event) => setWhy(event.target.value)} /> : null}
        {failed === null ? null : <ErrorPanel error={failed} />}
        <div className="btns wrap">
          <Button size="lg" onClick={onChange}>Change the entry</Button>
          <span className="grow" />
          {one.mark !== null && (one.mark.state !== 'done' || !one.mark.byRun || one.mark.walkthroughId !== null) ? <Button size="lg" needsEngine disabled={undo.isPending} onClick={() => undo.mutate(name, { onSuccess: onClose })}>Take it back</Button> : null}
          {isOpen(one) && answer === null ? <Button size="lg" onClick={() => setAnswer('skip')}>Leave it out…</Button> : null}
          {isOpen(one) && answer === null && tasks === null ? <Button size="lg" onClick={() => setAnswer('done')}>Done by hand…</Button> : null}
          {answer === 'skip' ? <Button size="lg" look="primary" disabled={text.trim() === '' || skip.isPending} onClick={() => skip.mutate({ ...name, reason: text.trim(), ...who }, { onSuccess: onClose })}>Leave it out</Button> : null}
          {tasks !== null && answer === null && left > 0 ? <Button size="lg" onClick={() => setAnswer('done')}>Done, not all of it…</Button> : null}
          {answer === 'done' || (tasks !== null && answer === null) ? <Button size="lg" look="primary" disabled={done.isPending || (answer === null && left > 0)} onClick={finish}>It is done</Button> : null}
          {isOpen(one) && answer === null && tasks === null ? <Button size="lg" look="primary" disabled={begin.isPending || one.blocked.length > 0 || (wantsWhy && why.trim() === '')} onClick={() => begin.begin(wantsWhy ? why.trim() : undefined)}>{one.work.kind === 'procedure' ? 'Begin…' : 'Begin'}</Button> : null}
        </div>
      </div>
    </Dialog>
  );
}
