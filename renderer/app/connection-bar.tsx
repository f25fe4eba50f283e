import { Button } from '../components/button.tsx';
import { Glyph } from '../components/icons.tsx';
import { useConnection, useConnectionState } from '../transport/engine-context.ts';

/** Quietly says that the engine cannot be heard; what is on screen stays. */
export function ConnectionBar() {
  const connection = useConnection();
  const state = useConnectionState();
  if (state !== 'lost') return <div role="status" className="vh" />;
  return (
    <div role="status" className="lostbar">
      <span className="warn"><Glyph kind="warn" small /></span>
      <span>
        <b className="medium">Connection to the engine lost.</b> <span className="t2">It reconnects by itself. Work that was running goes on.</span>
      </span>
      <Button onClick={connection.retryNow}>Try now</Button>
    </div>
  );
}
