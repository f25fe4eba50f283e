/** What becomes of a secret that is typed, beside its field. @param kept one is in the vault already, for the same */
export function secretHint(source: string, kept: boolean): string {
  if (source !== 'vault') return 'Kept in memory until the engine stops';
  return kept ? 'Encrypted at once; left empty, the one that is kept stays' : 'Encrypted at once';
}
