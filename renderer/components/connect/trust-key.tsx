import { useState } from 'react';
import { useCommand } from '../../transport/use-method.ts';
import { Button, CopyButton } from '../button.tsx';
import { ErrorPanel } from '../error-panel.tsx';
import { Glyph } from '../icons.tsx';
import { compareCommand, type MachineRef, type ShownKey } from './host-key.ts';

interface Props {
  /** What people call it. */
  label: string;
  address: string;
  machine: MachineRef;
  shown: ShownKey;
  onTrusted: () => void;
}

/** How a fingerprint is compared: by who is at the machine, never over the line that is in question. */
export function Compare({ shown }: { shown: ShownKey }) {
  const command = compareCommand(shown.keyType);
  return (
    <>
      <p>Compare it with what somebody reads who is at that server, or at its provider's console:</p>
      <div className="row at-top"><code className="break grow">{command}</code><CopyButton text={command} label="Copy the command that reads the fingerprint" size="sm" /></div>
    </>
  );
}

/** A key that nobody has decided about yet. Trusting it is two acts, and none of them is the default. */
export function TrustKey({ label, address, machine, shown, onTrusted }: Props) {
  const [compared, setCompared] = useState(false);
  const trust = useCommand('host.trustKey');
  return (
    <section className="tint warn stack" aria-label={`The key of ${label}`}>
      <p className="row at-top"><span style={{ paddingTop: 3 }}><Glyph kind="warn" small /></span><span><b className="strong">The key of {label} is not known yet.</b> Whether this is {label}, only its fingerprint tells. Nobody was signed in.</span></p>
      <dl className="kv">
        <dt>Machine</dt><dd className="mono">{address}</dd>
        <dt>Type</dt><dd className="mono">{shown.keyType}</dd>
        <dt>Fingerprint</dt><dd className="mono strong">{shown.fingerprint}</dd>
      </dl>
      <Compare shown={shown} />
      <label className="check"><input type="checkbox" checked={compared} onChange={(event) => setCompared(event.target.checked)} /> I compared it, and it is the same</label>
      {trust.error === null ? null : <ErrorPanel error={trust.error} title="The key was not trusted." />}
      <div><Button needsEngine disabled={!compared || trust.isPending} onClick={() => trust.mutate({ machine, ...shown }, { onSuccess: onTrusted })}>Trust this key</Button></div>
    </section>
  );
}
