import type { ReactNode } from 'react';
import type { GlyphKind } from './glyph-kind.ts';
import { Glyph } from './icons.tsx';

export interface Step {
  id: string;
  title: string;
  state: 'done' | 'now' | 'running' | 'todo' | 'failed' | 'cancelled' | 'skipped' | 'warn';
  /** What came of it. */
  detail?: ReactNode;
  /** When, or how long. */
  when?: ReactNode;
  onOpen?: (() => void) | undefined;
}

const glyphs: Record<Exclude<Step['state'], 'todo'>, { glyph: GlyphKind; tone: string; word: string }> = {
  done: { glyph: 'ok', tone: 'ok', word: 'Done' },
  now: { glyph: 'waiting', tone: 'running', word: 'Now' },
  running: { glyph: 'running', tone: 'running', word: 'Running' },
  failed: { glyph: 'critical', tone: 'critical', word: 'Failed' },
  cancelled: { glyph: 'stopped', tone: 'skipped', word: 'Cancelled' },
  skipped: { glyph: 'skipped', tone: 'skipped', word: 'Skipped' },
  warn: { glyph: 'warn', tone: 'warn', word: 'To look at' },
};

/** One rail for restore and for the phases of an operation: glyph, name, what came of it, when. */
export function StepRail({ label, steps }: { label: string; steps: readonly Step[] }) {
  return (
    <ol className="rail" aria-label={label}>
      {steps.map((step, index) => (
        <li key={step.id} className={step.state === 'todo' ? 'todo' : step.state === 'now' ? 'now' : ''} {...(step.state === 'now' ? { 'aria-current': 'step' as const } : {})}>
          {step.state === 'todo' ? (
            <span className="num-dot" aria-hidden>{index + 1}</span>
          ) : (
            <span className={glyphs[step.state].tone}>
              <Glyph kind={glyphs[step.state].glyph} small label={glyphs[step.state].word} />
            </span>
          )}
          <span>{step.title}</span>
          <span className="w">{step.when}</span>
          {step.detail === undefined ? null : <span className="d">{step.detail}</span>}
        </li>
      ))}
    </ol>
  );
}
