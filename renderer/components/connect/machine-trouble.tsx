import type { Host, HostTest } from '#shared/contract/hosts.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { Tint } from '../state.tsx';
import { refOf, shownKey } from './host-key.ts';
import { briefly, type Machine } from './layers.tsx';
import { RefusedKey } from './refused-key.tsx';
import { behindVault, SecretNeeded } from './secret-needed.tsx';
import { TrustKey } from './trust-key.tsx';

interface Props {
  machine: Machine;
  error: ErrorShape;
  hosts: readonly Host[];
  /** Of a machine that is being typed: the host that leads to it. */
  viaId: string | null;
  /** The host whose fields stand beside this: what it lacks is typed there. */
  beside?: string | null;
  /** Tests again. */
  onAgain: () => void;
  /** Takes a test of this host that was made with what it lacked. */
  onTested?: { hostId: string; take: (test: HostTest) => void };
  /** Opens the settings of a host over this. */
  onEdit?: ((host: Host) => void) | undefined;
}

/** What can be done where a test stopped on the way: trust a key, say why it is refused, give what is missing, or read why. */
export function MachineTrouble({ machine, error, hosts, viaId, beside, onAgain, onTested, onEdit }: Props) {
  const shown = shownKey(error);
  const host = hosts.find(({ id }) => id === machine.hostId);
  const ref = refOf(machine, viaId);
  if (shown !== null && error.code === 'ssh.host-key-unknown') return <TrustKey key={shown.fingerprint} label={machine.label} address={`${machine.host} port ${machine.port}`} machine={ref} shown={shown} onTrusted={onAgain} />;
  if (shown !== null && (error.code === 'ssh.host-key-changed' || error.code === 'ssh.host-key-revoked')) return <RefusedKey label={machine.label} error={error} machine={ref} shown={shown} host={host} />;
  if (error.code === 'ssh.password-needed' || error.code === 'ssh.passphrase-needed') {
    if (host !== undefined && host.id !== beside) return <SecretNeeded key={`${host.id} ${String(error.details['path'])}`} host={host} error={error} onAgain={onAgain} onTested={onTested?.hostId === host.id ? onTested.take : undefined} />;
    return <Tint kind="warn" role="alert"><p><b className="strong">{error.code === 'ssh.password-needed' ? `${machine.label} wants a password.` : 'The key file is encrypted.'}</b> Type {error.code === 'ssh.password-needed' ? 'it' : 'its passphrase'} beside, then test again.</p></Tint>;
  }
  const editable = host !== undefined && host.id !== beside && onEdit !== undefined && !behindVault(error);
  return (
    <ErrorPanel error={error} title={`It stopped at ${machine.label}: ${briefly(error)}.`} vaultAtHand>
      {editable ? <Button onClick={() => onEdit(host)}>Edit {host.label}…</Button> : undefined}
    </ErrorPanel>
  );
}
