/** Hosts of OpenSSH's files as they would be imported, beside what is here. */
import { isDeepStrictEqual } from 'node:util';
import { setImmediate as breathe } from 'node:timers/promises';
import { hostConnection, type Host, type HostConnection, type HostSignIn } from '#shared/contract/hosts.ts';
import type { ImportedHost, ImportFile, ImportKeyState, ImportProblem, ImportState } from '#shared/contract/imports.ts';
import type { KnownHostKey } from '#shared/domain/host-trust.ts';
import type { HostKeyRepository } from '../store/host-key-repository.ts';
import type { LoadedConfig } from '../ssh/config/load.ts';
import { resolveHost, wayBy, type ConfigOwner, type ResolvedHost, type Wish } from '../ssh/config/resolve.ts';
import { sentence } from '../ssh/words.ts';
import { keysInAgent, lookAtKey } from './key-files.ts';
import { createKnownHostsFiles, keysOf, type FoundKey, type KnownHostsFiles } from './known-keys.ts';
import { wholePath } from './person.ts';
import { digest } from './read-file.ts';
import { readSshSource, type Named, type SshSource } from './ssh-source.ts';

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

export interface SshPreview {
  hash: string;
  files: ImportFile[];
  problems: ImportProblem[];
  items: HostItem[];
}

export interface SshImportDependencies {
  person: ConfigOwner;
  /** The hosts of the system that is imported into; none where it is not there yet. */
  hosts: readonly Host[];
  hostKeys: Pick<HostKeyRepository, 'known'>;
  agent: string | null;
}

/** Hosts that are shown at most, and settings that are looked at for all of them: a file of a person has far less. */
const mostHosts = 1000;
const mostLooks = 20_000_000;
const mostKeys = 10;
const longestLabel = 80;
/** No host has this id. */
const notHere = '-';

const defaultKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519'];
const systemKnownHosts = ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2'];
const usable: ReadonlySet<ImportKeyState> = new Set(['ready', 'encrypted', 'in-agent']);

const lower = (text: string): string => text.toLowerCase();
const placed = (file: string, line: number): string => (line === 0 ? file : `${file}:${line}`);

/** What was seen of the person's keys. */
interface KeyLook {
  stateOf(path: string): ImportKeyState;
  inAgent: number;
}

/** What one signs in with, and what of it is otherwise than in OpenSSH. */
interface SigningIn {
  signIn: HostSignIn;
  keys: { path: string; state: ImportKeyState }[];
  cautions: string[];
  /** Why nobody could sign in; null where somebody can. */
  problem: string | null;
}

/** @param inAgent how many keys the agent holds */
function signInOf(stop: ResolvedHost, { stateOf, inAgent }: KeyLook, { person, agent }: Pick<SshImportDependencies, 'person' | 'agent'>): SigningIn {
  const cautions: string[] = [];
  const allows = (method: string): boolean => stop.methods === null || stop.methods.includes(method);
  const named = stop.identityFiles;
  // Of those that OpenSSH tries by itself only what is there is worth a word.
  const looked = (named ?? defaultKeys.map((name) => `${person.homeFolder}/.ssh/${name}`)).map((path) => ({ path, state: stateOf(path) })).filter(({ state }) => named !== null || usable.has(state));
  const keys = allows('publickey') ? looked : [];

  const ownAgent = stop.identityAgent !== 'default' && stop.identityAgent !== 'none' && stop.identityAgent.path !== agent ? stop.identityAgent.path : null;
  if (ownAgent !== null) cautions.push(`The agent at ${ownAgent} is not asked: Pilothouse asks the one of this computer (SSH_AUTH_SOCK).`);
  const isAsked = agent !== null && ownAgent === null && stop.identityAgent !== 'none' && allows('publickey');
  const needsAgent = keys.some(({ state }) => state === 'in-agent');
  if (isAsked && stop.identitiesOnly && needsAgent) cautions.push('IdentitiesOnly cannot be kept: its key is in the agent, which offers its other keys too.');
  const usesAgent = isAsked && (needsAgent || !stop.identitiesOnly);
  // A passphrase is asked for before anything is tried: not for a key that nobody chose, where another one is at hand.
  const isSpare = (state: ImportKeyState): boolean => state === 'encrypted' && named === null && (needsAgent || keys.some((key) => key.state === 'ready') || (usesAgent && inAgent > 0));
  const files = keys.filter(({ state }) => (state === 'ready' || state === 'encrypted') && !isSpare(state));
  if (files.length > mostKeys) cautions.push(`Only the first ${mostKeys} of its ${files.length} key files are tried.`);
  for (const { path, state } of keys) {
    if (isSpare(state)) cautions.push(`${path} is left out: it wants a passphrase, and there are other keys.`);
    else if (state === 'encrypted') cautions.push(`The passphrase of ${path} is asked for at each start.`);
  }
  if (usesAgent && files.length === 0 && inAgent === 0) cautions.push('It is signed in to by the agent, which holds no key just now.');
  const isTyped = files.length === 0 && !usesAgent;
  const usesPassword = isTyped && allows('password');
  const usesQuestions = isTyped && !usesPassword && allows('keyboard-interactive');
  const signIn: HostSignIn = {
    keys: files.slice(0, mostKeys).map(({ path, state }) => ({ path, passphrase: { source: state === 'encrypted' ? 'ask' : 'none' } })),
    agent: usesAgent,
    password: { source: usesPassword ? 'ask' : 'none' },
    ...(usesQuestions ? { questions: true } : allows('keyboard-interactive') ? {} : { questions: false }),
  };
  const missing = named === null ? 'there is no key in ~/.ssh and no agent' : 'none of its key files can be used and no agent is asked';
  if (usesPassword) cautions.push(`Its password is asked for: ${missing}.`);
  if (usesQuestions) cautions.push(`What it asks has to be answered: ${missing}.`);
  return { signIn, keys, cautions, problem: isTyped && !usesPassword && !usesQuestions ? `Nobody could sign in: ${missing}, and it is set to take no password.` : null };
}

