import type { ReactNode } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button, LinkButton } from './button.tsx';
import { prose } from './format.ts';
import { Glyph } from './icons.tsx';
import { paths } from './paths.ts';

interface Props {
  error: ErrorShape;
  /** What was tried, in words: "The plan was not made." */
  title?: string;
  onRetry?: (() => void) | undefined;
  retryLabel?: string;
  /** The vault can be opened right beside it: a way to another screen would throw away what was typed here. */
  vaultAtHand?: boolean;
  children?: ReactNode;
}

/** What happened and its code, what to do next, and the way to try again. It stands where it happened. */
export function ErrorPanel({ error, title, onRetry, retryLabel = 'Try again', vaultAtHand = false, children }: Props) {
  const behindVault = !vaultAtHand && (error.code === 'vault.locked' || error.code === 'vault.absent');
  return (
    <div className="tint critical err" role="alert">
      <Glyph kind="critical" />
      <p>
        <b className="strong">{title ?? prose(error.message)}</b> <span className="mono">{error.code}</span>
      </p>
      {title === undefined ? null : <p>{prose(error.message)}</p>}
      {error.hint === undefined ? null : (
        <p>
          <b className="strong">Next:</b> {prose(error.hint)}
        </p>
      )}
      {error.correlationId === '' ? null : <p className="xs">In the log as <span className="mono">{error.correlationId}</span></p>}
      {onRetry === undefined && children === undefined && !behindVault ? null : (
        <div className="row wrap" style={{ marginTop: 4 }}>
          {children}
          {behindVault ? <LinkButton to={paths.settingsSection('vault')}>Open the vault…</LinkButton> : null}
          {onRetry === undefined ? null : <Button onClick={onRetry}>{retryLabel}</Button>}
        </div>
      )}
    </div>
  );
}
