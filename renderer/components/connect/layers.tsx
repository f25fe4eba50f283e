import type { ConnectionTest } from '#shared/contract/systems.ts';
import { ErrorPanel } from '../error-panel.tsx';
import { bytes, plainText, span } from '../format.ts';
import { Glyph, type GlyphKind } from '../icons.tsx';
import './connect.css';

type Layer = ConnectionTest['layers'][number];

const names: Record<Layer['layer'], string> = { name: 'Name', network: 'Network', tls: 'TLS', authentication: 'Sign-in', database: 'Database', privilege: 'Privileges' };
const looks: Record<Layer['state'], { glyph: GlyphKind; tone: string; word: string }> = {
  ok: { glyph: 'ok', tone: 'ok', word: 'Ok' },
  warn: { glyph: 'warn', tone: 'warn', word: 'To look at' },
  failed: { glyph: 'critical', tone: 'critical', word: 'Failed' },
  'not-reached': { glyph: 'skipped', tone: 'skipped', word: 'Not tried' },
};

/** What the test found, layer by layer, and why it stopped where it stopped. */
export function Layers({ test, vaultAtHand = false }: { test: ConnectionTest; vaultAtHand?: boolean }) {
  return (
    <div className="stack">
      <ol className="layers">
        {test.layers.map((layer) => (
          <li key={layer.layer} className={layer.state}>
            <span className={looks[layer.state].tone}><Glyph kind={looks[layer.state].glyph} small label={looks[layer.state].word} /></span>
            <span className={layer.state === 'failed' ? 'critical strong' : 't2'}>{names[layer.layer]}</span>
            <span className={layer.state === 'failed' ? 'critical break' : layer.state === 'not-reached' ? 't3' : 'break'}>{layer.state === 'not-reached' ? 'not tried' : plainText(layer.detail)}</span>
            <span className="t3 xs nowrap">{layer.durationMs === null ? '' : layer.durationMs < 1000 ? `${Math.round(layer.durationMs)} ms` : span(layer.durationMs)}</span>
          </li>
        ))}
      </ol>
      {test.error === null ? null : <ErrorPanel error={test.error} vaultAtHand={vaultAtHand} />}
      {test.server === null ? null : (
        <dl className="kv">
          <dt>Server</dt><dd>Postgres {test.server.version}{test.server.standby ? ', a standby' : ''}</dd>
          <dt>Identity</dt><dd className="mono">{test.server.systemIdentifier}</dd>
          {test.server.sizeBytes === null ? null : <><dt>Size</dt><dd>{bytes(test.server.sizeBytes)}</dd></>}
          <dt>The role may</dt>
          <dd>{[test.server.superuser ? 'everything (superuser)' : null, test.server.monitor ? 'read the statistics' : null, test.server.createDatabase ? 'create databases, so restore beside' : null].filter(Boolean).join(', ') || 'only read what it was granted; some checks will be unknown'}</dd>
        </dl>
      )}
    </div>
  );
}
