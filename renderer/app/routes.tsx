import { lazy } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { paths } from '../components/paths.ts';
import { KnownSystem } from './known-system.tsx';

export const FirstStart = lazy(() => import('../features/first-start/first-start.tsx').then((module) => ({ default: module.FirstStart })));
const Overview = lazy(() => import('../features/overview/overview.tsx').then((module) => ({ default: module.Overview })));
const SystemHome = lazy(() => import('../features/system/system-home.tsx').then((module) => ({ default: module.SystemHome })));
const SystemSettings = lazy(() => import('../features/system/system-settings.tsx').then((module) => ({ default: module.SystemSettings })));
const Health = lazy(() => import('../features/health/health.tsx').then((module) => ({ default: module.Health })));
const Backups = lazy(() => import('../features/backups/backups.tsx').then((module) => ({ default: module.Backups })));
const BackupDetail = lazy(() => import('../features/backups/backup-detail.tsx').then((module) => ({ default: module.BackupDetail })));
const RestorePick = lazy(() => import('../features/restore/pick.tsx').then((module) => ({ default: module.RestorePick })));
const RestoreTarget = lazy(() => import('../features/restore/target.tsx').then((module) => ({ default: module.RestoreTarget })));
const RestoreRun = lazy(() => import('../features/restore/run.tsx').then((module) => ({ default: module.RestoreRun })));
const RestoreCompare = lazy(() => import('../features/restore/compare.tsx').then((module) => ({ default: module.RestoreCompare })));
const Operations = lazy(() => import('../features/operations/operations.tsx').then((module) => ({ default: module.Operations })));
const OperationScreen = lazy(() => import('../features/operations/operation-screen.tsx').then((module) => ({ default: module.OperationScreen })));
const HistoryScreen = lazy(() => import('../features/history/history.tsx').then((module) => ({ default: module.HistoryScreen })));
const Library = lazy(() => import('../features/runbooks/library.tsx').then((module) => ({ default: module.Library })));
const StartForm = lazy(() => import('../features/runbooks/start/start.tsx').then((module) => ({ default: module.StartForm })));
const PrintRunbook = lazy(() => import('../features/runbooks/print.tsx').then((module) => ({ default: module.PrintRunbook })));
const RunbookEditor = lazy(() => import('../features/runbooks/editor/editor.tsx').then((module) => ({ default: module.RunbookEditor })));
const NewRunbook = lazy(() => import('../features/runbooks/editor/editor.tsx').then((module) => ({ default: module.NewRunbook })));
const Walked = lazy(() => import('../features/runbooks/walked.tsx').then((module) => ({ default: module.Walked })));
const HandbookScreen = lazy(() => import('../features/handbook/handbook.tsx').then((module) => ({ default: module.HandbookScreen })));
const Packs = lazy(() => import('../features/packs/packs.tsx').then((module) => ({ default: module.Packs })));
const PackScreen = lazy(() => import('../features/packs/pack.tsx').then((module) => ({ default: module.PackScreen })));
const AdoptPack = lazy(() => import('../features/packs/adopt.tsx').then((module) => ({ default: module.AdoptPack })));
const Guides = lazy(() => import('../features/guides/guides.tsx').then((module) => ({ default: module.Guides })));
const ReviewGuide = lazy(() => import('../features/guides/review.tsx').then((module) => ({ default: module.ReviewGuide })));
const PackOfSystem = lazy(() => import('../features/packs/pack-of-system.tsx').then((module) => ({ default: module.PackOfSystem })));
const ImportScreen = lazy(() => import('../features/import/import-screen.tsx').then((module) => ({ default: module.ImportScreen })));
const Walkthrough = lazy(() => import('../features/walkthrough/walkthrough.tsx').then((module) => ({ default: module.Walkthrough })));
const WalkthroughPrint = lazy(() => import('../features/walkthrough/print.tsx').then((module) => ({ default: module.WalkthroughPrint })));
const Calendar = lazy(() => import('../features/calendar/calendar.tsx').then((module) => ({ default: module.Calendar })));
const Incidents = lazy(() => import('../features/incidents/incidents.tsx').then((module) => ({ default: module.Incidents })));
const Incident = lazy(() => import('../features/incidents/incident.tsx').then((module) => ({ default: module.Incident })));
const SettingsScreen = lazy(() => import('../features/settings/settings.tsx').then((module) => ({ default: module.SettingsScreen })));

