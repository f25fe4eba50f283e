import { useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { shortestPassphrase } from '#shared/domain/secret.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { TextField } from '../../components/field.tsx';
import { plural } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { State } from '../../components/state.tsx';
import { OpenVault } from '../../components/passwords-needed.tsx';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { NumberSetting } from './number-setting.tsx';
import { useSettings } from './use-settings.ts';

type Status = MethodOutput<'vault.status'>;

function passphraseProblem(passphrase: string, again: string): string | undefined {
  if (passphrase !== '' && passphrase.length < shortestPassphrase) return `At least ${shortestPassphrase} characters`;
  return again !== '' && passphrase !== again ? 'The two are not the same' : undefined;
}

function NewPassphrase({ label, button, ask, pending, error, onSave }: { label: string; button: string; ask: boolean; pending: boolean; error: ErrorShape | null; onSave: (current: string, next: string) => void }) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const problem = passphraseProblem(next, again);
  const sound = problem === undefined && next.length >= shortestPassphrase && next === again && (!ask || current !== '');
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (sound) onSave(current, next); }}>
      {ask ? <TextField label="Passphrase now" type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} /> : null}
      <div className="fields">
        <TextField label={label} type="password" autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} hint="Nobody can give it back to you: write it down somewhere safe" />
        <TextField label="Once more" type="password" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} error={problem} />
      </div>
      {error === null ? null : <ErrorPanel error={error} />}
      <div><Button look={ask ? 'plain' : 'primary'} type="submit" disabled={!sound || pending}>{button}</Button></div>
    </form>
  );
}

function Open({ status }: { status: Status }) {
  const lock = useCommand('vault.lock');
  const changeIt = useCommand('vault.changePassphrase');
  const [changing, setChanging] = useState(false);
  return (
    <>
      <div className="row wrap">
        <Button onClick={() => lock.mutate({})} disabled={lock.isPending}>Lock the vault</Button>
        {status.kind === 'passphrase' && !changing ? <Button onClick={() => setChanging(true)}>Change the passphrase…</Button> : null}
      </div>
      {lock.error === null ? null : <ErrorPanel error={lock.error} />}
      {changing ? <NewPassphrase ask label="New passphrase" button="Change passphrase" pending={changeIt.isPending} error={changeIt.error} onSave={(current, next) => changeIt.mutate({ current, next }, { onSuccess: () => setChanging(false) })} /> : null}
    </>
  );
}

const words: Record<Status['state'], { kind: 'ok' | 'warn' | 'skipped'; word: string; about: string }> = {
  absent: { kind: 'skipped', word: 'Not made yet', about: 'The vault keeps passwords encrypted on this computer. The practice system needs none.' },
  locked: { kind: 'warn', word: 'Locked', about: 'Databases whose password is kept here cannot be reached until it is open.' },
  unlocked: { kind: 'ok', word: 'Open', about: 'Passwords are read from it when a database is reached, and go nowhere else.' },
};

/** Where passwords are kept: made, opened, closed, its passphrase changed. */
export function Vault() {
  const query = useMethod('vault.status', {});
  const create = useCommand('vault.create');
  const { query: settings, change } = useSettings();
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
                <p className="t2">{words[status.state].about} {status.kind === 'keychain' ? 'Its key lies in the keychain of this computer.' : ''}</p>
              </div>
              {status.state === 'absent' && status.kind === 'passphrase' ? <NewPassphrase ask={false} label="Passphrase" button="Make the vault" pending={create.isPending} error={create.error} onSave={(_, passphrase) => create.mutate({ passphrase })} /> : null}
              {status.state === 'locked' ? <OpenVault /> : null}
              {status.state === 'unlocked' ? <Open status={status} /> : null}
            </>
          )}
        </Loaded>
        {settings.data === undefined ? null : <NumberSetting key={settings.data.settings.vaultAutoLockMinutes} label="Locks when unused for, in minutes" hint="0: never" value={settings.data.settings.vaultAutoLockMinutes} min={0} max={1440} onSave={(vaultAutoLockMinutes) => change({ vaultAutoLockMinutes })} />}
      </div>
    </section>
  );
}
