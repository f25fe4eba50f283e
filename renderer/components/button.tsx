import { Check, Copy, X, type LucideIcon } from 'lucide-react';
import { useEffect, useState, type ComponentProps, type ReactNode } from 'react';
import { Link } from 'wouter';
import { desktop } from '../transport/desktop.ts';
import { useLostSince } from '../transport/engine-context.ts';
import { Icon } from './icons.tsx';
import type { IntentState } from './intent.ts';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

interface Shared {
  look?: Look;
  icon?: LucideIcon;
  size?: 'lg' | 'sm';
  children: ReactNode;
}

function classes(look: Look | undefined, size: Shared['size']): string {
  return `btn${look === undefined || look === 'plain' ? '' : ` ${look}`}${size === undefined ? '' : ` ${size}`}`;
}

/**
 * Verb and object. `primary` once a page: Ctrl or ⌘ with Enter presses it. What needs the engine, as all that submits or
 * is the main thing of its screen does, cannot be pressed while the engine is lost.
 */
export function Button({ look, icon, size, needsEngine, disabled, children, ...rest }: Shared & { needsEngine?: boolean } & Omit<ComponentProps<'button'>, 'className'>) {
  const lost = useLostSince() !== null && (needsEngine ?? (rest.type === 'submit' || look === 'primary' || look === 'danger'));
  return (
    <button type="button" className={classes(look, size)} {...(look === 'primary' ? { 'data-primary': '' } : {})} disabled={disabled === true || lost} {...rest}>
      {icon === undefined ? null : <Icon of={icon} />}
      {children}
    </button>
  );
}

/** A way to another screen that looks like a button. */
export function LinkButton({ look, icon, size, children, to, intent, ...rest }: Shared & { to: string; intent?: IntentState; 'aria-label'?: string }) {
  return (
    <Link to={to} state={intent ?? null} className={classes(look, size)} {...(look === 'primary' ? { 'data-primary': '' } : {})} {...rest}>
      {icon === undefined ? null : <Icon of={icon} />}
      {children}
    </Link>
  );
}

export function IconButton({ icon, label, ...rest }: { icon: LucideIcon; label: string } & Omit<ComponentProps<'button'>, 'className' | 'children'>) {
  return (
    <button type="button" className="btn icon" aria-label={label} {...rest}>
      <Icon of={icon} />
    </button>
  );
}

export function CloseButton({ onClick }: { onClick: () => void }) {
  return <IconButton icon={X} label="Close" onClick={onClick} />;
}

const shownMs = 2000;

/** The permission handler of a window denies its page the clipboard: there the window writes it. */
const writeText = (text: string): Promise<void> => (desktop === null ? navigator.clipboard.writeText(text) : desktop.copyText(text));

/** Copies a text and says so. Where the clipboard is refused it says that instead. */
export function CopyButton({ text, label, children, look = 'quiet', size }: { text: string | (() => string); label?: string; children?: ReactNode; look?: Look; size?: 'sm' }) {
  const [outcome, setOutcome] = useState<'copied' | 'refused' | null>(null);
  useEffect(() => {
    if (outcome === null) return;
    const timer = window.setTimeout(() => setOutcome(null), shownMs);
    return () => window.clearTimeout(timer);
  }, [outcome]);
  const copy = () => {
    writeText(typeof text === 'string' ? text : text()).then(() => setOutcome('copied'), () => setOutcome('refused'));
  };
  return (
    <Button look={look} icon={outcome === 'copied' ? Check : Copy} onClick={copy} aria-label={outcome === null ? label : undefined} {...(size === undefined ? {} : { size })}>
      <span aria-live="polite">{outcome === 'copied' ? 'Copied' : outcome === 'refused' ? 'Select and copy it' : (children ?? 'Copy')}</span>
    </Button>
  );
}
