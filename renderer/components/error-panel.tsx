import type { ReactNode } from 'react';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button } from './button.tsx';
import { prose } from './format.ts';
import { Glyph } from './icons.tsx';
import { useOpenVault } from './open-vault.ts';

interface Props {
  error: ErrorShape;
  /** What was tried, in words: "The plan was not made." */
  title?: string;
  onRetry?: (() => void) | undefined;
  retryLabel?: string;
  /** The vault can be opened right beside it, so that it is not offered here. */
  vaultAtHand?: boolean;
  children?: ReactNode;
}

/** What happened and its code, what to do next, and the way to try again. It stands where it happened. */
export function ErrorPanel({ error, title, onRetry, retryLabel = 'Try again', vaultAtHand = false, children }: Props) {
  const openVault = useOpenVault();
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
          {behindVault ? <Button needsEngine onClick={() => openVault(onRetry)}>Open the vault…</Button> : null}
          {onRetry === undefined ? null : <Button onClick={onRetry}>{retryLabel}</Button>}
        </div>
      )}
    </div>
  );
}
