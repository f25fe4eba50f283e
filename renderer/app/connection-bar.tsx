import { useEffect, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Glyph } from '../components/icons.tsx';
import { useConnection, useConnectionState } from '../transport/engine-context.ts';
import { desktop } from '../transport/desktop.ts';
import { startCommand } from '../transport/start-command.ts';
import { useEngineState } from '../transport/use-engine-state.ts';
import { EngineFailedBar } from './engine-notice.tsx';

/** A socket that only broke is back within this time; an engine that ended is not, and the next one has another address. */
const patienceMs = 4000;

/** What moves stands still while nobody says that it still does; styles go by this mark. */
function useLostMark(lost: boolean): void {
  useEffect(() => {
    document.documentElement.toggleAttribute('data-engine-lost', lost);
  }, [lost]);
}

function Lost({ retryNow }: { retryNow: () => void }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLong(true), patienceMs);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <>
      <span className="warn"><Glyph kind="warn" small /></span>
      <span>
        <b className="medium">Connection to the engine lost.</b>{' '}
        <span className="t2">
          {desktop !== null ? 'It is started again by itself, and what is on screen is then read anew.' : long ? <>If Pilothouse was closed, type <code className="break">{startCommand}</code> and open the address that it prints: this tab does not find it again. What ran is then in the history, perhaps interrupted.</> : 'Trying to reconnect.'}
        </span>
      </span>
      <Button onClick={retryNow}>Try now</Button>
    </>
  );
}

/** Quietly says that the engine cannot be heard; what is on screen stays. */
export function ConnectionBar() {
  const connection = useConnection();
  const state = useConnectionState();
  const lost = state === 'lost';
  const engine = useEngineState();
  useLostMark(lost);
  if (lost && engine?.state === 'failed') return <EngineFailedBar error={engine.error} />;
  return <div role="status" className={lost ? 'lostbar' : 'vh'}>{lost ? <Lost retryNow={connection.retryNow} /> : null}</div>;
}
