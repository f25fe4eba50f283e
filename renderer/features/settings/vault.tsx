import { useState } from 'react';
import { Link } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { State } from '../../components/state.tsx';
import { MakeVault, NewPassphrase, OpenVault, whenThePassphrase } from '../../components/vault-access.tsx';
import { desktop } from '../../transport/desktop.ts';
import { useEngineState } from '../../transport/use-engine-state.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { NumberSetting } from './number-setting.tsx';
import { useSettings } from './use-settings.ts';

type Status = MethodOutput<'vault.status'>;

function Open() {
  const lock = useCommand('vault.lock');
  const changeIt = useCommand('vault.changePassphrase');
  const [changing, setChanging] = useState(false);
  return (
    <>
      <div className="row wrap">
        <Button needsEngine onClick={() => lock.mutate({})} disabled={lock.isPending}>Lock the vault</Button>
        {!changing ? <Button onClick={() => setChanging(true)}>Change the passphrase…</Button> : null}
      </div>
      {lock.error === null ? null : <ErrorPanel error={lock.error} />}
      {changing ? <NewPassphrase ask primary={false} label="New passphrase" button="Change passphrase" pending={changeIt.isPending} error={changeIt.error} onSave={(current, next) => changeIt.mutate({ current, next }, { onSuccess: () => setChanging(false) })} /> : null}
    </>
  );
}

const words: Record<Status['state'], { kind: 'ok' | 'warn' | 'skipped'; word: string; about: string }> = {
  absent: { kind: 'skipped', word: 'Not made yet', about: 'The vault keeps passwords encrypted on this computer. The practice system needs none.' },
  locked: { kind: 'warn', word: 'Locked', about: 'Databases whose password is kept here cannot be reached until it is open.' },
  unlocked: { kind: 'ok', word: 'Open', about: 'Passwords are read from it when a database is reached, and go nowhere else.' },
};

/** A window whose vault a keychain could open, and none does: somebody may be used to it. */
function NoKeychain() {
  const engine = useEngineState();
  if (desktop === null) return null;
  const attached = engine?.state === 'running' && engine.attached;
  const why = attached ? 'this window uses an engine that was started without one' : <><Link to={paths.settingsSection('about')}>About</Link> says why</>;
  return <p className="t2">No keychain is used here ({why}): its passphrase opens it after each start.</p>;
}

/** What the keychain of this computer does for the vault; what keeps it from it is told beside the passphrase, where that is asked for. */
function Keychain({ status: { state, keychain } }: { status: Status }) {
  // Told where it is made, and where it is opened.
  if (state === 'absent' || (state === 'locked' && keychain?.opens === true && keychain.problem !== null)) return null;
  if (keychain === null) return <NoKeychain />;
  const does = keychain.opens ? `The keychain of this computer opens it at each start. ${whenThePassphrase}` : 'The keychain of this computer does not open it yet. It does from the next time that the passphrase was right.';
  return (
    <>
      <p className="t2">{does}</p>
      {keychain.problem === null || state === 'locked' ? null : <p className="row"><Glyph kind="warn" small /><span>{keychain.problem}</span></p>}
    </>
  );
}

/** Where passwords are kept: made, opened, closed, its passphrase changed. */
export function Vault() {
  const query = useMethod('vault.status', {});
  const { query: settings, change, error: notSaved } = useSettings();
  return (
    <section className="panel" aria-labelledby="vault">
      <header><h2 id="vault">Vault</h2></header>
      <div className="body stack wide">
        <Loaded query={query} what="the vault">
          {(status) => (
            <>
              <div className="stack tight">
                <p className="row wrap">
                  <State kind={words[status.state].kind}>{words[status.state].word}</State>
                  {status.records === null ? null : <span className="t2">{plural(status.records, 'password')} kept</span>}
                  {status.locksAt === null ? null : <span className="t3 xs">locks <Instant at={status.locksAt} /> when unused</span>}
                </p>
                <p className="t2">{words[status.state].about}</p>
                <Keychain status={status} />
              </div>
              {status.state === 'absent' ? <MakeVault /> : null}
              {status.state === 'locked' ? <OpenVault /> : null}
              {status.state === 'unlocked' ? <Open /> : null}
            </>
          )}
        </Loaded>
        {settings.data === undefined ? null : <NumberSetting key={settings.data.settings.vaultAutoLockMinutes} label="Locks when unused for, in minutes" hint="0: never" value={settings.data.settings.vaultAutoLockMinutes} min={0} max={1440} onSave={(vaultAutoLockMinutes) => change({ vaultAutoLockMinutes })} />}
        {notSaved === null ? null : <ErrorPanel error={notSaved} title="The time was not saved." />}
      </div>
    </section>
  );
}
