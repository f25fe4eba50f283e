import { useState, type ReactNode } from 'react';
import type { IncidentActInput } from '#shared/contract/incidents.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { AreaField, SelectField, TextField } from '../../components/field.tsx';
import { plainText, span } from '../../components/format.ts';
import { ReportDialog } from '../../components/report-dialog.tsx';
import { useIncident, type IncidentDialog } from './context.ts';
import { ActDialog } from './act-dialog.tsx';
import { UpdateDialog } from './update-dialog.tsx';

interface Props {
  onClose: () => void;
}

type Said = Extract<IncidentDialog, { kind: 'say' }>['act'];
const says: Record<Said, { title: string; label: string; verb: string; says: string; needed: boolean }> = {
  respond: { title: 'Begin work?', label: 'What is done first', verb: 'Begin work', says: 'From now on it is being worked on.', needed: false },
  mitigate: { title: 'Is it mitigated?', label: 'What was done', verb: 'Mark mitigated', says: 'It does no more harm, and its cause may still be there. Nobody has to escalate it any more; its other clocks go on.', needed: false },
  resolve: { title: 'Is it resolved?', label: 'What the cause was, and what was done', verb: 'Mark resolved', says: 'Its cause is gone. Its clocks end here.', needed: false },
  close: { title: 'Close the incident?', label: 'What is left to say', verb: 'Close the incident', says: 'Nothing is left to do. It can be reopened, and its report can be written at any time.', needed: false },
  reopen: { title: 'Reopen the incident?', label: 'Why', verb: 'Reopen the incident', says: 'It came back. What is left of its time goes on from now; the time in between does not count.', needed: true },
  pause: { title: 'Let its clocks stand still?', label: 'Why', verb: 'Stop the clocks', says: 'Nothing runs out until they go on, and all deadlines are so much later then. The reason stands in the report.', needed: true },
  resume: { title: 'Let its clocks go on?', label: 'What has changed', verb: 'Let them go on', says: 'What was left when they stood still is left now.', needed: false },
};

function SayDialog({ act, onClose }: Props & { act: Said }) {
  const [text, setText] = useState('');
  const { title, label, verb, says: sentence, needed } = says[act];
  const made = (): IncidentActInput => (act === 'reopen' || act === 'pause' || act === 'resume' ? { kind: act, reason: text.trim() } : { kind: act, text: text.trim() });
  return (
    <ActDialog title={title} verb={verb} act={made} ready={!needed || text.trim() !== ''} onClose={onClose}>
      <p className="t2">{sentence}</p>
      <AreaField label={label} hint={needed ? 'It stands in the report' : 'May be left out'} rows={3} value={text} onChange={(event) => setText(event.target.value)} data-autofocus />
    </ActDialog>
  );
}

function SeverityDialog({ onClose }: Props) {
  const { view } = useIncident();
  const others = view.choices.filter(({ key }) => key !== view.incident.severity.key);
  const [key, setKey] = useState(others[0]?.key ?? '');
  const [reason, setReason] = useState('');
  const chosen = others.find((each) => each.key === key);
  const limits = chosen === undefined ? [] : Object.entries(chosen.clocks).flatMap(([name, limit]) => (limit === null ? [] : [`${name} ${span(limit)}`]));
  return (
    <ActDialog title="Change the severity?" verb="Change the severity" act={() => ({ kind: 'severity', severity: key, reason: reason.trim() })} ready={key !== '' && reason.trim() !== ''} onClose={onClose}>
      <p className="t2">It is {plainText(view.incident.severity.title)} now. The clocks of the new one count from when the incident was declared, so that some may be over at once.</p>
      <SelectField label="To" value={key} onChange={setKey} options={others.map(({ key: value, title }) => ({ value, label: title }))} hint={limits.length === 0 ? 'It has no clocks' : limits.join(', ')} />
      <AreaField label="Why" hint="It stands in the report" rows={3} value={reason} onChange={(event) => setReason(event.target.value)} data-autofocus />
    </ActDialog>
  );
}

function AssignDialog({ role, onClose }: Props & { role: string }) {
  const { view } = useIncident();
  const found = view.people.roles.find(({ key }) => key === role);
  const [who, setWho] = useState(found?.who ?? found?.proposed ?? '');
  if (found === undefined) return null;
  const isEmpty = who.trim() === '';
  return (
    <ActDialog title={`Who has the role ${found.title}?`} verb={isEmpty ? 'Give it to nobody' : `Give it to ${who.trim()}`} act={() => ({ kind: 'assign', role, who: who.trim() })} ready={!isEmpty || found.who !== null} onClose={onClose}>
      {found.duties.length === 0 ? null : <ul className="bul t2">{found.duties.map((duty) => <li key={duty}>{plainText(duty)}</li>)}</ul>}
      <TextField label="Who" hint="One person may have several roles. Empty: nobody any more" value={who} maxLength={200} list="incident-people" onChange={(event) => setWho(event.target.value)} data-autofocus />
      <datalist id="incident-people">{view.people.contacts.map(({ key, title }) => <option key={key} value={title} />)}</datalist>
    </ActDialog>
  );
}

const elsewhere = 'other';

