import type { Host } from '#shared/contract/hosts.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { useMethod } from '../../transport/use-method.ts';
import { LinkButton } from '../button.tsx';
import { Glyph } from '../icons.tsx';
import { paths } from '../paths.ts';
import type { MachineRef, ShownKey } from './host-key.ts';

interface Props {
  label: string;
  error: ErrorShape;
  machine: MachineRef;
  shown: ShownKey;
  /** The host as it is stored; undefined where it is not added yet. */
  host: Host | undefined;
}

const words = {
  revoked: { title: 'shows a key that was revoked.', why: 'Somebody decided that this key is never to be trusted again: whoever holds it may pretend to be this machine. There is no way to go on with it.' },
  'other-type': { title: 'shows a key of a type that was never seen of it.', why: 'A machine that is known by one type of key has no reason to show another. Somebody may stand in between, or its keys were made anew. Find out which before anything is sent there.' },
  changed: { title: 'shows another key than the one that is known.', why: 'Somebody may stand in between, or the machine was rebuilt. Find out which before anything is sent there.' },
} as const;

/** A key that is not the one that is known. It is refused, and nothing here can accept it: that is done in the settings of its host. */
export function RefusedKey({ label, error, machine, shown, host }: Props) {
  const known = useMethod('host.keys', { machine });
  const verdict = error.details['verdict'];
  const { title, why } = words[error.code === 'ssh.host-key-revoked' ? 'revoked' : verdict === 'other-type' ? 'other-type' : 'changed'];
  const trusted = known.data?.keys.filter(({ state }) => state === 'trusted') ?? [];
  return (
    <section className="tint critical stack" role="alert" aria-label={`The key of ${label}`}>
      <p className="row at-top"><span style={{ paddingTop: 3 }}><Glyph kind="critical" small /></span><span><b className="strong">{label} {title}</b> <span className="mono">{error.code}</span></span></p>
      <p>{why} Nobody was signed in, and nothing was sent.</p>
      <dl className="kv">
        <dt>It shows</dt><dd className="mono">{shown.keyType} {shown.fingerprint}</dd>
        {trusted.map(({ type, fingerprint }) => [<dt key={`${fingerprint}-k`}>Known</dt>, <dd key={fingerprint} className="mono">{type} {fingerprint}</dd>])}
      </dl>
      {host === undefined ? (
        <p>Its keys are kept with its host: add it first, and they can be looked at in the settings of its system.</p>
      ) : (
        <div><LinkButton to={paths.systemScreen(host.systemId, 'settings')} intent={{ intent: 'host-keys', about: host.id }}>Its keys, in Settings…</LinkButton></div>
      )}
    </section>
  );
}
