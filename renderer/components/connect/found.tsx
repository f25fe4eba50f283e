import type { FoundPostgres, HostFindings } from '#shared/contract/detection.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { ToolsAccess } from '#shared/contract/systems.ts';
import { accessWords, wayWords } from '#shared/domain/found-words.ts';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { plural } from '../format.ts';
import { staysThere, toolsDraft, type Draft } from './draft.ts';
import type { Detection } from './use-detection.ts';

type Way = FoundPostgres['ways'][number];

const namesOf = (databases: readonly string[]): string => {
  const own = databases.filter((name) => name !== 'postgres');
  return own.length === 0 ? '' : `${own.slice(0, 4).join(', ')}${own.length > 4 ? ` and ${own.length - 4} more` : ''}`;
};

const majorOf = (version: string | null): number => Number.parseInt(version ?? '', 10);

/** Programs that fit a server that was found, preferably where it is. Those of this computer where there are none. */
function fittingTools({ container, version }: FoundPostgres, tools: HostFindings['tools'], user: string): Partial<Draft> {
  const fitting = tools.filter((tool) => !(majorOf(tool.version) < majorOf(version)));
  if (container !== null && fitting.some(({ access }) => access.kind === 'docker' && access.container === container)) return toolsDraft({ where: 'host', access: { kind: 'docker', container }, connect: { host: '/var/run/postgresql', port: 5432, user: user || 'postgres' } });
  if (fitting.some(({ access }) => access.kind === 'plain')) return toolsDraft({ where: 'host', access: { kind: 'plain' }, connect: null });
  return { toolsWhere: 'here' };
}

/** What a server that was found makes of the form; whom it lets in without a password is taken along, and so are programs that fit it. */
export function fillFrom(found: FoundPostgres, way: Way, draft: Draft, tools: HostFindings['tools']): Partial<Draft> {
  const [only, ...others] = found.databases.filter((name) => name !== 'postgres');
  const letIn = found.letsIn.find(({ by, host, port }) => by === 'account' && host === way.host && port === way.port);
  return {
    host: way.host, port: String(way.port),
    ...(only !== undefined && others.length === 0 && draft.database === '' ? { database: only } : {}),
    ...(letIn === undefined ? {} : { user: letIn.user, passwordSource: 'none' as const, password: '' }),
    ...(draft.tlsByDefault || !staysThere(way.host) ? {} : { tlsMode: 'disable' as const }),
    ...fittingTools(found, tools, letIn?.user ?? draft.user),
  };
}

/** The way of its own that tools of this access have to the server of a form, without a password; null where none was found. */
function ownWayOf(access: ToolsAccess, findings: HostFindings, draft: Draft): { ownWay: boolean; ownHost?: string; ownPort?: string; ownUser?: string } {
  const here = findings.postgres.find(({ ways }) => ways.some(({ host, port }) => host === draft.host && String(port) === draft.port));
  const letIn = here?.letsIn.find(({ by }) => by === (access.kind === 'sudo' ? 'sudo' : 'account'));
  if (access.kind === 'docker' || access.kind === 'kubectl') return { ownWay: true, ownHost: '/var/run/postgresql', ownPort: '5432', ownUser: draft.user || 'postgres' };
  if (letIn === undefined) return { ownWay: false };
  return { ownWay: true, ownHost: letIn.host, ownPort: String(letIn.port), ownUser: letIn.user };
}