function EscalateDialog({ onClose }: Props) {
  const { view } = useIncident();
  const { tiers, contacts } = view.people;
  const options = [...tiers.map(({ key, title }) => ({ value: `tier:${key}`, label: title })), ...contacts.map(({ key, title }) => ({ value: `contact:${key}`, label: title })), { value: elsewhere, label: 'Somebody else' }];
  const [to, setTo] = useState(options[0]?.value ?? elsewhere);
  const [name, setName] = useState('');
  const [how, setHow] = useState('');
  const [by, setBy] = useState('');
  const [kind, key = null] = to.split(':');
  return (
    <ActDialog title="Escalate it?" verb="Write it down" act={() => ({ kind: 'escalate', tier: kind === 'tier' ? key : null, contact: kind === 'contact' ? key : null, to: to === elsewhere ? name.trim() : '', how: how.trim(), by: by.trim() })} ready={to !== elsewhere || name.trim() !== ''} onClose={onClose}>
      <p className="t2">Call or write first: nobody is called from here. Then say here whom you have reached, and how.</p>
      <SelectField label="To" value={to} onChange={setTo} options={options} />
      {to === elsewhere ? <TextField label="To whom" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} /> : null}
      <TextField label="How" placeholder="By telephone, who answered, what was agreed" value={how} maxLength={200} onChange={(event) => setHow(event.target.value)} data-autofocus />
      <TextField label="By whom" hint="Empty: by whoever sits here" value={by} maxLength={200} onChange={(event) => setBy(event.target.value)} />
    </ActDialog>
  );
}

function CorrectDialog({ seq, said, onClose }: Props & { seq: number; said: string }) {
  const [text, setText] = useState(said);
  return (
    <ActDialog title={`What should entry ${seq} have said?`} verb="Correct it" act={() => ({ kind: 'correct', seq, text: text.trim() })} ready={text.trim() !== '' && text.trim() !== said} onClose={onClose}>
      <p className="t2">What was written stays, and the correction stands beside it: nothing in an incident is edited.</p>
      <AreaField label="It should have said" rows={4} value={text} onChange={(event) => setText(event.target.value)} data-autofocus />
    </ActDialog>
  );
}

function Row({ title, sentence, children }: { title: string; sentence: string; children: ReactNode }) {
  return <li className="row wrap"><span className="grow"><span className="medium">{title}</span><br /><span className="t2 xs">{sentence}</span></span>{children}</li>;
}

function More({ onClose }: Props) {
  const { view, ask } = useIncident();
  const may = (kind: (typeof view.can)[number]): boolean => view.can.includes(kind);
  const leads = (to: IncidentDialog, verb: string): ReactNode => <Button onClick={() => ask(to)}>{verb}</Button>;
  return (
    <Dialog title="This incident" environment={view.incident.environment} target={`INC-${view.incident.number}`} onClose={onClose}>
      <ul className="inc-more">
        <Row title="Report" sentence="How long, which promises were kept, who did what, and the log">{leads({ kind: 'report' }, 'Export…')}</Row>
        {may('updated') ? <Row title="Update" sentence="A text that is prepared; you send it and say so here">{leads({ kind: 'update' }, 'Write update…')}</Row> : null}
        {may('responded') ? <Row title="Work begins" sentence={may('acknowledged') ? 'Whoever works on it has acknowledged it' : 'Somebody works on it from now on'}>{leads({ kind: 'say', act: 'respond' }, 'Begin work…')}</Row> : null}
        {may('escalated') ? <Row title="Escalate" sentence="Write down to whom you have passed it on, and how">{leads({ kind: 'escalate' }, 'Escalate…')}</Row> : null}
        {may('resolved') ? <Row title="Resolved" sentence="Its cause is gone">{leads({ kind: 'say', act: 'resolve' }, 'Mark resolved…')}</Row> : null}
        {may('paused') ? <Row title="Stop the clocks" sentence="Only with a reason, as where one waits for somebody outside">{leads({ kind: 'say', act: 'pause' }, 'Stop the clocks…')}</Row> : null}
        {may('resumed') ? <Row title="Go on" sentence="Let the clocks go on">{leads({ kind: 'say', act: 'resume' }, 'Let them go on…')}</Row> : null}
      </ul>
      <div className="btns"><Button size="lg" onClick={onClose} data-autofocus>Close</Button></div>
    </Dialog>
  );
}

/** The dialogs of an incident, one at a time. */
export function IncidentDialogs({ dialog, onClose }: Props & { dialog: IncidentDialog }) {
  const { view } = useIncident();
  switch (dialog.kind) {
    case 'more': return <More onClose={onClose} />;
    case 'severity': return <SeverityDialog onClose={onClose} />;
    case 'update': return <UpdateDialog onClose={onClose} />;
    case 'escalate': return <EscalateDialog onClose={onClose} />;
    case 'report': return <ReportDialog of={{ incidentId: view.incident.id }} title={`INC-${view.incident.number}`} onClose={onClose} />;
    case 'say': return <SayDialog act={dialog.act} onClose={onClose} />;
    case 'assign': return <AssignDialog role={dialog.role} onClose={onClose} />;
    case 'correct': return <CorrectDialog seq={dialog.seq} said={dialog.said} onClose={onClose} />;
  }
}
