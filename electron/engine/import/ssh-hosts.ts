/** Hosts of OpenSSH's files as they would be imported, beside what is here. */
import { setImmediate as breathe } from 'node:timers/promises';
import { hostConnection, type Host } from '#shared/contract/hosts.ts';
import type { ImportedHost, ImportFile, ImportProblem } from '#shared/contract/imports.ts';
import { systemSshFiles } from '../platform/folders.ts';
import type { HostKeyRepository } from '../store/host-key-repository.ts';
import type { LoadedConfig } from '../ssh/config/load.ts';
import { resolveHost, wayBy, type ConfigOwner, type ResolvedHost, type Wish } from '../ssh/config/resolve.ts';
import { decidedAbout, findHere, judge, keepApart, type HostItem } from './compare-hosts.ts';
import { createKeyLook, signInOf, type KeyLook, type SigningIn } from './host-sign-in.ts';
import { createKnownHostsFiles, keysOf, type KnownHostsFiles } from './known-keys.ts';
import { wholePath } from './person.ts';
import { digest } from './read-file.ts';
import { readSshSource, type Named, type SshSource } from './ssh-source.ts';

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
const longestLabel = 80;


const lower = (text: string): string => text.toLowerCase();
const placed = (file: string, line: number): string => (line === 0 ? file : `${file}:${line}`);

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
  const enter = async (stop: ResolvedHost, via: Draft | null, called: string, at: Draft['at'], problems: string[] = []): Promise<Draft> => {
    const signing = await signInOf(stop, look, dependencies);
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
      const draft = await enter(own === null ? shared(alias, {}) : resolveHost(own, alias, person), null, alias, { file, line }, [way.problem]);
      if (!draft.aliases.includes(alias)) draft.aliases.push(alias);
      continue;
    }
    let via: Draft | null = null;
    for (const stop of way.stops.slice(0, -1)) {
      const plain = shared(stop.alias, {});
      via = await enter(stop, via, jumpName(stop.alias, { user: plain.user === stop.user ? null : stop.user, port: plain.port === stop.port ? null : stop.port }), { file, line });
    }
    const last = way.stops.at(-1);
    if (last === undefined) continue;
    const draft = await enter(last, via, alias, { file, line });
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

/** Where the keys of a host may be known. */
function knownHostsPaths(stop: ResolvedHost, chosen: string | null, person: ConfigOwner): string[] {
  if (chosen !== null) return [chosen];
  return [...(stop.knownHostsFiles ?? [`${person.homeFolder}/.ssh/known_hosts`, `${person.homeFolder}/.ssh/known_hosts2`]), ...systemSshFiles(person.environment).knownHosts];
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
  const { person, hosts, hostKeys } = dependencies;
  const { named, files, problems, digests } = readSshSource(source, person);
  const work = Math.max(1, ...[...new Set(named.map(({ config }) => config))].map(looksOf));
  const most = Math.min(mostHosts, Math.max(1, Math.floor(mostLooks / work)));
  const [first] = named;
  if (named.length > most && first !== undefined) problems.push({ file: first.file, line: null, reason: `it names ${named.length} hosts, and only the first ${most} are shown` });

  const drafts = await draftsOf(named.slice(0, most), createKeyLook(), dependencies);
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
