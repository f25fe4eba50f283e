import type { Restore } from '#shared/contract/restores.ts';
import type { GlyphKind } from '../../components/glyph-kind.ts';
import { Glyph } from '../../components/icons.tsx';
import type { Tone } from '../../components/words.ts';

function look({ state, equal }: Restore): { word: string; glyph: GlyphKind; tone: Tone } {
  switch (state) {
    case 'running': return { word: 'Running', glyph: 'running', tone: 'running' };
    case 'beside': return equal ? { word: 'Beside, equal', glyph: 'ok', tone: 'ok' } : { word: 'Beside, written to since', glyph: 'warn', tone: 'warn' };
    case 'swapped': return { word: 'Swapped in', glyph: 'ok', tone: 'ok' };
    case 'undone': return { word: 'Swap undone', glyph: 'stopped', tone: 'skipped' };
    case 'kept': return { word: 'Kept beside', glyph: 'ok', tone: 'ok' };
    case 'dropped': return { word: 'Copy dropped', glyph: 'skipped', tone: 'skipped' };
    case 'failed': return { word: 'Failed', glyph: 'failed', tone: 'critical' };
  }
}

export function RestoreStateLabel({ restore }: { restore: Restore }) {
  const { word, glyph, tone } = look(restore);
  return <span className={`st ${tone}`}><Glyph kind={glyph} small />{word}</span>;
}
