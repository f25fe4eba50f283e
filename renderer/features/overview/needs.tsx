import { useLocation } from 'wouter';
import type { Need, SystemCard } from '#shared/contract/systems.ts';
import { AgeFigure, Exact } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { prose } from '../../components/format.ts';
import type { IntentState } from '../../components/intent.ts';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { StateGlyph } from '../../components/state.tsx';

/** Where a need's button leads, and what one comes there to do. */
function destination({ action, systemId }: Need): { to: string; state: IntentState | null } | null {
  const about = action.id === null ? {} : { about: action.id };
  switch (action.kind) {
    case 'open-operation': return action.id === null ? { to: paths.operations, state: null } : { to: paths.operation(action.id), state: null };
    case 'open-settings': return { to: paths.settings, state: null };
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

/** Several findings of one state, in words. */
const many: Record<Need['state'], string> = { critical: 'critical findings', warn: 'warnings', unknown: 'unknown', ok: 'ok', skipped: 'skipped' };

/** How many findings one need speaks for: health names its worst one, and there may be more of that state. */
export function findingsBehind(need: Need, systems: readonly SystemCard[]): number {
  if (need.action.kind !== 'open-health') return 1;
  return Math.max(1, systems.find(({ system }) => system.id === need.systemId)?.counts[need.state] ?? 1);
}

/** What waits for a person, most urgent first; only the first button is filled. */
export function Needs({ needs, systems }: { needs: readonly Need[]; systems: readonly SystemCard[] }) {
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
  return (
    <section className="sec" aria-labelledby="needs">
      <header><h2 id="needs">Needs you <span className="count">{needs.reduce((total, need) => total + findingsBehind(need, systems), 0)}</span></h2><span className="end t3 xs">most urgent first</span></header>
      <ul className="need">
        {needs.map((need, index) => {
          const findings = findingsBehind(need, systems);
          return (
            <li key={`${need.systemId}-${need.text}`} className={index === 0 && (need.state === 'critical' || need.state === 'unknown' || need.state === 'warn') ? `lead ${need.state}` : ''}>
              <StateGlyph kind={need.state} />
              <div className="what">
                <p className="two-lines" title={prose(need.text)}>{prose(need.text)}</p>
                {findings === 1 ? null : <span className="t3 xs">most urgent of {findings} {many[need.state]}</span>}
              </div>
              <span className="who"><span className="clip">{need.systemName}</span> {need.environment === null ? null : <EnvironmentTag environment={need.environment} quiet />}</span>
              <span className="t3 xs when">{need.since === null ? '' : <Exact at={need.since}>for <AgeFigure at={need.since} /></Exact>}</span>
              <Button look={index === 0 ? 'primary' : 'quiet'} onClick={() => act(need)}>{need.action.label}</Button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
