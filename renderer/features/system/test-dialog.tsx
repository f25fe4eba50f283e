import { useEffect, useState } from 'react';
import type { ConnectionTest, Database, System } from '#shared/contract/systems.ts';
import { Button } from '../../components/button.tsx';
import { failedAt, Layers } from '../../components/connect/layers.tsx';
import { MachineTrouble } from '../../components/connect/machine-trouble.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { TextField } from '../../components/field.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';

interface Props {
  system: System;
  database: Database;
  onClose: () => void;
  onEdit: () => void;
}

/** Tries a known connection at once, layer by layer; where its password is asked for at each start, asks for it. */
export function TestDialog({ system, database, onClose, onEdit }: Props) {
  const engine = useEngine();
  const [password, setPassword] = useState('');
  const test = useSubmission<ConnectionTest>({ mutationFn: () => engine.call('database.test', { databaseId: database.id }) });
  const unlock = useCommand('database.unlock');
  const hosts = useMethod('host.list', {}).data?.hosts ?? [];
  const { mutate } = test;
  useEffect(() => mutate(), [mutate]);
  const result = unlock.data ?? test.data;
  const needed = result?.error?.code === 'postgres.password-needed' || test.error?.code === 'postgres.password-needed';
  const busy = test.isPending || unlock.isPending;
  const stopped = failedAt(result?.machines ?? null);
  const again = () => { unlock.reset(); test.mutate(); };
  return (
    <Dialog title={`Test the connection to ${database.label}`} environment={system.environment} target={system.name} onClose={onClose} size={560}>
      {busy ? <p className="t2" role="status">Trying it, layer by layer.</p> : null}
      {result === undefined || busy ? null : <Layers test={result} trouble={stopped === undefined || result.error === null ? null : <MachineTrouble machine={stopped} error={result.error} hosts={hosts} viaId={null} onAgain={again} />} />}
      {test.error === null || busy || result !== undefined ? null : <ErrorPanel error={test.error} />}
      {unlock.error === null ? null : <ErrorPanel error={unlock.error} />}
      {needed ? (
        <form className="stack" onSubmit={(event) => { event.preventDefault(); if (password !== '') unlock.mutate({ databaseId: database.id, password }, { onSettled: () => setPassword('') }); }}>
          <TextField label="Password" type="password" autoComplete="off" hint="Kept in memory until the engine stops" value={password} onChange={(event) => setPassword(event.target.value)} />
          <div><Button look="primary" type="submit" disabled={password === '' || busy}>Use this password</Button></div>
        </form>
      ) : null}
      <div className="btns foot">
        <Button size="lg" onClick={onEdit}>Edit connection</Button>
        <Button needsEngine size="lg" disabled={busy} onClick={again}>Test again</Button>
        <Button size="lg" onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}
