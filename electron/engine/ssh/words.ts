/** "a", "a and b", "a, b and c". */
export function sentence(parts: readonly string[]): string {
  return parts.length <= 1 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

/** What somebody does who is told that a secret is missing. */
export const whereSecretsAreTyped = 'Test this host, in Settings or by "host test": it is asked for there.';
