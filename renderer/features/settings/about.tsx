import type { MethodOutput } from '#shared/contract/index.ts';
import { Instant } from '../../components/age.tsx';
import { CopyButton } from '../../components/button.tsx';
import { bytes } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Tint } from '../../components/state.tsx';
import { desktop } from '../../transport/desktop.ts';
import { useMethod } from '../../transport/use-method.ts';

/** Who started the engine that answers: a window uses one that runs already. */
const startedBy: Record<string, string> = { desktop: 'started by the window', loopback: 'started for the browser', cli: 'started by the command line' };

function keychainWords({ keychain, state }: MethodOutput<'vault.status'>): string {
  if (keychain === null) return 'none is used';
  if (state === 'absent') return `${keychain.backend}, will open the vault once there is one`;
  return `${keychain.backend}, ${keychain.opens && keychain.problem === null ? 'opens the vault' : 'does not open the vault'}`;
}

/** Versions, places, and what is found on this computer: what one is asked for when something is wrong. */
export function About() {
  const query = useMethod('app.about', {});
  const vault = useMethod('vault.status', {});
  return (
    <Loaded query={query} what="what is installed">
      {(about) => (
        <>
          {about.notices.map((notice) => <Tint key={notice} kind="warn"><p>{notice}</p></Tint>)}
          <section className="panel" aria-labelledby="about">
            <header><h2 id="about" className="grow">Pilothouse {about.version}</h2><CopyButton look="plain" text={() => JSON.stringify(about, null, 2)}>Copy diagnostics</CopyButton></header>
            <dl className="kv body">
              <dt>Runs</dt><dd>{desktop === null ? 'in the browser, on this computer alone' : 'in its own window'}</dd>
              <dt>Engine</dt><dd>{startedBy[about.host] ?? about.host}, process {about.pid}, since <Instant at={about.startedAt} zone /></dd>
              <dt>Keychain</dt><dd>{vault.data === undefined ? <span className="sk" style={{ width: 120 }} /> : keychainWords(vault.data)}</dd>
              <dt>Node</dt><dd>{about.node}{about.electron === null ? null : `, in Electron ${about.electron}`}</dd>
              <dt>SQLite</dt><dd>{about.sqlite}, schema {about.schemaVersion}</dd>
              <dt>SSH</dt><dd>ssh2 {about.ssh.version}, {about.ssh.native ? 'with native cryptography' : 'without native cryptography'}</dd>
              <dt>Data folder</dt><dd className="mono">{about.home}</dd>
              <dt>Logs</dt><dd className="mono">{about.logs}</dd>
              <dt>Free there</dt><dd>{bytes(about.freeBytes)}</dd>
              <dt>Time zone</dt><dd>{about.timeZone}</dd>
              <dt>Licence</dt><dd>MIT</dd>
            </dl>
          </section>
          <section className="panel" aria-labelledby="tools">
            <header><h2 id="tools">Tools on this computer</h2></header>
            <ul className="verds body">
              {about.tools.map((tool) => (
                <li key={tool.name}>
                  <span className={tool.path === null ? 'warn' : 'ok'}><Glyph kind={tool.path === null ? 'warn' : 'ok'} small label={tool.path === null ? 'Missing' : 'Found'} /></span>
                  <span className="mono">{tool.name}</span>
                  <span className="v">{tool.version ?? 'not found'}</span>
                  <span className="d">{tool.path ?? tool.hint}</span>
                </li>
              ))}
            </ul>
          </section>
        </>
      )}
    </Loaded>
  );
}
