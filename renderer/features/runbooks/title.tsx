import { useScreen } from '../../components/screen.tsx';
import { useSystemScreen } from '../../components/use-system.ts';

function OfSystem({ systemId, screen, focus }: { systemId: string; screen: string; focus: boolean }) {
  useSystemScreen(systemId, screen, focus);
  return null;
}

function OfNone({ screen, focus }: { screen: string; focus: boolean }) {
  useScreen({ screen, system: null, focus });
  return null;
}

/** Names the screen in the title bar, with its system where it has one. */
export function RunbookTitle({ systemId, screen, focus = false }: { systemId: string | null; screen: string; focus?: boolean }) {
  return systemId === null ? <OfNone screen={screen} focus={focus} /> : <OfSystem systemId={systemId} screen={screen} focus={focus} />;
}
