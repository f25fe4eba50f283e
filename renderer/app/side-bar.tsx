import { BookOpen, CalendarDays, Flag, History, LayoutDashboard, Settings, Zap } from 'lucide-react';
import { Link } from 'wouter';
import type { SystemCard } from '#shared/contract/systems.ts';
import { EnvironmentTag } from '../components/environment-tag.tsx';
import { Icon } from '../components/icons.tsx';
import { paths, systemScreens, systemScreenWords } from '../components/paths.ts';
import { StateGlyph } from '../components/state.tsx';
import { useMethod } from '../transport/use-method.ts';

function current(here: boolean): { 'aria-current'?: 'page' } {
  return here ? { 'aria-current': 'page' } : {};
}

function SystemEntry({ card, location, place, waiting, begun, open: incidents, due }: { card: SystemCard; location: string; place: string | null; waiting: number; begun: number; open: number; due: number }) {
  const home = paths.system(card.system.id);
  const open = location === home || location.startsWith(`${home}/`);
  const numbers: Partial<Record<(typeof systemScreens)[number], number>> = { health: card.counts.critical, restore: waiting, runbooks: begun, calendar: due, incidents };
  return (
    <li className={open ? 'open' : ''}>
      <Link to={open ? home : (place ?? home)} {...current(location === home)} title={card.system.name}>
        <StateGlyph kind={card.state} small />
        <span className="clip lb">{card.system.name}</span>
        <EnvironmentTag environment={card.system.environment} short />
      </Link>
      {open ? (
        <ul className="sub">
          {systemScreens.map((screen) => {
            const to = paths.systemScreen(card.system.id, screen);
            const number = numbers[screen] ?? 0;
            return (
              <li key={screen}>
                <Link to={to} {...current(location === to || location.startsWith(`${to}/`))}>
                  {systemScreenWords[screen]}
                  {number > 0 ? <span className="n">{number}</span> : null}
                </Link>
              </li>
            );
          })}
        </ul>
      ) : null}
    </li>
  );
}

/** @param props.placeIn the screen of a system that one was on last */
export function SideBar({ location, placeIn }: { location: string; placeIn: (systemId: string) => string | null }) {
  // Backups grow old and work gets overdue while nothing happens. Whoever shows it beside the side bar is fresh with it.
  const overview = useMethod('overview.get', {}, { againMs: 60_000 });
  const restores = useMethod('restore.list', { limit: 100 });
  const walkthroughs = useMethod('walkthrough.list', { active: true, limit: 100 });
  const begun = walkthroughs.data?.runs ?? [];
  const incidents = useMethod('incident.list', { open: true, limit: 500 }).data?.incidents ?? [];
  const due = (systemId: string | null) => (overview.data?.needs ?? []).filter((need) => need.action.kind === 'open-calendar' && (systemId === null || need.systemId === systemId)).reduce((sum, need) => sum + 1 + need.more, 0);
  const running = overview.data?.running.length ?? 0;
  const waiting = (systemId: string) => restores.data?.restores.filter((restore) => restore.systemId === systemId && restore.state === 'beside').length ?? 0;
  return (
    <nav className="side" aria-label="Main">
      <ul>
        <li><Link to={paths.overview} {...current(location === '/')}><Icon of={LayoutDashboard} /><span className="lb">Overview</span></Link></li>
        <li>
          <Link to={paths.calendar(null)} {...current(location.startsWith('/calendar'))}>
            <Icon of={CalendarDays} /><span className="lb">Calendar</span>
            {due(null) > 0 ? <span className="n">{due(null)}</span> : null}
          </Link>
        </li>
        <li>
          <Link to={paths.incidents(null)} {...current(location.startsWith('/incidents'))}>
            <Icon of={Flag} /><span className="lb">Incidents</span>
            {incidents.length > 0 ? <span className="n">{incidents.length}</span> : null}
          </Link>
        </li>
        <li><Link to={paths.history} {...current(location.startsWith('/history'))}><Icon of={History} /><span className="lb">History</span></Link></li>
        <li>
          <Link to={paths.runbooks(null)} {...current(location.startsWith('/runbooks') || location.startsWith('/walkthroughs'))}>
            <Icon of={BookOpen} /><span className="lb">Runbooks</span>
            {begun.length > 0 ? <span className="n">{begun.length}</span> : null}
          </Link>
        </li>
      </ul>
      {overview.data === undefined ? null : (
        <div>
          <h2><span className="lb">Systems</span></h2>
          <ul>
            {overview.data.systems.map((card) => <SystemEntry key={card.system.id} card={card} location={location} place={placeIn(card.system.id)} waiting={waiting(card.system.id)} begun={begun.filter(({ systemId }) => systemId === card.system.id).length} open={incidents.filter(({ systemId }) => systemId === card.system.id).length} due={due(card.system.id)} />)}
          </ul>
        </div>
      )}
      <ul className="foot">
        <li>
          <Link to={paths.operations} {...current(location.startsWith('/operations'))}>
            <Icon of={Zap} /><span className="lb">Operations</span>
            {running > 0 ? <span className="n">{running} running</span> : null}
          </Link>
        </li>
        <li><Link to={paths.settings} {...current(location.startsWith('/settings'))}><Icon of={Settings} /><span className="lb">Settings</span></Link></li>
      </ul>
    </nav>
  );
}
