import { useState } from 'react';
import type { DecidedHostKey, Host, HostTest } from '#shared/contract/hosts.ts';
import type { System } from '#shared/contract/systems.ts';
import { Instant } from '../../components/age.tsx';
import { Button } from '../../components/button.tsx';
import { shownKey, type ShownKey } from '../../components/connect/host-key.ts';
import { failedAt, Machines } from '../../components/connect/layers.tsx';
import { MachineTrouble } from '../../components/connect/machine-trouble.tsx';
import { Compare } from '../../components/connect/trust-key.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { State, Tint } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { TypedConfirm } from './typed-confirm.tsx';

interface Props {
  system: System;
  host: Host;
  hosts: readonly Host[];
  onClose: () => void;
}

const stateWords = { trusted: { kind: 'ok', word: 'Trusted' }, revoked: { kind: 'critical', word: 'Revoked' }, replaced: { kind: 'skipped', word: 'Replaced' } } as const;
const callers: Record<string, string> = { console: 'in the console', cli: 'at the command line' };
const sources: Record<string, string> = { compared: 'compared', 'known-hosts': 'read from known_hosts', generated: 'made here' };

/** The key that a host showed instead of the known one, when it was last tried; null where that was something else. */
function changedKey({ connection, lastError }: Host, test: HostTest | undefined): ShownKey | null {
  const error = test === undefined ? lastError : test.error;
  const { host, port } = error?.details ?? {};
  return error?.code === 'ssh.host-key-changed' && host === connection.host && port === connection.port ? shownKey(error) : null;
}

