import { useState } from 'react';
import { Link } from 'wouter';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button, CloseButton } from '../components/button.tsx';
import { ErrorPanel } from '../components/error-panel.tsx';
import { Glyph, Mark } from '../components/icons.tsx';
import { localTime } from '../components/format.ts';
import { paths } from '../components/paths.ts';
import { desktop } from '../transport/desktop.ts';
import { useEngineState } from '../transport/use-engine-state.ts';

/** Says that the engine broke down and stands again, until somebody has read it. */
export function EngineNotice() {
  const engine = useEngineState();
  const [read, setRead] = useState(0);
  const at = engine?.state === 'running' ? (engine.restartedAt ?? 0) : 0;
  if (at <= read) return null;
  return (
    <div role="status" className="lostbar">
      <span className="warn"><Glyph kind="warn" small /></span>
      <span>
        <b className="medium">The engine broke down at {localTime(new Date(at).toISOString())} and was started again.</b>{' '}
        <span className="t2">Whatever was under way was interrupted: <Link to={paths.operations} onClick={() => setRead(at)}>Operations</Link> says what became of it, and what to do.</span>
      </span>
      <CloseButton onClick={() => setRead(at)} />
    </div>
  );
}

function StartAgain({ error }: { error: ErrorShape }) {
  return <ErrorPanel error={error} title="The engine does not run."><Button look="primary" needsEngine={false} onClick={() => void desktop?.startEngine()}>Start it again</Button></ErrorPanel>;
}

/** Over a screen whose engine has ended for good: what is on it stays, and is as old as it says. */
export function EngineFailedBar({ error }: { error: ErrorShape }) {
  return <div className="lostbar"><StartAgain error={error} /></div>;
}

/** In place of the console, where the engine never came up. */
export function EngineFailed({ error }: { error: ErrorShape }) {
  return (
    <main className="page" style={{ height: '100vh', placeContent: 'center', justifyItems: 'start', background: 'var(--panel)' }}>
      <div className="stack wide" style={{ width: 'min(640px, 100%)', justifySelf: 'center' }}>
        <Mark size={40} />
        <h1>{error.code.startsWith('store.') ? 'Pilothouse cannot open its data' : 'Pilothouse cannot work now'}</h1>
        <StartAgain error={error} />
      </div>
    </main>
  );
}
