import { useState } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useCommand } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { TextField } from '../field.tsx';

/** The database whose password is asked for at each start, where an error says that this is what is missing. */
export const askingDatabase = ({ code, details }: ErrorShape): string | null => (code === 'postgres.password-needed' && typeof details['databaseId'] === 'string' ? details['databaseId'] : null);

/** Asks for it where it is missing, and goes on with it once it lets in: a way to another screen would throw away what one was about to do. */
export function PasswordAsked({ databaseId, onTyped }: { databaseId: string; onTyped: () => void }) {
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