function KeyRows({ keys, onRevoke }: { keys: readonly DecidedHostKey[]; onRevoke: (key: DecidedHostKey) => void }) {
  return (
    <div className="scroll">
      <table aria-label="Keys that somebody decided about">
        <thead><tr><th scope="col">Key</th><th scope="col">State</th><th scope="col">Decided</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
        <tbody>
          {keys.map((key) => (
            <tr key={`${key.fingerprint} ${key.state} ${key.decidedAt}`}>
              <th scope="row"><span className="mono">{key.type}</span><span className="mono t2 xs under">{key.fingerprint}</span></th>
              <td className="two"><State kind={stateWords[key.state].kind}>{stateWords[key.state].word}</State>{key.replacedAt === null ? null : <span><Instant at={key.replacedAt} /></span>}</td>
              <td className="two"><span><Instant at={key.decidedAt} zone /></span><span>{sources[key.source] ?? key.source}, {callers[key.decidedBy] ?? key.decidedBy}</span></td>
              <td><div className="actions">{key.state === 'trusted' ? <Button needsEngine look="quiet" size="sm" onClick={() => onRevoke(key)} aria-label={`Revoke the key ${key.fingerprint}`}>Revoke…</Button> : null}</div></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The old and the new key side by side, and the name of the host to be typed. */
function ReplaceKey({ system, host, trusted, shown, onClose, onReplaced }: { system: System; host: Host; trusted: readonly DecidedHostKey[]; shown: ShownKey; onClose: () => void; onReplaced: () => void }) {
  const replace = useCommand('host.replaceKey');
  return (
    <TypedConfirm title={`Replace the key of ${host.label}?`} environment={system.environment} target={`${host.connection.host} port ${host.connection.port}`} name={host.label} button={`Replace the key of ${host.label}`} size={620} error={replace.error} pending={replace.isPending} onClose={onClose}
      consequences={['The new key is trusted from then on, and the known one is refused', 'Both stay on record, with the time and who decided', 'Connections to it are made anew; plans made before have to be made again']}
      onConfirm={(confirmName) => replace.mutate({ machine: { hostId: host.id }, ...shown, confirmName }, { onSuccess: onReplaced })}>
      <div className="two-keys">
        <div><p className="label">Known</p>{trusted.map(({ type, fingerprint, decidedAt }) => <p key={fingerprint}><span className="mono break">{type} {fingerprint}</span> <span className="t3 xs">since <Instant at={decidedAt} /></span></p>)}</div>
        <div><p className="label">It shows now</p><p className="mono break">{shown.keyType} {shown.fingerprint}</p></div>
      </div>
      <div className="t2 stack"><p>If nobody rebuilt this machine or made its keys anew, somebody may stand in between: cancel, and find out.</p><Compare shown={shown} /></div>
    </TypedConfirm>
  );
}

function RevokeKey({ system, host, shown, onClose }: { system: System; host: Host; shown: DecidedHostKey; onClose: () => void }) {
  const revoke = useCommand('host.revokeKey');
  return (
    <TypedConfirm title="Never trust this key again?" environment={system.environment} target={`${host.connection.host} port ${host.connection.port}`} name={host.label} button="Revoke this key" error={revoke.error} pending={revoke.isPending} onClose={onClose}
      consequences={['Whatever machine shows it is refused from then on', `${host.label} cannot be reached before it has another key, and that one is trusted`, 'There is no way back']}
      onConfirm={(confirmName) => revoke.mutate({ machine: { hostId: host.id }, keyType: shown.type, key: shown.key, fingerprint: shown.fingerprint, confirmName }, { onSuccess: onClose })}>
      <p className="mono break">{shown.type} {shown.fingerprint}</p>
    </TypedConfirm>
  );
}

/** What is known of a host's keys, what it shows now, and the one place where a changed key is replaced or a key revoked. */
export function HostKeysDialog({ system, host, hosts, onClose }: Props) {
  const engine = useEngine();
  const keys = useMethod('host.keys', { machine: { hostId: host.id } });
  const [asked, setAsked] = useState<'replace' | DecidedHostKey | null>(null);
  const test = useSubmission<HostTest>({ mutationFn: () => engine.call('host.test', { hostId: host.id }), onSettled: () => void keys.refetch() });
  const { data, error, isPending, mutate } = test;
  const shown = isPending ? null : changedKey(host, data);
  const stopped = failedAt(data?.machines ?? null);
  const trusted = keys.data?.keys.filter(({ state }) => state === 'trusted') ?? [];
  const atKey = data?.machines.at(-1)?.layers.find(({ layer }) => layer === 'host-key');
  const close = () => setAsked(null);
  return (
    <Dialog title={`Keys of ${host.label}`} environment={system.environment} target={`${host.connection.host} port ${host.connection.port}`} onClose={onClose} size={760}>
      <Loaded query={keys} what="the keys">
        {({ keys: decided }) => (decided.length === 0 ? <p className="t2">Nobody has decided about a key of it. A test shows the one it has.</p> : <KeyRows keys={decided} onRevoke={setAsked} />)}
      </Loaded>
      {isPending ? <p className="t2" role="status">Asking it for its key.</p> : null}
      {error === null || isPending ? null : <ErrorPanel error={error} />}
      {shown !== null ? (
        <Tint kind="critical" role="alert">
          <div className="stack">
            <p><b className="strong">{host.label} shows another key than the one that is known.</b> It is refused, and nothing is sent there.</p>
            <p className="mono break">{shown.keyType} {shown.fingerprint}</p>
            <div><Button needsEngine onClick={() => setAsked('replace')}>Replace the known key…</Button></div>
          </div>
        </Tint>
      ) : data !== undefined && !isPending ? (
        stopped === undefined || (atKey?.state === 'ok') ? <Tint kind="ok" role="status"><p>It shows a key that is trusted: <span className="mono break">{atKey?.detail}</span></p></Tint>
        : <Machines machines={data.machines} trouble={data.error === null ? null : <MachineTrouble machine={stopped} error={data.error} hosts={hosts} viaId={null} onAgain={() => mutate()} />} />
      ) : null}
      <div className="btns foot">
        <Button needsEngine size="lg" disabled={isPending} onClick={() => mutate()}>Ask for its key now</Button>
        <Button size="lg" onClick={onClose}>Close</Button>
      </div>
      {asked === 'replace' && shown !== null ? <ReplaceKey system={system} host={host} trusted={trusted} shown={shown} onClose={close} onReplaced={() => { close(); mutate(); }} /> : null}
      {asked !== null && asked !== 'replace' ? <RevokeKey system={system} host={host} shown={asked} onClose={close} /> : null}
    </Dialog>
  );
}
