import { Suspense, useCallback, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { HostQuestions } from '../components/host-questions.tsx';
import { ScreenContext, type ScreenInfo } from '../components/screen.tsx';
import { SkeletonRows } from '../components/loaded.tsx';
import { useChanges } from '../transport/use-changes.ts';
import { useMethod } from '../transport/use-method.ts';
import { useSettingsTheme } from './color-scheme.ts';
import { ConnectionBar } from './connection-bar.tsx';
import { CrashGuard } from './crash-guard.tsx';
import { EngineNotice } from './engine-notice.tsx';
import { useKeyboard } from './keyboard.ts';
import { useRememberedPlace } from './remembered-place.ts';
import { FirstStart, Screens } from './routes.tsx';
import { Shortcuts } from './shortcuts.tsx';
import { SideBar } from './side-bar.tsx';
import { TitleBar } from './title-bar.tsx';
import { Toasts, useToasts } from './toasts.tsx';
import { Opening } from './opening.tsx';
import { WindowWishes } from './window-wishes.tsx';
import { Palette } from './palette/palette.tsx';

type Overlay = 'palette' | 'shortcuts' | null;

const nowhere: ScreenInfo = { screen: '', system: null };

function sameInfo(a: ScreenInfo, b: ScreenInfo): boolean {
  return a.screen === b.screen && a.environment === b.environment && a.focus === b.focus && a.system?.id === b.system?.id && a.system?.name === b.system?.name && a.system?.environment === b.system?.environment && a.system?.readOnly === b.system?.readOnly;
}

export function Shell() {
  const [location] = useLocation();
  const [info, setInfo] = useState<ScreenInfo>(nowhere);
  const [overlay, setOverlay] = useState<Overlay>(null);
  const systems = useMethod('system.list', {});
  const { toasts, announce, close } = useToasts();
  useChanges(announce);
  useSettingsTheme();
  const { opened, placeIn } = useRememberedPlace(location);
  const announceScreen = useCallback((next: ScreenInfo) => setInfo((before) => (sameInfo(before, next) ? before : next)), []);
  const keys = useMemo(() => ({ palette: () => setOverlay('palette'), shortcuts: () => setOverlay('shortcuts') }), []);
  useKeyboard(keys);

  if (!opened || (systems.data === undefined && systems.error === null)) return <Opening />;
  const empty = systems.data?.systems.length === 0;
  const screens = (
    <CrashGuard resetKey={location}>
      <Suspense fallback={<div className="page"><SkeletonRows what="the screen" /></div>}>
        {empty && location === '/' ? <FirstStart /> : <Screens />}
      </Suspense>
    </CrashGuard>
  );
  return (
    <ScreenContext value={announceScreen}>
      <a className="vh" href="#main" onClick={(event) => { event.preventDefault(); document.querySelector<HTMLElement>('#main')?.focus(); }}>Skip to content</a>
      {empty && location === '/' ? screens : (
        <div className={`app${info.focus ? ' focus' : ''}`}>
          <TitleBar info={info} onSearch={() => setOverlay('palette')} />
          <SideBar location={location} placeIn={placeIn} />
          <main className="main" id="main" tabIndex={-1}>{screens}</main>
        </div>
      )}
      <ConnectionBar />
      <EngineNotice />
      <Toasts toasts={toasts} onClose={close} />
      <HostQuestions />
      <WindowWishes overlays={keys} />
      {overlay === 'palette' ? <Palette onClose={() => setOverlay(null)} onShortcuts={() => setOverlay('shortcuts')} /> : null}
      {overlay === 'shortcuts' ? <Shortcuts onClose={() => setOverlay(null)} /> : null}
    </ScreenContext>
  );
}
