import { Check, ChevronRight, Mail } from 'lucide-react';
import type { IncidentSummary } from '#shared/contract/incidents.ts';
import { stateWords } from '#shared/domain/incident/incident.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { plainText } from '../../components/format.ts';
import { Glyph, Icon } from '../../components/icons.tsx';
import { Heading } from '../../components/screen.tsx';
import { useIncident, useIncidentAct } from './context.ts';
import { severityTones, track } from './words.ts';

export function SeverityBadge({ severity }: { severity: IncidentSummary['severity'] }) {
  const tone = severityTones[severity.tone];
  return <span className={`badge ${tone}`}><Glyph kind={tone === 'skipped' ? 'todo' : tone} small />{plainText(severity.title)}</span>;
}

const isDone = (state: IncidentSummary['state']): boolean => state === 'mitigated' || state === 'resolved';

/** How far it has come: what is done has a tick, what it is in is strong. */
function Track() {
  const { states, incident: { state } } = useIncident().view;
  const here = state === 'reopened' ? 0 : track.indexOf(state);
  // Whoever works on it has acknowledged it; what was passed over has no tick.
  const was = new Set([...states.map((each) => each.state), ...(here > track.indexOf('acknowledged') ? ['acknowledged' as const] : [])]);
  return (
    <ol className="lc" aria-label="State">
      {track.map((each, index) => {
        const isHere = index === here;
        return (
          <li key={each} className={isHere ? 'on' : ''} {...(isHere ? { 'aria-current': 'step' as const } : {})}>
            {index === 0 ? null : <Icon of={ChevronRight} small />}
            {index < here ? (was.has(each) ? <Icon of={Check} small /> : null) : isHere && state !== 'closed' ? <span className={isDone(state) ? 'ok' : 'running'}><Glyph kind={isDone(state) ? 'ok' : 'running'} small /></span> : null}
            {isHere ? stateWords[state] : stateWords[each]}
            {index < here ? <span className="vh">{was.has(each) ? ', passed' : ', passed over'}</span> : null}
          </li>
        );
      })}
    </ol>
  );
}

/** The next act is the filled button; the others stand before it. */
function Acts() {
  const { view, ask } = useIncident();
  const act = useIncidentAct();
  const { can } = view;
  const may = (kind: (typeof can)[number]): boolean => can.includes(kind);
  const primary = may('closed') ? 'closed' : may('acknowledged') ? 'acknowledged' : view.incident.state === 'acknowledged' ? 'responded' : view.incident.state === 'mitigated' ? 'resolved' : may('updated') ? 'updated' : null;
  const look = (kind: string) => (primary === kind ? ('primary' as const) : ('plain' as const));
  return (
    <div className="row wrap">
      {act.error === null ? null : <ErrorPanel error={act.error} />}
      <Button onClick={() => ask({ kind: 'more' })}>More…</Button>
      {may('severity-changed') ? <Button onClick={() => ask({ kind: 'severity' })}>Change severity</Button> : null}
      {may('reopened') ? <Button onClick={() => ask({ kind: 'say', act: 'reopen' })}>Reopen</Button> : null}
      {may('mitigated') ? <Button onClick={() => ask({ kind: 'say', act: 'mitigate' })}>Mark mitigated</Button> : null}
      {may('resolved') && !may('mitigated') ? <Button look={look('resolved')} onClick={() => ask({ kind: 'say', act: 'resolve' })}>Mark resolved</Button> : null}
      {may('updated') ? <Button look={look('updated')} icon={Mail} onClick={() => ask({ kind: 'update' })}>Write update</Button> : null}
      {may('responded') && primary === 'responded' ? <Button look="primary" disabled={act.isPending} onClick={() => act.mutate({ kind: 'respond' })}>Begin work</Button> : null}
      {may('acknowledged') ? <Button look={look('acknowledged')} disabled={act.isPending} onClick={() => act.mutate({ kind: 'acknowledge' })}>Acknowledge</Button> : null}
      {may('closed') ? <Button look="primary" onClick={() => ask({ kind: 'say', act: 'close' })}>Close incident</Button> : null}
      {view.incident.state === 'closed' ? <Button look="primary" onClick={() => ask({ kind: 'report' })}>Export report…</Button> : null}
    </div>
  );
}

export function Head() {
  const { view } = useIncident();
  const { incident, unsureOf } = view;
  return (
    <div className="page-head">
      <div className="grow inc-head">
        <Heading>{plainText(incident.title)}</Heading>
        <div className="row wrap">
          <SeverityBadge severity={incident.severity} />
          {unsureOf === null ? null : <span className="t3 xs">taken as graver than {plainText(unsureOf)}, since nobody was sure</span>}
          <Track />
        </div>
        {view.seen === '' ? null : <p className="t2 break">{plainText(view.seen)}</p>}
      </div>
      <Acts />
    </div>
  );
}
