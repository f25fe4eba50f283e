import { Mark } from '../components/icons.tsx';

/** Shown where the address lets nobody in any more. */
export function Used() {
  return (
    <main className="page" style={{ height: '100vh', placeContent: 'center', justifyItems: 'start', background: 'var(--panel)' }}>
      <div className="stack wide" style={{ width: 'min(560px, 100%)', justifySelf: 'center' }}>
        <Mark size={40} />
        <h1>This address was used already</h1>
        <p className="t2">
          Start again with <code>npm start</code>, or open the newest address it printed.
        </p>
      </div>
    </main>
  );
}
