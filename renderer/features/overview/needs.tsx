import { useLocation } from 'wouter';
import type { Need } from '#shared/contract/systems.ts';
import { AgeFigure, Exact } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { count, plural, prose } from '../../components/format.ts';
import type { IntentState } from '../../components/intent.ts';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { StateGlyph } from '../../components/state.tsx';

/** Where a need's button leads, and what one comes there to do. */
function destination({ action, systemId }: Need): { to: string; state: IntentState | null } | null {
  const about = action.id === null ? {} : { about: action.id };
  switch (action.kind) {
    case 'open-operation': return action.id === null ? { to: paths.operations, state: null } : { to: paths.operation(action.id), state: null };
    case 'open-walkthrough': return action.id === null ? { to: paths.runbooks(systemId), state: null } : { to: paths.walkthrough(action.id), state: null };
    case 'open-incident': return action.id === null ? { to: paths.incidents(systemId), state: null } : { to: paths.incident(action.id), state: null };
    case 'open-calendar': return { to: paths.calendar(systemId), state: null };
    case 'open-settings': return systemId === null ? { to: paths.settings, state: null } : { to: paths.systemScreen(systemId, 'settings'), state: { intent: 'test-host', ...about } };
    default:
  }
  if (systemId === null) return null;
  switch (action.kind) {
    case 'open-health': return { to: paths.systemScreen(systemId, 'health'), state: null };
    case 'open-backups': return { to: paths.systemScreen(systemId, 'backups'), state: null };
    case 'open-restore': return { to: action.id === null ? paths.systemScreen(systemId, 'restore') : paths.restore(systemId, action.id), state: null };
    case 'open-system': return { to: paths.system(systemId), state: null };
    case 'test-connection': return { to: paths.system(systemId), state: { intent: 'test-connection', ...about } };
    case 'back-up': return { to: paths.systemScreen(systemId, 'backups'), state: { intent: 'back-up', ...about } };
    default: return null;
  }
}

/** Further findings of one state, in words. */
const many: Record<Need['state'], string> = { critical: 'critical', warn: 'to look at', unknown: 'unknown', ok: 'ok', skipped: 'skipped' };

/** How many things wait: those that are shown, and what is folded into them. */
export function countNeeds(needs: readonly Need[]): number {
  return needs.reduce((total, need) => total + 1 + need.more, 0);
}

/** How long it has been so. When a server stopped answering nobody knows, only when it last did. */
function Since({ need }: { need: Need }) {
  if (need.since === null) return null;
  return <Exact at={need.since}>{need.action.kind === 'test-connection' || need.action.kind === 'open-settings' ? <>seen <AgeFigure at={need.since} /> ago</> : <>for <AgeFigure at={need.since} /></>}</Exact>;
}

/** What waits for a person, most urgent first; only the first button is filled. */
export function Needs({ needs }: { needs: readonly Need[] }) {
  const propose = usePropose();
  const [, navigate] = useLocation();
  const act = (need: Need) => {
    const backupId = need.action.id;
    if (need.action.kind === 'prove-backup' && backupId !== null) {
      propose({
        title: 'Prove the newest copy',
        choices: null,
        plan: async (engine) => (await engine.call('backup.planVerify', { backupId, level: 'L3' })).plan,
        onStarted: (operationId) => navigate(paths.operation(operationId)),
      });
      return;
    }
    const there = destination(need);
    if (there !== null) navigate(there.to, { state: there.state });
  };
  const folded = countNeeds(needs) - needs.length;
  return (
    <section className="sec" aria-labelledby="needs">
      <header><h2 id="needs">Needs you <span className="count">{countNeeds(needs)}</span></h2><span className="end t3 xs">{folded === 0 ? '' : `${plural(needs.length, 'row')}, and ${count(folded)} more named in them; `}most urgent first</span></header>
      <ul className="need">
        {needs.map((need, index) => (
          <li key={`${need.systemId}-${need.action.kind}-${need.action.id}-${need.text}`} className={index === 0 && (need.state === 'critical' || need.state === 'unknown' || need.state === 'warn') ? `lead ${need.state}` : ''}>
            <StateGlyph kind={need.state} />
            <div className="what">
              <p className="two-lines" title={prose(need.text)}>{prose(need.text)}</p>
              {need.more === 0 ? null : <span className="t3 xs">and {count(need.more)} more {many[need.state]}</span>}
            </div>
            <span className="who"><span className="clip">{need.systemName}</span> {need.environment === null ? null : <EnvironmentTag environment={need.environment} quiet />}</span>
            <span className="t3 xs when"><Since need={need} /></span>
            <Button needsEngine look={index === 0 ? 'primary' : 'quiet'} onClick={() => act(need)}>{need.action.label}</Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
