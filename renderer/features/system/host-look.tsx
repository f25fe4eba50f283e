import type { Host } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { accessWords, wayWords } from '#shared/domain/found-words.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { useDetection } from '../../components/connect/use-detection.ts';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { paths } from '../../components/paths.ts';
import { HostJobs } from './host-jobs.tsx';

/** What runs on a host, as one look finds it: servers of Postgres, their programs, services and paths. */
export function HostLookDialog({ system, host, onClose }: { system: System; host: Host; onClose: () => void }) {
  const { findings, error, busy, look } = useDetection(host, true);
  return (
    <Dialog title={`What runs on ${host.label}`} environment={system.environment} target={system.name} onClose={onClose} size={680}>
      <p className="t2" role="status">{busy ? 'Looking at what runs there.' : findings === null ? 'One look, which only reads, finds its servers of Postgres, their programs, and services.' : `As ${findings.account ?? host.connection.user} sees it. Nothing was changed there.`}</p>
      {error === null ? null : <ErrorPanel error={error} title={`${host.label} could not be looked at.`} />}
      {findings === null ? null : (
        <dl className="kv looked">
          <dt>Postgres</dt>
          <dd>{findings.postgres.length === 0 ? 'No server was found' : findings.postgres.map((found) => <p key={`${found.container} ${found.ways.map(wayWords).join(' ')}`} className="break">{found.version ?? 'version unknown'}{found.container === null ? '' : ` in the container ${found.container}`}, on {found.ways.map(wayWords).join(' and ')}{found.databases.length === 0 ? '' : `: ${found.databases.join(', ')}`}</p>)}</dd>
          <dt>Its programs</dt>
          <dd>{findings.tools.length === 0 ? 'None was found' : findings.tools.map(({ access, version }) => <p key={JSON.stringify(access)} className="break">pg_dump {version}, {accessWords(access, host.connection.user)}</p>)}</dd>
          <dt>Services</dt>
          <dd>{findings.services.length === 0 ? 'None of those that are looked for' : findings.services.map(({ name, detail }) => <p key={`${name} ${detail}`}><span className="medium">{name}</span> <span className="mono t3 break">{detail}</span></p>)}</dd>
          <dt>Paths</dt>
          <dd>{findings.paths.length === 0 ? 'None of those that are looked for' : findings.paths.map(({ what, path, readable }) => <p key={path}><span className="mono break">{path}</span> <span className="t3 xs">{what}, {readable ? 'readable' : 'not readable for this account'}</span></p>)}</dd>
          <dt>Our jobs</dt>
          <dd><HostJobs host={host} /></dd>
          {findings.blind.length === 0 ? null : <><dt>Not seen</dt><dd>{findings.blind.map((line) => <p key={line}>{line}</p>)}</dd></>}
        </dl>
      )}
      <div className="btns foot">
        <LinkButton size="lg" to={paths.system(system.id)} intent={{ intent: 'add-database', about: host.id }}>Add a database of it…</LinkButton>
        <Button needsEngine size="lg" disabled={busy} onClick={look}>{findings === null ? 'Look' : 'Look again'}</Button>
        <Button size="lg" onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