/** A host on its way, before it is compared with what is here. */
interface Draft {
  stop: ResolvedHost;
  via: Draft | null;
  signing: SigningIn;
  aliases: string[];
  at: { file: string; line: number | null };
  /** What it is called where it has no alias: as in the list of jumps. */
  called: string;
  problems: string[];
  cautions: string[];
}

/** How a jump is written: "deploy@gate:2222". */
function jumpName(alias: string, { user, port }: Wish): string {
  return `${user === null || user === undefined ? '' : `${user}@`}${alias}${port === null || port === undefined ? '' : `:${port}`}`;
}

/** Every machine that is named, each once however many lead through it. */
async function draftsOf(named: readonly Named[], look: KeyLook, dependencies: SshImportDependencies): Promise<Draft[]> {
  const { person } = dependencies;
  const drafts = new Map<string, Draft>();
  const ids = new Map<Draft, number>();
  const idOf = (draft: Draft | null): number => {
    if (draft === null) return -1;
    const known = ids.get(draft) ?? ids.size;
    ids.set(draft, known);
    return known;
  };
  const configs = new Map<LoadedConfig, Map<string, ResolvedHost>>();
  const resolveIn = (config: LoadedConfig) => (alias: string, wish: Wish): ResolvedHost => {
    const known = configs.get(config) ?? new Map<string, ResolvedHost>();
    configs.set(config, known);
    const name = JSON.stringify([alias, wish.user ?? null, wish.port ?? null]);
    const host = known.get(name) ?? resolveHost(config, alias, person, wish);
    known.set(name, host);
    return host;
  };
  const enter = (stop: ResolvedHost, via: Draft | null, called: string, at: Draft['at'], problems: string[] = []): Draft => {
    const signing = signInOf(stop, look, dependencies);
    const same = JSON.stringify([lower(stop.hostName), stop.port, stop.user, signing.signIn, stop.hostKeyAlias, stop.knownHostsFiles, idOf(via), problems, stop.notes.filter(({ blocks }) => blocks)]);
    const known = drafts.get(same);
    if (known !== undefined) return known;
    const draft: Draft = { stop, via, signing, aliases: [], at, called, problems, cautions: [] };
    drafts.set(same, draft);
    return draft;
  };

  for (const { alias, file, line, settings, config, cautions } of named) {
    await breathe(); // A long file must not keep everything else waiting.
    const shared = resolveIn(config);
    const own: LoadedConfig | null = settings.length === 0 ? null : { ...config, settings: [...settings, ...config.settings] };
    let isFirst = true;
    const way = wayBy((name, wish) => {
      const isOwn = isFirst && own !== null;
      isFirst = false;
      return isOwn ? resolveHost(own, name, person, wish) : shared(name, wish);
    }, alias);
    if ('problem' in way) {
      const draft = enter(own === null ? shared(alias, {}) : resolveHost(own, alias, person), null, alias, { file, line }, [way.problem]);
      if (!draft.aliases.includes(alias)) draft.aliases.push(alias);
      continue;
    }
    let via: Draft | null = null;
    for (const stop of way.stops.slice(0, -1)) {
      const plain = shared(stop.alias, {});
      via = enter(stop, via, jumpName(stop.alias, { user: plain.user === stop.user ? null : stop.user, port: plain.port === stop.port ? null : stop.port }), { file, line });
    }
    const last = way.stops.at(-1);
    if (last === undefined) continue;
    const draft = enter(last, via, alias, { file, line });
    if (draft.aliases.length === 0) draft.at = { file, line };
    if (!draft.aliases.includes(alias)) draft.aliases.push(alias);
    draft.cautions.push(...cautions);
  }
  return [...drafts.values()];
}

