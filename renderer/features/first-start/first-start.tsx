import { Lock, Play, Server } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { Button } from '../../components/button.tsx';
import { AddSystem } from '../../components/connect/add-system.tsx';
import { plural } from '../../components/format.ts';
import { Icon, Mark } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { usePropose } from '../../components/plan/propose.tsx';
import { useIntent } from '../../components/intent.ts';
import { Tint } from '../../components/state.tsx';
import { useMethod } from '../../transport/use-method.ts';
import './first-start.css';

/** One sentence and two ways in. */
export function FirstStart() {
  const propose = usePropose();
  const [, navigate] = useLocation();
  const [adding, setAdding] = useState(false);
  const about = useMethod('app.about', {});
  const practice = useMethod('practice.status', {});
  const copies = useMethod('backup.list', { systemId: null, limit: 1 });
  useIntent('add-system', true, () => setAdding(true));
  useEffect(() => {
    document.title = 'Pilothouse';
  }, []);
  const start = () =>
    propose({
      title: 'Start the practice system',
      choices: null,
      plan: async (engine) => (await engine.call('practice.plan', { action: 'up' })).plan,
      onStarted: (operationId) => navigate(paths.operation(operationId), { state: { landing: 'system' } }),
    });
  const unsupported = practice.data?.state === 'unsupported';
  return (
    <main className="first-start" id="main" tabIndex={-1}>
      <div className="hero">
        <Mark size={56} />
        <h1>Pilothouse shows what your servers and databases need, and proves that you could restore them.</h1>
        <div className="choices">
          <div>
            <Button look="primary" size="lg" icon={Play} onClick={start} disabled={unsupported}>Start the practice system</Button>
            <p>A small shop with its own Postgres and its own SSH host, on this computer only. Break it, restore it, throw it away.</p>
          </div>
          <div>
            <Button needsEngine size="lg" icon={Server} onClick={() => setAdding(true)}>Connect a database</Button>
            <p>You need a host name and a role. The first look only reads; nothing is installed or changed there.</p>
          </div>
        </div>
        <p className="t2">Your servers are in <span className="mono">~/.ssh/config</span> or <span className="mono">~/.pgpass</span> already? <Link to={paths.import(null, 'hosts')}>Import hosts and databases…</Link></p>
        <p className="t2">No server within reach? <Link to={paths.runbooks(null)}>Runbooks</Link> are walked on paper and rehearsed without one, and a <Link to={paths.packs}>pack</Link> brings a whole system: runbooks, a calendar, people.</p>
        {copies.data === undefined || copies.data.total === 0 ? null : <Tint kind="unknown"><p>The backup folder holds {plural(copies.data.total, 'copy', 'copies')} of no system here. Once there is a system, they stand under its Backups, to be looked at, restored or deleted.</p></Tint>}
        {unsupported ? <Tint kind="warn"><p>The practice system cannot run here: {practice.data?.reason}</p></Tint> : null}
      </div>
      <footer className="t3 xs">
        <span className="row"><Icon of={Lock} small />Everything Pilothouse learns stays in one file on this computer</span>
        <span>{about.data === undefined ? '' : `Version ${about.data.version}`}</span>
      </footer>
      {adding ? <AddSystem onClose={() => setAdding(false)} /> : null}
    </main>
  );
}
