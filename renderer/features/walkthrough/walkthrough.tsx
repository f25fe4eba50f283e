import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { plainText } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Heading, useScreen } from '../../components/screen.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { ModeBanner } from './banners.tsx';
import { WalkBar } from './bar.tsx';
import { useReread, WalkedContext, type WalkDialog, type Walked } from './context.ts';
import { WalkDialogs } from './dialogs.tsx';
import { typedDrafts, wasRunHere } from './drafts.ts';
import { EvidenceViewer } from './evidence.tsx';
import { Rail } from './rail.tsx';
import { Side } from './side.tsx';
import { StepPane } from './step-pane.tsx';
import { stepOf } from './words.ts';
import './walkthrough.css';

/** What grows old by the clock alone, such as a wait, is read again this often. */
const againMs = 15_000;

/** The system of a walkthrough in the title bar; null where it is of none. */
function useWalkthroughScreen(view: WalkthroughView | undefined): void {
  const systems = useMethod('system.list', {});
  const system = systems.data?.systems.find(({ id }) => id === view?.run.systemId) ?? null;
  useScreen({ screen: view === undefined ? 'Walkthrough' : plainText(view.run.title), focus: true, environment: view?.environment ?? null, system: system === null ? null : { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly } });
}

function Walking({ view, walkthroughId }: { view: WalkthroughView; walkthroughId: string }) {
  const [opened, setOpened] = useState<string | null>(null);
  const [stale, setStale] = useState(false);
  const [dialog, setDialog] = useState<WalkDialog | null>(null);
  const [evidenceId, setEvidenceId] = useState<string | null>(null);
  const reread = useReread(walkthroughId);
  const { current } = view;
  const acting = useRef(0);
  const [watched, setWatched] = useState<readonly string[]>([]);
  const [lacking, setLacking] = useState<readonly string[]>([]);
  const [before, setBefore] = useState(current);
  if (before !== current) {
    setBefore(current);
    // It was not this window that went on, and one was writing: what is under one's hands stays there.
    if (before !== null && opened === null && acting.current === 0 && !wasRunHere(walkthroughId, before) && typedDrafts(walkthroughId, before).length > 0) {
      setOpened(before);
      setStale(true);
    }
  }
  const open = useCallback((key: string | null) => setOpened(key), []);
  const closeDialog = useCallback(() => setDialog(null), []);
  const closeEvidence = useCallback(() => setEvidenceId(null), []);
  const closeStale = useCallback(() => setStale(false), []);
  // Whoever opens the current step follows it.
  useEffect(() => {
    if (opened !== null && opened === current) setOpened(null);
  }, [opened, current]);
  const walked = useMemo((): Walked => ({
    view, id: walkthroughId, open, reread, ask: setDialog, lacking, onLacking: setLacking,
    onStale: (key) => {
      setStale(true);
      setOpened(key);
    },
    onDone: () => setStale(false),
    watch: (operationId) => setWatched((known) => [...known, operationId]),
    underWay: () => {
      acting.current += 1;
      return () => {
        acting.current -= 1;
      };
    },
  }), [view, walkthroughId, open, reread, lacking]);
  const shownKey = opened ?? current;
  const step = stepOf(view, shownKey);
  const isCurrent = opened === null;
  return (
    <WalkedContext value={walked}>
      {watched.map((operationId) => <span key={operationId} hidden data-watching={operationId} />)}
      <div className="walk">
        <div className="walk-top">
          <WalkBar />
          <div className="walk-banners"><ModeBanner /></div>
        </div>
        <Rail steps={view.steps} current={current} opened={opened} onOpen={open} />
        <StepPane step={step} isCurrent={isCurrent} stale={stale} onCloseStale={closeStale} onEvidence={setEvidenceId} />
        <Side step={step} onEvidence={setEvidenceId} />
      </div>
      {dialog === null ? null : <WalkDialogs dialog={dialog} onClose={closeDialog} />}
      {evidenceId === null ? null : <EvidenceViewer evidenceId={evidenceId} onClose={closeEvidence} />}
    </WalkedContext>
  );
}

/** One walkthrough: the runbook on the left, the current step large in the middle, evidence and notes on the right. */
export function Walkthrough({ walkthroughId }: { walkthroughId: string }) {
  const query = useMethod('walkthrough.get', { walkthroughId }, { againMs });
  useWalkthroughScreen(query.data);
  return (
    <>
      {/* Also where it cannot be read: one is somewhere, and hears where. */}
      {query.data === undefined ? <div className="page"><Heading>Walkthrough</Heading></div> : null}
      <Loaded query={query} what="the walkthrough">{(view) => <Walking view={view} walkthroughId={walkthroughId} />}</Loaded>
    </>
  );
}
