/** The same words in every result that waits for the same step on our own side, so that they are found again: it opens the eyes of all of them. */
export const openVaultFirst = 'Open the vault, then check again.';
