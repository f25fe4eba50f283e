/** The same words in every result that waits for the same step on our own side, so that they are found again: it opens the eyes of all of them. */
export const openVaultFirst = 'Open the vault, then check again.';
/** A test asks for what is missing: a password, a passphrase, the answer to a question, whether a key is trusted. */
export const testItFirst = 'Test the connection: it asks for what is missing. Then check again.';
