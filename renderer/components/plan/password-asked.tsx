import { useState } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { SecretNeeded } from '../connect/secret-needed.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { TextField } from '../field.tsx';

/** Who wants what a person has to type, where an error says that this is what is missing: a database, or a host on the way. */
export type Asking = { databaseId: string } | { hostId: string };

const ofHost: ReadonlySet<ErrorShape['code']> = new Set<ErrorShape['code']>(['ssh.password-needed', 'ssh.passphrase-needed']);

export function askingFor({ code, details: { databaseId, hostId } }: ErrorShape): Asking | null {
  if (code === 'postgres.password-needed' && typeof databaseId === 'string') return { databaseId };
  return ofHost.has(code) && typeof hostId === 'string' ? { hostId } : null;
}

/** Asks for it where it is missing, and goes on with it once it lets in: a way to another screen would throw away what one was about to do. */
export function PasswordAsked({ asking, error, onTyped }: { asking: Asking; error: ErrorShape; onTyped: () => void }) {
  return 'hostId' in asking ? <OfHost hostId={asking.hostId} error={error} onTyped={onTyped} /> : <OfDatabase databaseId={asking.databaseId} onTyped={onTyped} />;
}

function OfHost({ hostId, error, onTyped }: { hostId: string; error: ErrorShape; onTyped: () => void }) {
  const { data } = useMethod('host.list', {});
  const host = data?.hosts.find(({ id }) => id === hostId);
  return host === undefined ? null : <SecretNeeded host={host} error={error} onAgain={onTyped} goOn="Use it and go on" />;
}

function OfDatabase({ databaseId, onTyped }: { databaseId: string; onTyped: () => void }) {
  const [password, setPassword] = useState('');
  const unlock = useCommand('database.unlock');
  const failure = unlock.error ?? unlock.data?.error ?? null;
  const use = () => unlock.mutate({ databaseId, password }, {
    onSuccess: ({ ok }) => { if (ok) onTyped(); },
    onSettled: () => setPassword(''),
  });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); if (password !== '') use(); }}>
      <TextField label="Password" type="password" autoComplete="off" hint="Kept in memory until the engine stops" value={password} onChange={(event) => setPassword(event.target.value)} />
      {failure === null ? null : <ErrorPanel error={failure} />}
      <div><Button look="primary" type="submit" needsEngine disabled={password === '' || unlock.isPending}>Use this password</Button></div>
    </form>
  );
}
