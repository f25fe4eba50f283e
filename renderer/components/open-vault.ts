/** Opening the vault over whatever is shown: a way to another screen would throw away what one was about to do. */
import { createContext, use } from 'react';

/** @param afterwards what is done once it is open, where one was */
export type OpenVaultOver = (afterwards?: () => void) => void;

export const OpenVaultContext = createContext<OpenVaultOver>(() => {});

export function useOpenVault(): OpenVaultOver {
  return use(OpenVaultContext);
}
