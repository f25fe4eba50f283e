import { Glyph } from '../icons.tsx';
import { MakeVault, OpenVault } from '../vault-access.tsx';

/** Makes or opens the vault beside a connection that is being typed, so that nothing of it is lost on the way. */
export function VaultInTheWay({ state, refused, onOpen }: { state: 'absent' | 'locked'; refused: boolean; onOpen: () => void }) {
  return (
    <section className="tint warn stack" aria-label="The vault">
      {refused ? <p role="alert"><b className="strong">The connection was not saved.</b> It stays here as you typed it.</p> : null}
      <p className="row" role="status">
        <Glyph kind="warn" small />
        <span>
          {state === 'absent' ? (
            <><b className="strong">There is no vault yet to keep this password in.</b> Make it here, or choose above where else the password comes from.</>
          ) : (
            <><b className="strong">The vault is locked.</b> This password is kept in it: open it here, or choose above where else the password comes from.</>
          )}
        </span>
      </p>
      {state === 'absent' ? <MakeVault primary={false} onOpen={onOpen} /> : <OpenVault primary={false} onOpen={onOpen} />}
    </section>
  );
}
