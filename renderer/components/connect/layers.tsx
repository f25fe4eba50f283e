import type { ReactNode } from 'react';
import type { HostLayer, HostTest } from '#shared/contract/hosts.ts';
import type { ConnectionTest } from '#shared/contract/systems.ts';
import type { ErrorCode, ErrorShape } from '#shared/domain/errors.ts';
import { databaseLayerWords, layerStateWords, machineLayerWords, tunnelWord } from '#shared/domain/layer-words.ts';
import { ErrorPanel } from '../error-panel.tsx';
import { bytes, plainText, prose, span } from '../format.ts';
import type { GlyphKind } from '../glyph-kind.ts';
import { Glyph } from '../icons.tsx';
import { InSight } from '../in-sight.tsx';
import './connect.css';

type Layer = ConnectionTest['layers'][number];
export type Machine = HostTest['machines'][number];

const names: Record<Layer['layer'], string> = databaseLayerWords;
const machineNames: Record<HostLayer, string> = machineLayerWords;
const looks: Record<Layer['state'], { glyph: GlyphKind; tone: string }> = {
  ok: { glyph: 'ok', tone: 'ok' },
  warn: { glyph: 'warn', tone: 'warn' },
  failed: { glyph: 'critical', tone: 'critical' },
  'not-reached': { glyph: 'skipped', tone: 'skipped' },
};

/** What a machine on the way came to, in a word or two: the whole of it stands below. */
const failedWords: Partial<Record<ErrorCode, string>> = {
  'ssh.name-not-resolved': 'not found', 'ssh.unreachable': 'out of reach', 'ssh.refused': 'nobody listens', 'ssh.timeout': 'no answer', 'ssh.forwarding-refused': 'it may not let through',
  'ssh.host-key-unknown': 'not known yet', 'ssh.host-key-changed': 'another one than is known', 'ssh.host-key-revoked': 'revoked', 'ssh.authentication': 'refused', 'ssh.password-needed': 'a password is needed', 'ssh.passphrase-needed': 'a passphrase is needed',
  'ssh.question-unanswered': 'its question was not answered', 'ssh.key-file': 'the key file cannot be used', 'ssh.agent-missing': 'there is no agent', 'vault.locked': 'the vault is locked', 'vault.absent': 'there is no vault', 'ssh.connection-lost': 'the line was lost', 'ssh.not-ssh': 'it does not speak SSH', 'ssh.command-failed': 'runs no commands',
};

/** What is wrong with a machine, as briefly as a row of a list has room for. */
export const briefly = ({ code, message }: ErrorShape): string => {
  const words = failedWords[code];
  if (words === undefined) return prose(message);
  return code.startsWith('ssh.host-key') ? `its key is ${words}` : words;
};

/** A fingerprint that was found to be the known one: its two ends are enough to tell it from another. */
const shortened = (detail: string): string => detail.replace(/^(\S+) (SHA256:.{4}).*(.{4})$/, 'known, $2…$3');

function Row({ name, state, durationMs, title, children }: { name: string; state: Layer['state']; durationMs: number | null; title?: string; children: ReactNode }) {
  const { glyph, tone } = looks[state];
  return (
    <li className={state}>
      <span className={tone}><Glyph kind={glyph} small label={layerStateWords[state]} /></span>
      <span className={state === 'failed' ? 'critical strong' : 't2'}>{name}</span>
      <span className={state === 'failed' ? 'critical strong break' : state === 'not-reached' ? 't3' : 'break'} title={title}>{state === 'not-reached' ? 'not tried' : children}</span>
      <span className="t3 xs nowrap">{durationMs === null ? '' : durationMs < 1000 ? `${Math.round(durationMs)} ms` : span(durationMs)}</span>
    </li>
  );
}

export const failedAt = (machines: readonly Machine[] | null): Machine | undefined => machines?.find(({ layers }) => layers.some(({ state }) => state === 'failed'));

