import { useCallback, useState, type ReactNode } from 'react';
import { useMethod } from '../transport/use-method.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Loaded } from './loaded.tsx';
import { OpenVaultContext } from './open-vault.ts';
import { MakeVault, OpenVault } from './vault-access.tsx';

/** The vault in a dialog of its own: made where there is none, opened where it is locked. */
function VaultDialog({ onClose, onOpen }: { onClose: () => void; onOpen: () => void }) {
  const vault = useMethod('vault.status', {}, { freshMs: 0 });
  return (
    <Dialog title={vault.data?.state === 'absent' ? 'Make the vault' : 'Open the vault'} onClose={onClose}>
      <Loaded query={vault} what="the vault" skeleton={<span className="sk" style={{ width: 320 }} />}>
        {({ state }) => {
          if (state === 'absent') return <><p className="t2">There is none yet. Passwords are kept in it, sealed by your passphrase.</p><MakeVault onOpen={onOpen} /></>;
          if (state === 'locked') return <><p className="t2">The passwords are in it. Afterwards you are where you were.</p><OpenVault onOpen={onOpen} /></>;
          return <><p className="t2" role="status">The vault is open.</p><div className="btns"><Button look="primary" size="lg" onClick={onOpen}>Go on</Button></div></>;
        }}
      </Loaded>
    </Dialog>
  );
}

/** Holds the vault's dialog, over all others. */
export function VaultProvider({ children }: { children: ReactNode }) {
  const [asked, setAsked] = useState<{ afterwards: () => void } | null>(null);
  const open = useCallback((afterwards: () => void = () => {}) => setAsked({ afterwards }), []);
  const close = useCallback(() => setAsked(null), []);
  return (
    <OpenVaultContext value={open}>
      {children}
      {asked === null ? null : <VaultDialog onClose={close} onOpen={() => { close(); asked.afterwards(); }} />}
    </OpenVaultContext>
  );
}
