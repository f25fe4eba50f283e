import { useState } from 'react';
import type { Database, System } from '#shared/contract/systems.ts';
import { useCommand, useMethod } from '../transport/use-method.ts';
import { Button, LinkButton } from './button.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { TextField } from './field.tsx';
import { plural } from './format.ts';
import { Glyph } from './icons.tsx';
import { paths } from './paths.ts';

/** Asks for the passphrase and opens the vault. */
export function OpenVault({ primary = true }: { primary?: boolean }) {
  const [passphrase, setPassphrase] = useState('');
  const unlock = useCommand('vault.unlock');
  return (
    <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (passphrase !== '') unlock.mutate({ passphrase }, { onSettled: () => setPassphrase('') }); }}>
      <div className="row wrap" style={{ alignItems: 'end' }}>
        <div style={{ width: 'min(320px, 100%)' }}><TextField label="Passphrase" type="password" autoComplete="current-password" value={passphrase} onChange={(event) => setPassphrase(event.target.value)} /></div>
        <Button look={primary ? 'primary' : 'plain'} type="submit" disabled={passphrase === '' || unlock.isPending}>{unlock.isPending ? 'Opening the vault' : 'Open the vault'}</Button>
      </div>
      {unlock.error === null ? null : <ErrorPanel error={unlock.error} />}
    </form>
  );
}

function VaultLocked({ databases }: { databases: readonly Database[] }) {
  const vault = useMethod('vault.status', {});
  const [first] = databases;
  if (first === undefined || vault.data?.state !== 'locked') return null;
  return (
    <section className="tint warn stack" aria-label="The vault is locked">
      <p className="row"><Glyph kind="warn" small /><span><b className="strong">The vault is locked.</b> {databases.length === 1 ? `${first.label} cannot` : `${plural(databases.length, 'database')} of this system cannot`} be reached until it is open.</span></p>
      <OpenVault primary={false} />
    </section>
  );
}

/** Where a system's passwords are out of reach: says so before more fails for it, and is where they are given. */
export function PasswordsNeeded({ system }: { system: System | undefined }) {
  const of = (source: Database['connection']['password']['source']) => system?.databases.filter(({ connection }) => connection.password.source === source) ?? [];
  const kept = of('vault');
  const asking = of('ask').filter(({ lastError }) => lastError?.code === 'postgres.password-needed');
  return (
    <>
      {kept.length === 0 ? null : <VaultLocked databases={kept} />}
      {asking.map((database) => (
        <section key={database.id} className="tint warn row wrap" aria-label={`The password of ${database.label}`}>
          <Glyph kind="warn" small />
          <span className="grow"><b className="strong">{database.label} asks for its password at each start.</b> It cannot be reached until it is typed.</span>
          <LinkButton to={paths.system(database.systemId)} intent={{ intent: 'test-connection', about: database.id }}>Type it…</LinkButton>
        </section>
      ))}
    </>
  );
}
