import { Glyph } from '../icons.tsx';
import { useInSight } from '../in-sight.tsx';
import { MakeVault, OpenVault } from '../vault-access.tsx';

interface Props {
  state: 'absent' | 'locked';
  /** Something was not saved for it. */
  refused: boolean;
  /** Whether it can be chosen nearby that the password comes from elsewhere. */
  choice?: boolean;
  onOpen: () => void;
}

/** Makes or opens the vault beside a connection that is being typed, so that nothing of it is lost on the way. */
export function VaultInTheWay({ state, refused, choice = true, onOpen }: Props) {
  const elsewhere = choice ? ', or choose above where else the password comes from' : '';
  return (
    <section ref={useInSight<HTMLElement>(refused)} className="tint warn stack in-sight" aria-label="The vault">
      {refused ? <p role="alert"><b className="strong">The connection was not saved.</b> It stays here as you typed it.</p> : null}
      <p className="row" role="status">
        <Glyph kind="warn" small />
        <span>
          {state === 'absent' ? (
            <><b className="strong">There is no vault yet to keep this password in.</b> Make it here{elsewhere}.</>
          ) : (
            <><b className="strong">The vault is locked.</b> This password is kept in it: open it here{elsewhere}.</>
          )}
        </span>
      </p>
      {state === 'absent' ? <MakeVault primary={false} onOpen={onOpen} /> : <OpenVault primary={false} onOpen={onOpen} />}
    </section>
  );
}
