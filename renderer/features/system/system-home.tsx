import { Activity, Plus } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { Host } from '#shared/contract/hosts.ts';
import type { Database, System, SystemCard } from '#shared/contract/systems.ts';
import { Age } from '../../components/age.tsx';
import { Button, LinkButton } from '../../components/button.tsx';
import { ConnectionDialog } from '../../components/connect/connection-dialog.tsx';
import { prose, plural } from '../../components/format.ts';
import { useIntent } from '../../components/intent.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { ProofLadder } from '../../components/proof-ladder.tsx';
import { usePracticeStopped } from '../../components/practice.tsx';
import { PageHead } from '../../components/screen.tsx';
import { State } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { PasswordsNeeded } from '../../components/passwords-needed.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { Databases } from './databases.tsx';
import { HomeHosts } from './home-hosts.tsx';
import { standingOf } from './host-trouble.ts';
import { NextThing, nextThing } from './next-thing.tsx';
import { PracticePanel } from './practice-panel.tsx';
import { TestDialog } from './test-dialog.tsx';
import './system.css';

type Dialogs = { kind: 'add'; viaId: string | null; behind: boolean } | { kind: 'edit' | 'test'; database: Database } | null;

function Figures({ system, card, hosts }: { system: System; card: SystemCard; hosts: readonly Host[] }) {
  const own = hosts.filter(({ systemId }) => systemId === system.id);
  const standing = standingOf(own, hosts);
  return (
    <div className="figures">
      <div>
        <p className="label">Health</p>
        <p><State kind={card.state}>{card.stateText}</State></p>
        <p className="t3 xs">{card.checkedAt === null ? 'Nobody has looked so far' : <Age at={card.checkedAt} />}</p>
        {card.worst === null ? null : <p className="t2 xs break">{prose(card.worst)}</p>}
      </div>
      <div>
        <p className="label">Newest proven copy</p>
        {card.newestProven === null ? <p>None</p> : <p className="row"><ProofLadder level={card.newestProven.proof} short /> <Age at={card.newestProven.takenAt} /></p>}
        <p className="t3 xs">{card.newestProven?.database ?? (card.newestBackup === null ? 'Never backed up' : 'There is a copy, but nothing proves that it comes back')}</p>
      </div>
      <div>
        <p className="label">{own.length === 0 ? 'Databases' : 'Databases and hosts'}</p>
        <p>{plural(system.databases.length, 'database')}{own.length === 0 ? '' : `, ${plural(own.length, 'host')}`}</p>
        {standing === null ? null : <p><State kind={standing.state}>{standing.text}</State></p>}
        {standing === null || standing.why === '' ? null : <p className="t2 xs break">{standing.why}</p>}
        <p className="t3 xs">{system.readOnly ? 'Read only: nothing here can be changed' : system.environment === 'production' ? 'Changes ask for the typed name' : 'Changes ask with their plan'}</p>
      </div>
    </div>
  );
}

/** A system's own screen: how it stands, its databases and hosts, and the next right thing. */
export function SystemHome({ systemId }: { systemId: string }) {
  const query = useSystemScreen(systemId, 'Databases');
  const restores = useMethod('restore.list', { systemId, limit: 20 });
  const hosts = useMethod('host.list', {});
  const stopped = usePracticeStopped(systemId);
  const [dialog, setDialog] = useState<Dialogs>(null);
  const [, navigate] = useLocation();
  const close = () => setDialog(null);
  const data = query.data;
  useIntent('add-database', data !== undefined, (about) => setDialog({ kind: 'add', viaId: about, behind: false }));
  useIntent('add-database-behind', data !== undefined, (about) => setDialog({ kind: 'add', viaId: about, behind: true }));
  useIntent('test-connection', data !== undefined, (about) => {
    const database = data?.system.databases.find(({ id }) => id === about) ?? data?.system.databases[0];
    if (database !== undefined) setDialog({ kind: 'test', database });
  });
  return (
    <div className="page dense">
      <Loaded query={query} what="the system">
        {({ system, card }) => {
          const next = nextThing(system, card, restores.data?.restores ?? [], stopped);
          return (
            <>
              <PageHead title={system.name} lede={next.lede}>
                {/* Where the next thing is the first database, one button for it is enough. */}
                {next.kind === 'add' ? null : <Button needsEngine icon={Plus} onClick={() => setDialog({ kind: 'add', viaId: null, behind: false })}>Add database</Button>}
                {next.kind === 'add' && hosts.data?.hosts.some((host) => host.systemId === systemId) ? <LinkButton icon={Activity} to={paths.systemScreen(systemId, 'health')} intent={{ intent: 'run-checks' }}>Run checks</LinkButton> : null}
                <NextThing next={next} system={system} onAdd={() => setDialog({ kind: 'add', viaId: null, behind: false })} navigate={navigate} />
              </PageHead>
              <PasswordsNeeded system={system} />
              <Figures system={system} card={card} hosts={hosts.data?.hosts ?? []} />
              <Databases system={system} onEdit={(database) => setDialog({ kind: 'edit', database })} onTest={(database) => setDialog({ kind: 'test', database })} />
              <HomeHosts system={system} query={hosts} />
              {system.environment === 'practice' ? <PracticePanel systemId={systemId} /> : null}
              {dialog?.kind === 'add' ? <ConnectionDialog system={system} database={null} viaId={dialog.viaId} behind={dialog.behind} onClose={close} /> : null}
              {dialog?.kind === 'edit' ? <ConnectionDialog system={system} database={system.databases.find(({ id }) => id === dialog.database.id) ?? dialog.database} onClose={close} /> : null}
              {dialog?.kind === 'test' ? <TestDialog system={system} database={dialog.database} onClose={close} onEdit={() => setDialog({ kind: 'edit', database: dialog.database })} /> : null}
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