/** What stands in the files and keeps the host from being imported, or is otherwise here. */
function wordsOf(draft: Draft, isShown: (file: string) => boolean): { problems: string[]; cautions: string[] } {
  const problems = [...draft.problems];
  const cautions = [...draft.cautions];
  const blocks = new Set(draft.stop.notes.filter((note) => note.blocks).map(({ file, line, keyword }) => `${file}:${line}:${keyword}`));
  for (const { file, line, keyword, kind, why, blocks: isBlocking } of draft.stop.notes) {
    const words = `${placed(file, line)}${keyword === '' ? '' : ` (${keyword})`}: ${why}.`;
    if (isBlocking) problems.push(words);
    // What the computer says for all hosts is left out unless it stands in the way.
    else if (kind !== 'ignored' && isShown(file) && !blocks.has(`${file}:${line}:${keyword}`)) cautions.push(words);
  }
  if (draft.signing.problem !== null) problems.push(draft.signing.problem);
  const { hostName, port, user } = draft.stop;
  const fits = hostConnection.omit({ signIn: true, viaId: true }).safeParse({ host: hostName, port, user });
  if (!fits.success) problems.push('Its name, port or user is nothing that can be connected to.');
  return { problems, cautions: [...new Set([...cautions, ...draft.signing.cautions])] };
}