/** Every machine on the way, layer by layer. `trouble` stands below the one at which it stopped. */
export function Machines({ machines, trouble }: { machines: readonly Machine[]; trouble: ReactNode }) {
  const stopped = failedAt(machines);
  return (
    <>
      {machines.map((machine, index) => {
        const { label, host, port, hostId, layers } = machine;
        const row = ({ layer, state, detail, durationMs, error }: Machine['layers'][number]) => (
          <Row key={layer} name={machineNames[layer]} state={state} durationMs={durationMs} {...(layer === 'host-key' && state === 'ok' ? { title: detail } : {})}>
            {error !== null && state === 'failed' ? (failedWords[error.code] ?? 'failed') : layer === 'host-key' ? shortened(plainText(detail)) : plainText(detail)}
          </Row>
        );
        const end = machine === stopped ? layers.findIndex(({ state }) => state === 'failed') + 1 : layers.length;
        return (
          <section key={`${host}:${port}:${hostId}`} className="hop-test">
            <h3>{machines.length === 1 ? label : `Hop ${index + 1}, ${label}`}</h3>
            <ol className="layers">{layers.slice(0, end).map(row)}</ol>
            {machine === stopped && trouble !== null ? <InSight trouble>{trouble}</InSight> : null}
            {end < layers.length ? <ol className="layers">{layers.slice(end).map(row)}</ol> : null}
          </section>
        );
      })}
    </>
  );
}

interface Props {
  test: ConnectionTest;
  vaultAtHand?: boolean;
  /** What can be done about the machine at which it stopped. */
  trouble?: ReactNode;
}

/** What the test found, machine by machine and layer by layer, and why it stopped where it stopped. */
export function Layers({ test, vaultAtHand = false, trouble = null }: Props) {
  const { machines, layers, error, server, tools } = test;
  const onTheWay = failedAt(machines) !== undefined;
  return (
    <div className="stack">
      {machines === null ? null : <Machines machines={machines} trouble={trouble} />}
      <section className="hop-test">
        {machines === null ? null : <h3 className={onTheWay ? 't3' : undefined}>Postgres, through {machines.at(-1)?.label}</h3>}
        <ol className="layers">
          {layers.map(({ layer, state, detail, durationMs }) => <Row key={layer} name={machines !== null && layer === 'network' ? tunnelWord : names[layer]} state={state} durationMs={durationMs}>{plainText(detail)}</Row>)}
        </ol>
        {error === null || onTheWay ? null : <ErrorPanel error={error} vaultAtHand={vaultAtHand} />}
      </section>
      {tools === undefined ? null : (
        <section className="hop-test">
          <h3>Programs, of {tools.where}</h3>
          <ol className="layers">
            {tools.found.map(({ name, version, path }) => <Row key={path} name={name} state="ok" durationMs={null} title={path}>{version}</Row>)}
            {tools.error === null ? null : <Row name="For this server" state="failed" durationMs={null}>cannot be used</Row>}
          </ol>
          {tools.error === null ? null : <InSight trouble><ErrorPanel error={tools.error} title="The programs cannot be used." /></InSight>}
        </section>
      )}
      {server === null ? null : (
        <dl className="kv">
          <dt>Server</dt><dd>Postgres {server.version}{server.standby ? ', a standby' : ''}</dd>
          <dt>Identity</dt><dd className="mono">{server.systemIdentifier}</dd>
          {server.sizeBytes === null ? null : <><dt>Size</dt><dd>{bytes(server.sizeBytes)}</dd></>}
          <dt>The role may</dt>
          <dd>{[server.superuser ? 'everything (superuser)' : null, server.monitor ? 'read the statistics' : null, server.createDatabase ? 'create databases, so restore beside' : null].filter(Boolean).join(', ') || 'only read what it was granted; some checks will be unknown'}</dd>
        </dl>
      )}
    </div>
  );
}