/** Programs that were found there, each with one button that fills in how they are reached. */
export function FoundTools({ host, findings, draft, change }: { host: Host; findings: HostFindings; draft: Draft; change: (part: Partial<Draft>) => void }) {
  if (findings.tools.length === 0) return <p className="t2">{host.label} has no pg_dump that was found.</p>;
  const take = (access: ToolsAccess) =>
    change({
      toolsWhere: 'host', access: access.kind, ...ownWayOf(access, findings, draft),
      ...(access.kind === 'sudo' ? { sudoUser: access.user } : {}), ...(access.kind === 'docker' ? { container: access.container } : {}), ...(access.kind === 'kubectl' ? { namespace: access.namespace ?? '', pod: access.pod, podContainer: access.container ?? '' } : {}),
    });
  return (
    <ul className="found" aria-label={`Programs found on ${host.label}`}>
      {findings.tools.map(({ access, version }) => (
        <li key={JSON.stringify(access)}>
          <span className="break"><b className="medium">pg_dump{version === '' ? '' : ` ${version}`}</b> <span className="t3 xs">{accessWords(access, host.connection.user)}</span></span>
          <Button size="sm" onClick={() => take(access)} aria-label={`Use pg_dump ${version} ${accessWords(access, host.connection.user)}`}>Use</Button>
        </li>
      ))}
    </ul>
  );
}

interface Props {
  host: Host;
  detection: Detection;
  onTestWay: () => void;
  onFill: (found: FoundPostgres, way: Way) => void;
}

/** Servers of Postgres that were found on a host, each with one button that fills in the form. */
export function FoundServers({ host, detection: { findings, error, busy, look }, onTestWay, onFill }: Props) {
  const asked = busy || findings !== null || error !== null;
  return (
    <section className="stack" aria-label={`Databases on ${host.label}`}>
      <div className="row">
        <h3 className="grow">Found on {host.label}</h3>
        <Button needsEngine size="sm" disabled={busy} onClick={look}>{asked ? 'Look again' : 'Look for databases'}</Button>
      </div>
      {!asked ? <p className="t2">One look, which only reads, finds its servers of Postgres and their programs.</p> : null}
      {busy ? <p className="t2" role="status">Looking at what runs there.</p> : null}
      {error === null ? null : <ErrorPanel error={error} title={`${host.label} could not be looked at.`}>{error.code.startsWith('ssh.') ? <Button needsEngine onClick={onTestWay}>Test the way to {host.label}</Button> : null}</ErrorPanel>}
      {findings === null ? null : (
        <>
          {findings.postgres.length === 0 ? <p className="t2">No server of Postgres was found. It may still be one that only others can see: type its address.</p> : null}
          <ul className="found">
            {findings.postgres.map((found) => (
              <li key={`${found.container} ${found.ways.map(wayWords).join(' ')}`}>
                <span className="break">
                  <b className="medium">Postgres{found.version === null ? '' : ` ${found.version}`}{found.container === null ? '' : ` in the container ${found.container}`}</b> {found.ways[0] === undefined ? null : <span className="t2">on {wayWords(found.ways[0])}</span>}
                  <span className="t3 xs" style={{ display: 'block' }}>
                    {[namesOf(found.databases), found.letsIn.some(({ by }) => by === 'account') ? 'lets this account in without a password' : '', found.dataFolder ?? ''].filter((part) => part !== '').join(' · ')}
                  </span>
                </span>
                <span className="stack tight">
                  {found.ways.map((way, index) => <Button key={wayWords(way)} size="sm" look={index === 0 ? 'plain' : 'quiet'} onClick={() => onFill(found, way)} aria-label={index === 0 ? `Fill in ${wayWords(way)}` : way.kind === 'socket' ? `By its socket in ${way.host}, port ${way.port}` : `By ${wayWords(way)}`}>{index === 0 ? 'Fill in' : way.kind === 'socket' ? 'By its socket' : `By ${way.host}`}</Button>)}
                </span>
              </li>
            ))}
          </ul>
          {findings.blind.length === 0 ? null : <ul className="bul t3 xs">{findings.blind.map((line) => <li key={line}>{line}</li>)}</ul>}
          <p className="t3 xs">{findings.services.length === 0 ? '' : `It also runs ${plural(findings.services.length, 'service')} of interest: ${[...new Set(findings.services.map(({ name }) => name))].join(', ')}.`}</p>
        </>
      )}
    </section>
  );
}