const signsInAlike = (a: HostSignIn, b: HostSignIn): boolean => a.agent === b.agent && isDeepStrictEqual(a.keys.map(({ path }) => path), b.keys.map(({ path }) => path));
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
function findHere(items: readonly HostItem[], hosts: readonly Host[]): void {
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
function keepApart(items: readonly HostItem[]): void {
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

function judge(item: HostItem, problems: readonly string[], hosts: readonly Host[]): { state: ImportState; reasons: string[] } {
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
function decidedAbout({ connection: { host, port }, via, here }: HostItem, hostKeys: SshImportDependencies['hostKeys']): KnownHostKey[] {
  // Behind a machine that is not here yet nothing is known, but what was revoked is revoked everywhere.
  const from = hostKeys.known({ host, port, viaId: via === null ? null : (via.here?.id ?? notHere) });
  const isSame = here !== null && lower(here.connection.host) === lower(host) && here.connection.port === port;
  return isSame ? [...from, ...hostKeys.known(here.connection)] : from;
}

/** Where the keys of a host may be known. */
function knownHostsPaths(stop: ResolvedHost, chosen: string | null, person: ConfigOwner): string[] {
  if (chosen !== null) return [chosen];
  return [...(stop.knownHostsFiles ?? [`${person.homeFolder}/.ssh/known_hosts`, `${person.homeFolder}/.ssh/known_hosts2`]), ...systemKnownHosts];
}

/** Names that nobody else has, as short as they can be. */
function uniqueNames(drafts: readonly Draft[]): Map<Draft, string> {
  const taken = new Set<string>();
  const names = new Map<Draft, string>();
  const claim = (draft: Draft, wanted: readonly string[]): void => {
    const free = wanted.find((name) => !taken.has(lower(name))) ?? Array.from({ length: drafts.length + 1 }, (_each, index) => `${wanted[0]} (${index + 2})`).find((name) => !taken.has(lower(name))) ?? '';
    taken.add(lower(free));
    names.set(draft, free);
  };
  // Those that have an alias of their own come first to theirs.
  for (const draft of drafts) if (draft.aliases.length > 0) claim(draft, draft.aliases);
  for (const draft of drafts) if (draft.aliases.length === 0) claim(draft, [draft.called, ...(draft.via === null ? [] : [`${draft.called} through ${draft.via.called}`])]);
  return names;
}

/** How much is looked at for each host of a configuration. */
function looksOf({ settings, conditions }: LoadedConfig): number {
  return conditions.reduce((sum, condition) => sum + (condition.kind === 'host' ? condition.patterns.length : condition.criteria.length), settings.length);
}

/** Reads everything, and shows it beside what is here. Changes nothing. */
export async function previewHosts(source: SshSource, dependencies: SshImportDependencies): Promise<SshPreview> {
  const { person, hosts, hostKeys, agent } = dependencies;
  const { named, files, problems, digests } = readSshSource(source, person);
  const work = Math.max(1, ...[...new Set(named.map(({ config }) => config))].map(looksOf));
  const most = Math.min(mostHosts, Math.max(1, Math.floor(mostLooks / work)));
  const [first] = named;
  if (named.length > most && first !== undefined) problems.push({ file: first.file, line: null, reason: `it names ${named.length} hosts, and only the first ${most} are shown` });

  const inAgent = await keysInAgent(agent);
  const states = new Map<string, ImportKeyState>();
  const stateOf = (path: string): ImportKeyState => {
    const known = states.get(path) ?? lookAtKey(path, inAgent);
    states.set(path, known);
    return known;
  };
  const drafts = await draftsOf(named.slice(0, most), { stateOf, inAgent: inAgent.size }, dependencies);
  const names = uniqueNames(drafts);
  const shownFiles = new Set(files.map(({ path }) => path));
  const chosen = source.knownHostsPath === undefined ? null : wholePath(source.knownHostsPath, person);
  const known: KnownHostsFiles = createKnownHostsFiles((path) => path === chosen || path === `${person.homeFolder}/.ssh/known_hosts`);

  // Those on the way stand before those behind them, so each is looked at after what it is reached through.
  const items = new Map<Draft, HostItem>();
  for (const draft of drafts) {
    const { stop, signing, at } = draft;
    const via = draft.via === null ? null : (items.get(draft.via) ?? null);
    const name = names.get(draft) ?? draft.called;
    const shown: ImportedHost = {
      id: name, label: name.length > longestLabel ? `${name.slice(0, longestLabel - 1)}…` : name, aliases: draft.aliases, ...at,
      host: stop.hostName, port: stop.port, user: stop.user, state: 'new', reasons: [], cautions: [],
      through: via === null ? [] : [...via.shown.through, via.shown.id], keys: signing.keys, agent: signing.signIn.agent, password: signing.signIn.password.source !== 'none', hostKeys: [], hostId: null,
    };
    items.set(draft, { shown, connection: { host: stop.hostName, port: stop.port, user: stop.user, signIn: signing.signIn }, via, here: null, keys: [] });
  }
  const all = [...items.values()];
  findHere(all, hosts);
  const blocking = new Map<HostItem, string[]>();
  for (const [{ stop, ...draft }, item] of items) {
    await breathe();
    const { keys, cautions: ofKeys } = keysOf(stop.hostKeyAlias === null ? { host: stop.hostName, port: stop.port } : { host: stop.hostKeyAlias, port: 22 }, knownHostsPaths(stop, chosen, person), known, decidedAbout(item, hostKeys));
    const { problems: reasons, cautions } = wordsOf({ stop, ...draft }, (file) => shownFiles.has(file));
    item.keys = keys;
    item.shown.cautions = [...cautions, ...ofKeys];
    blocking.set(item, reasons);
  }
  keepApart(all);
  for (const item of all) {
    Object.assign(item.shown, judge(item, blocking.get(item) ?? [], hosts), { hostId: item.here?.id ?? null, hostKeys: item.keys.map(({ key: _key, ...shown }) => shown) });
  }
  // What it tells, and what every file said: a change that shows nowhere is one too.
  const preview = { files: [...files, ...known.files], problems: [...problems, ...known.problems] };
  const hash = digest(JSON.stringify([preview, all.map(({ shown, connection }) => [shown, connection]), digests, known.digests]));
  return { hash, ...preview, items: all };
}
