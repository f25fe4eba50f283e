import { useState } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { shortestPassphrase } from '#shared/domain/secret.ts';
import { useCommand, useMethod } from '../transport/use-method.ts';
import { Button } from './button.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { TextField } from './field.tsx';
import { Glyph } from './icons.tsx';

/** Opens the vault: by the keychain of this computer where that has its key, and by the passphrase. */
export function OpenVault({ primary = true, onOpen }: { primary?: boolean; onOpen?: () => void }) {
  const [passphrase, setPassphrase] = useState('');
  const unlock = useCommand('vault.unlock');
  const byKeychain = useCommand('vault.unlockByKeychain');
  const keychain = useMethod('vault.status', {}).data?.keychain ?? null;
  const offersKeychain = keychain?.opens === true;
  const problem = keychain?.problem ?? null;
  const isOpening = unlock.isPending || byKeychain.isPending;
  const look = primary ? 'primary' : 'plain';
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (passphrase !== '' && !isOpening) unlock.mutate({ passphrase }, { onSettled: () => setPassphrase(''), onSuccess: () => onOpen?.() }); }}>
      {problem === null || byKeychain.error !== null ? null : <p className="row"><Glyph kind="warn" small /><span>{problem}</span></p>}
      {offersKeychain ? (
        <>
          <div><Button look={look} needsEngine disabled={isOpening} data-autofocus onClick={() => byKeychain.mutate({}, { onSuccess: () => onOpen?.() })}>{byKeychain.isPending ? 'Asking the keychain' : 'Open with this computer’s keychain'}</Button></div>
          {byKeychain.error === null ? null : <ErrorPanel error={byKeychain.error} />}
        </>
      ) : null}
      <div className="row wrap" style={{ alignItems: 'end' }}>
        <div style={{ width: 'min(320px, 100%)' }}><TextField label={offersKeychain ? 'Or its passphrase' : 'Passphrase'} type="password" autoComplete="current-password" value={passphrase} onChange={(event) => setPassphrase(event.target.value)} {...(offersKeychain ? {} : { 'data-autofocus': true })} /></div>
        <Button look={offersKeychain ? 'plain' : look} type="submit" disabled={passphrase === '' || isOpening}>{unlock.isPending ? 'Opening the vault' : 'Open the vault'}</Button>
      </div>
      {unlock.error === null ? null : <ErrorPanel error={unlock.error} />}
    </form>
  );
}

/** What is wrong with a new passphrase, and with its repetition; each is said below its own field. */
function passphraseProblems(passphrase: string, again: string): { next: string | undefined; again: string | undefined } {
  return {
    next: passphrase !== '' && passphrase.length < shortestPassphrase ? `At least ${shortestPassphrase} characters` : undefined,
    again: again !== '' && passphrase !== again ? 'The two are not the same' : undefined,
  };
}

interface NewPassphraseProps {
  label: string;
  button: string;
  /** Whether the passphrase up to now has to be said. */
  ask: boolean;
  primary: boolean;
  pending: boolean;
  error: ErrorShape | null;
  onSave: (current: string, next: string) => void;
}

/** A passphrase that is not known yet, twice: nobody sees what is typed. */
export function NewPassphrase({ label, button, ask, primary, pending, error, onSave }: NewPassphraseProps) {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const problems = passphraseProblems(next, again);
  const sound = next.length >= shortestPassphrase && next === again && (!ask || current !== '');
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (sound) onSave(current, next); }}>
      {ask ? <TextField label="Passphrase now" type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} /> : null}
      <div className="fields">
        <TextField label={label} type="password" autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} error={problems.next} hint="Nobody can give it back to you: write it down somewhere safe" />
        <TextField label="Once more" type="password" autoComplete="new-password" value={again} onChange={(event) => setAgain(event.target.value)} error={problems.again} />
      </div>
      {error === null ? null : <ErrorPanel error={error} />}
      <div><Button look={primary ? 'primary' : 'plain'} type="submit" disabled={!sound || pending}>{button}</Button></div>
    </form>
  );
}

/** When one needs the passphrase of a vault that a keychain opens. */
export const whenThePassphrase = 'The passphrase is for the day it does not: after a reset, on another computer, or without the window.';

/** Makes the vault; it is open then. */
export function MakeVault({ primary = true, onOpen }: { primary?: boolean; onOpen?: () => void }) {
  const create = useCommand('vault.create');
  const keychain = useMethod('vault.status', {}).data?.keychain ?? null;
  return (
    <>
      {keychain === null ? null : <p className="t2">The keychain of this computer opens it at each start. {whenThePassphrase}</p>}
      <NewPassphrase ask={false} label="Passphrase" button="Make the vault" primary={primary} pending={create.isPending} error={create.error} onSave={(_, passphrase) => create.mutate({ passphrase }, { onSuccess: () => onOpen?.() })} />
    </>
  );
}
