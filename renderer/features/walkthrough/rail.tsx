import { memo, useCallback, useEffect, useRef } from 'react';
import type { WalkedStep } from '#shared/contract/walkthroughs.ts';
import { clockTime, exactTime, plainText } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { fullTitle, stateOf, wentWrong } from './words.ts';

const sectionWords: Record<WalkedStep['section'], string> = { prerequisites: 'Before you begin', steps: 'Steps', rollback: 'Rollback' };

/** What stands below the title: what came of it, or of the one that is next what it asks for. */
function below(step: WalkedStep, isCurrent: boolean): string | null {
  if (step.outcome !== null) return plainText(step.outcome);
  if (!isCurrent) return null;
  return step.risk === 'destructive' ? 'destructive, asks first' : step.kind === 'manual' || step.kind === 'decide' || step.kind === 'approve' ? 'waits for you' : null;
}

interface EntryProps {
  step: WalkedStep;
  isCurrent: boolean;
  isOpen: boolean;
  onOpen: (key: string) => void;
}

const Entry = memo(function Entry({ step, isCurrent, isOpen, onOpen }: EntryProps) {
  const { word, glyph, tone } = stateOf(step);
  const todo = step.state === 'pending' && !isCurrent;
  const detail = below(step, isCurrent);
  const at = step.doneAt ?? step.endedAt;
  return (
    <li className={`${todo ? 'todo' : ''}${isCurrent ? ' now' : ''}${isOpen ? ' open' : ''}`} {...(isCurrent ? { 'aria-current': 'step' as const } : {})} {...(step.operationId === null ? {} : { 'data-watching': step.operationId })}>
      <button type="button" onClick={() => onOpen(step.key)} aria-pressed={isOpen} data-step={step.key}>
        {todo || (step.state === 'eligible' && !isCurrent) ? (
          <span className="num-dot"><span className="vh">Step </span>{step.number}</span>
        ) : (
          <span className={tone}><Glyph kind={glyph} small label={`Step ${step.number}, ${isCurrent && !wentWrong(step) ? `now, ${word.toLowerCase()}` : word}`} /></span>
        )}
        <span className="nm break">{fullTitle(step)}</span>
        <span className="w">{at === null ? null : <span title={exactTime(at)}>{clockTime(at)}</span>}</span>
        {detail === null ? null : <span className={wentWrong(step) && !step.passed ? 'd critical' : 'd'}>{detail}</span>}
      </button>
    </li>
  );
});

/** Whether keys without a modifier are somebody's text, or belong to a dialog. */
function writes(event: KeyboardEvent): boolean {
  const { target } = event;
  return event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('[role="dialog"]') !== null || (target instanceof HTMLElement && (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)));
}

/** The runbook: every step with what came of it. It follows the one that is to be done now; any of them can be opened to be read. */
export function Rail({ steps, current, opened, onOpen }: { steps: readonly WalkedStep[]; current: string | null; opened: string | null; onOpen: (key: string) => void }) {
  const box = useRef<HTMLElement>(null);
  const shown = opened ?? current;
  const open = useCallback((key: string) => onOpen(key), [onOpen]);
  useEffect(() => {
    box.current?.querySelector(`[data-step="${CSS.escape(shown ?? '')}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [shown]);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const buttons = [...(box.current?.querySelectorAll<HTMLButtonElement>('button[data-step]') ?? [])];
      const at = buttons.findIndex((button) => button === document.activeElement);
      const inside = at >= 0;
      const ways: Record<string, number> = { j: 1, k: -1, ...(inside ? { ArrowDown: 1, ArrowUp: -1, Home: -buttons.length, End: buttons.length } : {}) };
      const by = ways[event.key];
      if (by === undefined || writes(event)) return;
      event.preventDefault();
      const from = inside ? at + by : buttons.findIndex((button) => button.dataset['step'] === shown);
      buttons[Math.max(0, Math.min(buttons.length - 1, from))]?.focus();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [shown]);
  const sections = (['prerequisites', 'steps', 'rollback'] as const).map((name) => ({ name, of: steps.filter(({ section }) => section === name) })).filter(({ of }) => of.length > 0);
  return (
    <section ref={box} className="col" aria-label="Steps" tabIndex={0}>
      {sections.map(({ name, of }) => (
        <div key={name}>
          {sections.length === 1 && name === 'steps' ? null : <h2 className="rail-head">{sectionWords[name]}</h2>}
          <ol className="rail walk-rail" aria-label={sectionWords[name]}>
            {of.map((step) => <Entry key={step.key} step={step} isCurrent={step.key === current} isOpen={step.key === shown} onOpen={open} />)}
          </ol>
        </div>
      ))}
    </section>
  );
}