/** Every screen by its address. The key draws a screen anew when it is about something else. */
export function Screens() {
  return (
    <Switch>
      <Route path="/"><Overview /></Route>
      <Route path="/operations"><Operations /></Route>
      <Route path="/operations/:operationId">{({ operationId }) => <OperationScreen key={operationId} operationId={operationId} />}</Route>
      <Route path="/history"><HistoryScreen systemId={null} /></Route>
      <Route path="/runbooks"><Library systemId={null} /></Route>
      <Route path="/runbooks/walked"><Walked systemId={null} /></Route>
      <Route path="/runbooks/start/:pack/:file">{({ pack, file }) => <StartForm key={`${pack}/${file}`} systemId={null} pack={pack} file={file} continues={null} />}</Route>
      <Route path="/runbooks/start/:pack/:file/continues/:earlier">{({ pack, file, earlier }) => <StartForm key={earlier} systemId={null} pack={pack} file={file} continues={earlier} />}</Route>
      <Route path="/runbooks/print/:pack/:file">{({ pack, file }) => <PrintRunbook systemId={null} pack={pack} file={file} />}</Route>
      <Route path="/runbooks/new"><NewRunbook systemId={null} /></Route>
      <Route path="/runbooks/edit/:pack/:file">{({ pack, file }) => <RunbookEditor key={`${pack}/${file}`} systemId={null} pack={pack} file={file} />}</Route>
      <Route path="/packs"><Packs systemId={null} /></Route>
      <Route path="/packs/:name">{({ name }) => <PackScreen key={name} name={name} />}</Route>
      <Route path="/guides"><Guides /></Route>
      <Route path="/guides/:id">{({ id }) => <ReviewGuide key={id} guideId={id} />}</Route>
      <Route path="/adopt/:name">{({ name }) => <AdoptPack key={name} systemId={null} name={name} />}</Route>
      <Route path="/calendar"><Calendar systemId={null} /></Route>
      <Route path="/incidents"><Incidents systemId={null} /></Route>
      <Route path="/incidents/:id">{({ id }) => <Incident key={id} incidentId={id} />}</Route>
      <Route path="/incidents/:incident/start/:pack/:file">{({ incident, pack, file }) => <StartForm key={`${pack}/${file}`} systemId={null} pack={pack} file={file} continues={null} incidentId={incident} />}</Route>
      <Route path="/settings/:section?">{({ section }) => <SettingsScreen section={section ?? null} />}</Route>
      <Route path="/import/:kind">{({ kind }) => <ImportScreen systemId={null} kind={kind === 'databases' ? 'databases' : 'hosts'} />}</Route>
      <Route path="/walkthroughs/:id">{({ id }) => <Walkthrough key={id} walkthroughId={id} />}</Route>
      <Route path="/walkthroughs/:id/print">{({ id }) => <WalkthroughPrint key={id} walkthroughId={id} />}</Route>
      <Route path="/systems/:id">{({ id }) => <KnownSystem systemId={id}><SystemHome key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/health">{({ id }) => <KnownSystem systemId={id}><Health key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/backups">{({ id }) => <KnownSystem systemId={id}><Backups key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/backups/:backupId">{({ id, backupId }) => <KnownSystem systemId={id}><BackupDetail key={backupId} systemId={id} backupId={backupId} /></KnownSystem>}</Route>
      <Route path="/systems/:id/restore">{({ id }) => <KnownSystem systemId={id}><RestorePick key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/restore/new/:backupId">{({ id, backupId }) => <KnownSystem systemId={id}><RestoreTarget key={backupId} systemId={id} backupId={backupId} /></KnownSystem>}</Route>
      <Route path="/systems/:id/restore/run/:operationId">{({ id, operationId }) => <KnownSystem systemId={id}><RestoreRun key={operationId} systemId={id} operationId={operationId} /></KnownSystem>}</Route>
      <Route path="/systems/:id/restore/:restoreId">{({ id, restoreId }) => <KnownSystem systemId={id}><RestoreCompare key={restoreId} systemId={id} restoreId={restoreId} /></KnownSystem>}</Route>
      <Route path="/systems/:id/runbooks">{({ id }) => <KnownSystem systemId={id}><Library key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/runbooks/walked">{({ id }) => <KnownSystem systemId={id}><Walked key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/runbooks/start/:pack/:file">{({ id, pack, file }) => <KnownSystem systemId={id}><StartForm key={`${id}/${pack}/${file}`} systemId={id} pack={pack} file={file} continues={null} /></KnownSystem>}</Route>
      <Route path="/systems/:id/runbooks/start/:pack/:file/continues/:earlier">{({ id, pack, file, earlier }) => <KnownSystem systemId={id}><StartForm key={earlier} systemId={id} pack={pack} file={file} continues={earlier} /></KnownSystem>}</Route>
      <Route path="/systems/:id/runbooks/print/:pack/:file">{({ id, pack, file }) => <KnownSystem systemId={id}><PrintRunbook systemId={id} pack={pack} file={file} /></KnownSystem>}</Route>
      <Route path="/systems/:id/runbooks/new">{({ id }) => <KnownSystem systemId={id}><NewRunbook key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/runbooks/edit/:pack/:file">{({ id, pack, file }) => <KnownSystem systemId={id}><RunbookEditor key={`${id}/${pack}/${file}`} systemId={id} pack={pack} file={file} /></KnownSystem>}</Route>
      <Route path="/systems/:id/handbook">{({ id }) => <KnownSystem systemId={id}><HandbookScreen key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/packs">{({ id }) => <KnownSystem systemId={id}><Packs systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/pack">{({ id }) => <KnownSystem systemId={id}><PackOfSystem key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/adopt/:name">{({ id, name }) => <KnownSystem systemId={id}><AdoptPack key={`${id}/${name}`} systemId={id} name={name} /></KnownSystem>}</Route>
      <Route path="/systems/:id/calendar">{({ id }) => <KnownSystem systemId={id}><Calendar key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/calendar/:entry/:local/start/:pack/:file">{({ id, entry, local, pack, file }) => <KnownSystem systemId={id}><StartForm key={`${id}/${pack}/${file}`} systemId={id} pack={pack} file={file} continues={null} occurrence={{ systemId: id, key: entry, local }} /></KnownSystem>}</Route>
      <Route path="/systems/:id/incidents">{({ id }) => <KnownSystem systemId={id}><Incidents key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/incidents/:incident/start/:pack/:file">{({ id, incident, pack, file }) => <KnownSystem systemId={id}><StartForm key={`${id}/${pack}/${file}`} systemId={id} pack={pack} file={file} continues={null} incidentId={incident} /></KnownSystem>}</Route>
      <Route path="/systems/:id/history">{({ id }) => <KnownSystem systemId={id}><HistoryScreen key={id} systemId={id} /></KnownSystem>}</Route>
      <Route path="/systems/:id/import/:kind">{({ id, kind }) => <KnownSystem systemId={id}><ImportScreen key={id} systemId={id} kind={kind === 'databases' ? 'databases' : 'hosts'} /></KnownSystem>}</Route>
      <Route path="/systems/:id/settings">{({ id }) => <KnownSystem systemId={id}><SystemSettings key={id} systemId={id} /></KnownSystem>}</Route>
      <Route><Redirect to={paths.overview} replace /></Route>
    </Switch>
  );
}
