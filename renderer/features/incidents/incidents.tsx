import { useState } from 'react';
import { Link } from 'wouter';
import type { IncidentSummary } from '#shared/contract/incidents.ts';
import { isSettled, stateWords } from '#shared/domain/incident/incident.ts';
import { Instant, useEngineNow } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { plainText, plural } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { Empty, PageHead, useScreen } from '../../components/screen.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useMethod } from '../../transport/use-method.ts';
import { SeverityBadge } from './head.tsx';
import { OpenDialog } from './open-dialog.tsx';
import { isLate, nextWords } from './words.ts';
import './incidents.css';

const againMs = 15_000;

function SystemTitle({ systemId }: { systemId: string }) {
  useSystemScreen(systemId, 'Incidents');
  return null;
}

function GlobalTitle() {
  useScreen({ screen: 'Incidents', system: null });
  return null;
}

function Next({ incident }: { incident: IncidentSummary }) {
  const now = useEngineNow();
  if (incident.paused) return <span className="t2">Clocks stand still</span>;
  if (incident.next === null) return <span className="t3">–</span>;
  return <span className={isLate(incident.next, now) ? 'critical medium' : ''}>{nextWords(incident.next, now)}</span>;
}

const columns = (systemId: string | null): readonly Column<IncidentSummary>[] => [
  { id: 'title', head: 'Incident', rowHead: true, cell: ({ id, number, title }) => <><Link to={paths.incident(id)}>{plainText(title)}</Link><span className="t3 xs" style={{ display: 'block', fontWeight: 400 }}>INC-{number}</span></>, sortBy: ({ number }) => number },
  { id: 'severity', head: 'Severity', cell: ({ severity }) => <SeverityBadge severity={severity} />, sortBy: ({ severity }) => severity.rank },
  { id: 'state', head: 'State', cell: ({ state }) => stateWords[state], sortBy: ({ state }) => state },
  ...(systemId === null ? [{ id: 'system', head: 'System', cell: ({ systemName, environment }: IncidentSummary) => (systemName === null ? <span className="t3">–</span> : <span className="row">{systemName}{environment === null ? null : <EnvironmentTag environment={environment} short />}</span>) }] : []),
  { id: 'next', head: 'Next', cell: (incident) => <Next incident={incident} />, sortBy: ({ next }) => next?.dueAt ?? '9' },
  { id: 'declared', head: 'Declared', className: 'nowrap', cell: ({ declaredAt }) => <Instant at={declaredAt} />, sortBy: ({ declaredAt }) => declaredAt },
];

/** Every incident: those that are open first, the gravest before. @param props.systemId null: of all systems */
export function Incidents({ systemId }: { systemId: string | null }) {
  const [declaring, setDeclaring] = useState(false);
  const query = useMethod('incident.list', systemId === null ? {} : { systemId }, { againMs });
  const button = <Button look="primary" onClick={() => setDeclaring(true)}>Declare an incident…</Button>;
  return (
    <div className="page dense">
      {systemId === null ? <GlobalTitle /> : <SystemTitle systemId={systemId} />}
      <PageHead title="Incidents" lede="What is wrong, who does what about it, and by when people are promised something.">{(query.data?.incidents.length ?? 0) > 0 ? button : null}</PageHead>
      <Loaded query={query} what="the incidents">
        {({ incidents }) => (incidents.length === 0 ? <Empty action={button}>Nothing was ever declared{systemId === null ? '' : ' for this system'}.</Empty> : (
          <div className="panel"><DataTable label="Incidents" rows={incidents} columns={columns(systemId)} rowKey={({ id }) => id} /><p className="note">{plural(incidents.filter((each) => !isSettled(each)).length, 'incident')} open, {plural(incidents.length, 'in all', 'in all')}</p></div>
        ))}
      </Loaded>
      {declaring ? <OpenDialog systemId={systemId} onClose={() => setDeclaring(false)} /> : null}
    </div>
  );
}
