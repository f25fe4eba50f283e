/** The way to a host as it is stored, and which machine on it keeps one from getting there. Pure. */

interface Machine {
  id: string;
  connection: { viaId: string | null };
}

/** Every machine on the way to a host, the host itself last; a circle, which the engine refuses, ends. Empty where there is no such host. */
export function wayTo<M extends Machine>(hosts: readonly M[], hostId: string | null): M[] {
  const way: M[] = [];
  for (let id = hostId; id !== null; ) {
    const host = hosts.find((each) => each.id === id);
    if (host === undefined || way.includes(host)) break;
    way.unshift(host);
    id = host.connection.viaId;
  }
  return way;
}

/** The first machine on a way that failed when it was last tried: whoever is behind it is not reached either, whatever was met there before. Null where none did. */
export const failingOn = <M extends { lastError: unknown }>(way: readonly M[]): M | null => way.find(({ lastError }) => lastError !== null) ?? null;
