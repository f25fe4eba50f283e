import { useState } from 'react';
import type { Host } from '#shared/contract/hosts.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { Button } from '../../components/button.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { TextField } from '../../components/field.tsx';
import { State } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';

/** Whether sudo lets the account act as another one there. A password that is asked for at each start is typed here. */
export function SudoTest({ host }: { host: Host }) {
  const engine = useEngine();
  const [asUser, setAsUser] = useState('postgres');
  const [password, setPassword] = useState('');
  const asks = host.connection.signIn.sudo?.source === 'ask';
  const test = useSubmission<MethodOutput<'host.testSudo'>, { asUser: string; sudoPassword?: string }>({ mutationFn: (input) => engine.call('host.testSudo', { hostId: host.id, ...input }), onSettled: () => setPassword('') });
  const { data, error, isPending } = test;
  return (
    <form className="stack" aria-label="Sudo" onSubmit={(event) => { event.preventDefault(); if (asUser.trim() !== '') test.mutate({ asUser: asUser.trim(), ...(password === '' ? {} : { sudoPassword: password }) }); }}>
      <h3>Sudo</h3>
      <div className="row" style={{ alignItems: 'end' }}>
        <div className="grow"><TextField label={`Account that ${host.connection.user} acts as`} value={asUser} onChange={(event) => { setAsUser(event.target.value); test.reset(); }} /></div>
        <Button type="submit" disabled={isPending || asUser.trim() === ''}>Test sudo</Button>
      </div>
      {asks ? <TextField label={`Password of ${host.connection.user} for sudo`} type="password" autoComplete="off" hint="Kept in memory until the engine stops; left empty, the one that was typed before" value={password} onChange={(event) => setPassword(event.target.value)} /> : null}
      {data === undefined || isPending ? null : <p role="status"><State kind="ok">As {data.account}, {data.withPassword ? 'with the password' : 'without a password'}</State></p>}
      {error === null || isPending ? null : <ErrorPanel error={error} title="Sudo did not let it." />}
    </form>
  );
}
