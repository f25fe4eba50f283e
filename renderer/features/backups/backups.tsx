import { FolderSearch, Package } from 'lucide-react';
import { useLocation } from 'wouter';
import { Age } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { CopiesElsewhere } from '../../components/copies/elsewhere.tsx';
import { useCopies } from '../../components/copies/use-copies.ts';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { count, plural } from '../../components/format.ts';
import { useIntent } from '../../components/intent.ts';
import { Loaded, SkeletonRows } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { PasswordsNeeded } from '../../components/passwords-needed.tsx';
import { usePropose } from '../../components/plan/propose.tsx';
import { Empty, PageHead } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { BackupChoices, defaultOptions, type Choices } from './backup-choices.tsx';
import { CopyList } from './copies.tsx';
import { FilesPanel } from './files-panel.tsx';
import { Heads } from './heads.tsx';
import { Lanes } from './lanes.tsx';
import { Plans } from './plans.tsx';
import { Unfinished } from './unfinished.tsx';
import './backups.css';

/** What exists with its proof, and how old the newest proven copy is. */
export function Backups({ systemId }: { systemId: string }) {
  const system = useSystemScreen(systemId, 'Backups');
  const copies = useCopies(systemId);
  const limits = useMethod('health.limits', { systemId });
  const newest = useMethod('backup.newest', { systemId });
  const running = useMethod('operation.list', { systemId, active: true, kinds: ['backup.run', 'backup.verify'], limit: 20 });
  const scan = useCommand('backup.scan');
  const propose = usePropose();
  const [, navigate] = useLocation();
  const databases = system.data?.system.databases ?? [];

  const backUp = (databaseId: string | undefined, options = defaultOptions, backupPlanId?: string) => {
    if (databaseId === undefined) return;
    propose<Choices>({
      title: 'Back up now',
      choices: { databaseId, options, ...(backupPlanId === undefined ? {} : { backupPlanId }) },
      plan: async (engine, choices) => (await engine.call('backup.plan', choices)).plan,
      renderChoices: (choices, change) => <BackupChoices choices={choices} databases={databases} change={change} />,
      onStarted: (operationId) => navigate(paths.operation(operationId)),
    });
  };
  const first = databases[0]?.id;
  const inUse = limits.data?.limits.find(({ check }) => check === 'last-backup');
  const own = system.data?.system.policy.backupAgeHours ?? { warn: 26, critical: 50 };
  const ages = { warn: inUse?.warn ?? own.warn, critical: inUse?.critical ?? own.critical };
  useIntent('back-up', first !== undefined, (about) => backUp(about !== null && databases.some(({ id }) => id === about) ? about : first));
  return (
    <div className="page dense">
      <PageHead title="Backups" lede={<>What a restore right now would lose {copies.scannedAt === null ? null : <Age at={copies.scannedAt} before="catalogue read " />}</>}>
        <Button needsEngine icon={FolderSearch} disabled={scan.isPending} onClick={() => scan.mutate({})}>Read the folder again</Button>
        <Button look="primary" icon={Package} disabled={first === undefined} onClick={() => backUp(first)}>Back up now</Button>
      </PageHead>
      <PasswordsNeeded system={system.data?.system} />
      <Unfinished systemId={systemId} />
      {scan.error === null ? null : <ErrorPanel error={scan.error} title="The folder was not read." onRetry={() => scan.mutate({})} />}
      {scan.data === undefined ? null : (
        <Tint kind={scan.data.missing > 0 || scan.data.unreadable.length > 0 ? 'warn' : 'ok'} role="status">
          <p>{plural(scan.data.found, 'copy', 'copies')} found, {count(scan.data.added)} new, {count(scan.data.missing)} missing, {count(scan.data.unreadable.length)} unreadable.</p>
          {scan.data.unreadable.length === 0 ? null : <ul className="bul">{scan.data.unreadable.map(({ path, reason }) => <li key={path}><span className="mono">{path}</span>: {reason}</li>)}</ul>}
        </Tint>
      )}
      {system.data === undefined ? null : (
        <Loaded query={newest} what="the newest copies" skeleton={<span className="sk" style={{ width: 320 }} />}>
          {(answer) => <Heads databases={databases} newest={answer.databases} limits={ages} />}
        </Loaded>
      )}
      <Loaded query={copies.query} what="the backups" skeleton={<SkeletonRows what="the backups" columns={[110, 140, 180, 60, 80]} />}>
        {() => (
          <>
            {copies.backups.length === 0 ? null : <Lanes backups={copies.backups} cut={copies.query.hasNextPage} />}
            {copies.backups.length === 0 && (running.data?.operations.length ?? 0) === 0 ? (
              <Empty>{first === undefined ? 'There is no database here to back up. Add one on the system’s own screen.' : 'There is no copy of this system so far. “Back up now” shows what it would do first.'}</Empty>
            ) : (
              <div className="two-col">
                <CopyList copies={copies} systemId={systemId} running={running.data?.operations ?? []} />
                {system.data === undefined ? null : <Plans system={system.data.system} onRun={(plan) => backUp(plan.databaseId, plan.options, plan.id)} />}
              </div>
            )}
          </>
        )}
      </Loaded>
      {system.data === undefined ? null : <FilesPanel system={system.data.system} />}
      <CopiesElsewhere systemId={systemId} />
    </div>
  );
}

