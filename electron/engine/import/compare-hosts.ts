/** Hosts that may be imported, compared with those that are here and with each other. */
import { isDeepStrictEqual } from 'node:util';
import type { Host, HostConnection, HostSignIn } from '#shared/contract/hosts.ts';
import type { ImportedHost, ImportState } from '#shared/contract/imports.ts';
import type { KnownHostKey } from '#shared/domain/host-trust.ts';
import { sentence } from '../ssh/words.ts';
import type { HostKeyRepository } from '../store/host-key-repository.ts';
import type { FoundKey } from './known-keys.ts';

/** A host that may be imported. */
export interface HostItem {
  shown: ImportedHost;
  /** Without the host on the way, which gets its id when it is added. */
  connection: Omit<HostConnection, 'viaId'>;
  /** The machine before it. */
  via: HostItem | null;
  /** The host here that it is. */
  here: Host | null;
  keys: FoundKey[];
}

/** No host has this id. */
const notHere = '-';

const lower = (text: string): string => text.toLowerCase();

const signsInAlike = (a: HostSignIn, b: HostSignIn): boolean => a.agent === b.agent && a.agentSocket === b.agentSocket && (a.identitiesOnly ?? false) === (b.identitiesOnly ?? false) && isDeepStrictEqual(a.keys.map(({ path }) => path), b.keys.map(({ path }) => path));
const wayIn = ({ keys, agent }: HostSignIn): string => sentence([...keys.map(({ path }) => path), ...(agent ? ['the agent'] : [])]) || 'a password';

/** What would be otherwise in the host that is here. */
function differences(item: HostItem, here: Host, hosts: readonly Host[]): string[] {
  const { host, port, user, signIn } = item.connection;
  const there = here.connection;
  const changes: string[] = [];
  if (lower(there.host) !== lower(host) || there.port !== port || there.user !== user) changes.push(`Here it is ${there.user}@${there.host}:${there.port}.`);
  const viaId = item.via === null ? null : (item.via.here?.id ?? undefined);
  if (there.viaId !== viaId) changes.push(`Here it is reached ${there.viaId === null ? 'directly' : `through ${hosts.find(({ id }) => id === there.viaId)?.label ?? 'another host'}`}.`);
  if (!signsInAlike(there.signIn, signIn)) changes.push(`Here one signs in with ${wayIn(there.signIn)}.`);
  return changes;
}

/** Finds for each item the host here that it is: by where it is and on which way, else by what it is called. None is two of them. */
export function findHere(items: readonly HostItem[], hosts: readonly Host[]): void {
  const free = new Set(hosts);
  const viaOf = ({ via }: HostItem): string | null | undefined => (via === null ? null : via.here?.id);
  const isThere = (item: HostItem, { connection }: Host): boolean => lower(connection.host) === lower(item.connection.host) && connection.port === item.connection.port && connection.user === item.connection.user && connection.viaId === viaOf(item);
  const isCalled = ({ shown }: HostItem, { label }: Host): boolean => [shown.label, ...shown.aliases].some((name) => lower(name) === lower(label));
  const claim = (item: HostItem, fits: (item: HostItem, host: Host) => boolean): void => {
    if (item.here !== null) return;
    const found = [...free].find((host) => fits(item, host));
    if (found === undefined) return;
    free.delete(found);
    item.here = found;
  };
  for (const item of items) claim(item, (wanted, host) => isThere(wanted, host) && isCalled(wanted, host));
  for (const item of items) claim(item, isThere);
  for (const item of items) claim(item, (wanted, host) => isThere(wanted, host) || isCalled(wanted, host));
}

/** Two machines at one address, told apart by HostKeyAlias only: here a key belongs to an address. */
export function keepApart(items: readonly HostItem[]): void {
  const byPlace = new Map<string, HostItem[]>();
  for (const item of items) {
    const place = `${lower(item.connection.host)}:${item.connection.port}${item.via === null ? '' : ` through ${item.via.shown.label}`}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), item]);
  }
  for (const [place, sharing] of byPlace) {
    const known = sharing.filter(({ keys }) => keys.some(({ state }) => state === 'new' || state === 'known'));
    const sets = new Set(known.map(({ keys }) => keys.filter(({ state }) => state === 'new' || state === 'known').map(({ key }) => key).sort().join(' ')));
    if (sets.size <= 1) continue;
    const reason = `${sentence(known.map(({ shown }) => shown.label))} are all at ${place} and known by different keys, which cannot be told apart here.`;
    for (const key of sharing.flatMap(({ keys }) => keys)) if (key.state === 'new') Object.assign(key, { state: 'conflict', reason });
  }
}

export function judge(item: HostItem, problems: readonly string[], hosts: readonly Host[]): { state: ImportState; reasons: string[] } {
  if (problems.length > 0) return { state: 'unsupported', reasons: [...problems] };
  if (item.via?.shown.state === 'unsupported') return { state: 'unsupported', reasons: [`It is reached through ${item.via.shown.label}, which cannot be imported.`] };
  if (item.here === null) return { state: 'new', reasons: [] };
  const changes = differences(item, item.here, hosts);
  const trusted = item.keys.filter(({ state }) => state === 'new').length;
  const revoked = item.keys.filter(({ state }) => state === 'revoked').length;
  if (trusted > 0) changes.push('Its key is not known here yet.');
  if (revoked > 0) changes.push('A key of it is revoked there, and not here.');
  return { state: changes.length === 0 ? 'known' : 'changed', reasons: changes.length === 0 ? [`It is here${item.here.label === item.shown.label ? '' : ` as ${item.here.label}`}.`] : changes };
}

/** What is decided here about the machine: on the way that leads to it from now on, and on the one that did before. */
export function decidedAbout({ connection: { host, port }, via, here }: HostItem, hostKeys: Pick<HostKeyRepository, 'known'>): KnownHostKey[] {
  // Behind a machine that is not here yet nothing is known, but what was revoked is revoked everywhere.
  const from = hostKeys.known({ host, port, viaId: via === null ? null : (via.here?.id ?? notHere) });
  const isSame = here !== null && lower(here.connection.host) === lower(host) && here.connection.port === port;
  return isSame ? [...from, ...hostKeys.known(here.connection)] : from;
}
