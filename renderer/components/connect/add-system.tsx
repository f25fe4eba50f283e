import { useState } from 'react';
import { useLocation } from 'wouter';
import { environments, type Environment } from '#shared/domain/environment.ts';
import { useCommand } from '../../transport/use-method.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { SelectField, TextField } from '../field.tsx';
import type { IntentState } from '../intent.ts';
import { paths } from '../paths.ts';
import { environmentWords } from '../words.ts';

const about: Record<Environment, string> = {
  production: 'Asks for the typed name before anything is changed',
  staging: 'Close to production, but nobody depends on it',
  development: 'For trying things out',
  practice: 'Thrown away at any time',
};

/** Names a system; its first database is asked for next. */
export function AddSystem({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('');
  const [environment, setEnvironment] = useState<Environment>('production');
  const [, navigate] = useLocation();
  const add = useCommand('system.add');
  const save = () =>
    add.mutate(
      { name, environment },
      {
        onSuccess: ({ system }) => {
          onClose();
          navigate(paths.system(system.id), { state: { intent: 'add-database' } satisfies IntentState });
        },
      },
    );
  return (
    <Dialog title="Add a system" environment={environment} onClose={onClose} size={440}>
      <form className="stack wide" onSubmit={(event) => { event.preventDefault(); if (name.trim() !== '') save(); }}>
        <TextField label="Name" hint="What people call it: the application, not the server" value={name} maxLength={80} onChange={(event) => setName(event.target.value)} data-autofocus />
        <SelectField label="Environment" hint={about[environment]} value={environment} onChange={setEnvironment} options={environments.map((value) => ({ value, label: environmentWords[value].long }))} />
        {add.error === null ? null : <ErrorPanel error={add.error} title="The system was not added." />}
        <div className="btns">
          <Button size="lg" onClick={onClose}>Cancel</Button>
          <Button size="lg" look="primary" type="submit" disabled={name.trim() === '' || add.isPending}>Add system</Button>
        </div>
      </form>
    </Dialog>
  );
}
