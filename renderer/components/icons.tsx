import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { GlyphKind } from './glyph-kind.ts';

const shapes: Record<GlyphKind, ReactNode> = {
  ok: <><circle cx="8" cy="8" r="6.2" /><path d="m5.4 8.2 1.8 1.8 3.5-3.8" /></>,
  warn: <><path d="M8 2.2 14.4 13.4H1.6Z" /><path d="M8 6.6v3M8 11.5v.05" /></>,
  critical: <><path d="M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4Z" /><path d="M8 5v3.6M8 11v.05" /></>,
  unknown: <><circle cx="8" cy="8" r="6.2" strokeDasharray="2.4 2" /><path d="M6.3 6.4c.1-1 .8-1.6 1.8-1.6s1.7.6 1.7 1.5c0 1.2-1.7 1.3-1.7 2.5M8.1 11.1v.05" /></>,
  skipped: <><circle cx="8" cy="8" r="6.2" /><path d="M5.2 8h5.6" /></>,
  running: <><circle cx="8" cy="8" r="6.2" opacity=".3" /><path d="M8 1.8A6.2 6.2 0 0 1 14.2 8" /></>,
  waiting: <><circle cx="8" cy="8" r="6.2" /><path d="M6.4 5.6v4.8M9.6 5.6v4.8" /></>,
  failed: <path d="m4 4 8 8M12 4l-8 8" />,
  stopped: <><circle cx="8" cy="8" r="6.2" /><path d="M5.8 5.8h4.4v4.4H5.8Z" /></>,
  todo: <circle cx="8" cy="8" r="6.2" />,
};

interface GlyphProps {
  kind: GlyphKind;
  small?: boolean;
  /** Said to who cannot see it; left out where the word stands beside it. */
  label?: string;
}

/** The shape of a state. Colour is inherited. */
export function Glyph({ kind, small, label }: GlyphProps) {
  const spoken = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return (
    <svg className={`i${small ? ' s' : ''}${kind === 'running' ? ' spin' : ''}`} viewBox="0 0 16 16" {...spoken}>
      {shapes[kind]}
    </svg>
  );
}

/** A picture that is not a state. */
export function Icon({ of: Picture, small }: { of: LucideIcon; small?: boolean }) {
  return <Picture className={`i pic${small ? ' s' : ''}`} aria-hidden />;
}

export function Mark({ size = 18 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 18 18" fill="none" stroke="currentColor" strokeWidth={size > 30 ? 0.9 : 1.6} strokeLinecap="round" strokeLinejoin="round" aria-hidden>
      <path d="M2.2 6h13.6M3.9 6 3 15.5h12L14.1 6M3.5 10.4h11M7.1 6v4.4M10.9 6v4.4M9 6V2.4" />
    </svg>
  );
}
