import { useId, useState } from 'react';
import type { Host, HostTest } from '#shared/contract/hosts.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { TextField } from '../field.tsx';
import { Glyph } from '../icons.tsx';
import { failedAt } from './layers.tsx';
import { VaultInTheWay } from './vault-in-the-way.tsx';

export const behindVault = (error: Pick<ErrorShape, 'code'> | null | undefined): boolean => error?.code === 'vault.absent' || error?.code === 'vault.locked';

/** The key file whose passphrase is needed; null where it is a password. */
const pathIn = (error: ErrorShape): string | null => (error.code === 'ssh.passphrase-needed' && typeof error.details['path'] === 'string' ? error.details['path'] : null);

interface Props {
  host: Host;
  error: ErrorShape;
  onAgain: () => void;
  /** Takes what its own test found, where that is all that is wanted: who is tested twice is asked for two one-time codes. */
  onTested?: ((test: HostTest) => void) | undefined;
  /** What its button says that goes on with it. */
  goOn?: string;
}

/** Asks for a password or a passphrase where it is missing, and tries again with it. */
export function SecretNeeded({ host, error, onAgain, onTested, goOn = 'Use it and test again' }: Props) {
  const engine = useEngine();
  const form = useId();
  const [secret, setSecret] = useState('');
  const vault = useMethod('vault.status', {});
  const update = useCommand('host.update');
  const path = pathIn(error);
  const { signIn, user } = host.connection;
  const source = path === null ? signIn.password.source : (signIn.keys.find((key) => key.path === path)?.passphrase.source ?? 'ask');
  const given = path === null ? { password: secret } : { passphrases: [{ path, passphrase: secret }] };
  const reached = useSubmission({
    mutationFn: () => engine.call('host.test', { hostId: host.id, ...given }),
    onSuccess: (found) => {
      // It let us in, so it is remembered; whatever stops it now is another matter, and the test shows it.
      if (failedAt(found.machines)?.hostId === host.id) return;
      if (onTested === undefined) onAgain();
      else onTested(found);
    },
  });
  const save = () => (source === 'vault' ? update.mutate({ hostId: host.id, ...given }, { onSuccess: onAgain }) : reached.mutate());
  const busy = update.isPending || reached.isPending;
  const failure = update.error ?? reached.error ?? reached.data?.error ?? null;
  const vaultState = vault.data?.state;
  const name = path === null ? `Password of ${user} on ${host.label}` : `Passphrase of ${path}`;
  return (
    <section className="tint warn stack" aria-label={`What ${host.label} lacks`}>
      <form id={form} className="stack" onSubmit={(event) => { event.preventDefault(); if (secret !== '') save(); }}>
        <p className="row at-top"><span style={{ paddingTop: 3 }}><Glyph kind="warn" small /></span><span><b className="strong">{path === null ? `${host.label} wants the password of ${user}.` : 'The key file is encrypted.'}</b> {source === 'vault' ? 'The vault does not hold it yet.' : 'It is asked for at each start.'}</span></p>
        <TextField label={name} type="password" autoComplete="off" hint={source === 'vault' ? 'Encrypted at once, and kept in the vault' : 'Kept in memory until the engine stops'} value={secret} onChange={(event) => setSecret(event.target.value)} />
        {failure === null || behindVault(failure) ? null : <ErrorPanel error={failure} vaultAtHand />}
        <div><Button type="submit" needsEngine disabled={secret === '' || busy}>{goOn}</Button></div>
      </form>
      {behindVault(failure) && (vaultState === 'absent' || vaultState === 'locked') ? <VaultInTheWay state={vaultState} refused={false} choice={false} onOpen={save} /> : null}
    </section>
  );
}
