const running = new Set<{ end: () => void; ended: Promise<unknown> }>();

/** Remembers a running child until it has ended. */
export function registerChild(end: () => void, ended: Promise<unknown>): void {
  const entry = { end, ended };
  running.add(entry);
  const forget = (): void => void running.delete(entry);
  ended.then(forget, forget);
}

/** Ends every child of this process as an abort would, and waits until they are gone: two seconds at most each, all at once. */
export async function closeChildren(): Promise<void> {
  const entries = [...running];
  for (const entry of entries) entry.end();
  await Promise.allSettled(entries.map((entry) => entry.ended));
}
