import { useEffect, useState } from 'react';
import { SkeletonRows } from '../components/loaded.tsx';
import { ConnectionBar } from './connection-bar.tsx';

/** An engine on this computer answers sooner; until then nothing flickers. */
const quietMs = 400;

/** Before the first answer it is not known whether this is a first start. */
export function Opening() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), quietMs);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <main className="page" style={{ height: '100vh', background: 'var(--panel)' }}>
      {late ? <SkeletonRows what="the systems" /> : null}
      <ConnectionBar />
    </main>
  );
}
