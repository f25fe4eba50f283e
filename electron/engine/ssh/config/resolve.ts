/** What an ssh_config says of one host. Source: ssh_config(5) and readconf.c of OpenSSH 9.9; checked against `ssh -G`. */
import { isIP } from 'node:net';
import { fitsPatterns } from '../known-hosts.ts';
import { fateOf } from './keywords.ts';
import type { Condition, ConfigSetting, LoadedConfig } from './load.ts';
import { expandEnvironment, expandTokens, type Tokens } from './tokens.ts';

/** Whose configuration it is, and where. */
export interface ConfigOwner {
  user: string;
  homeFolder: string;
  /** This computer's own name, with its domain. */
  computer: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/** A stop on the way, as it is written: "user@bastion:2222". */
export interface Jump {
  /** An alias, or a name. */
  host: string;
  user: string | null;
  port: number | null;
}

export interface ConfigNote {
  file: string;
  line: number;
  keyword: string;
  kind: 'ignored' | 'unsupported' | 'problem';
  why: string;
  /** Because of it the address, the account or the way of the host cannot be told: what stands there may be wrong. */
  blocks: boolean;
}

export interface ResolvedHost {
  alias: string;
  hostName: string;
  port: number;
  user: string;
  /** Absolute paths; null: none is named, so those that OpenSSH tries by itself. */
  identityFiles: string[] | null;
  identitiesOnly: boolean;
  /** A socket; `default` is the one of the environment. */
  identityAgent: 'default' | 'none' | { path: string };
  /** The first is connected to first. */
  jumps: Jump[];
  /** Under which name its key is known, where that is not its own. */
  hostKeyAlias: string | null;
  /** Where its key may be known; null: where OpenSSH looks by itself. */
  knownHostsFiles: string[] | null;
  /** In the order in which they are tried; null: nothing is said. */
  methods: string[] | null;
  keepAliveSeconds: number | null;
  connectTimeoutSeconds: number | null;
  notes: ConfigNote[];
}

/** What is said on the way to a host, before its configuration. */
export interface Wish {
  user?: string | null;
  port?: number | null;
}

interface Pass {
  alias: string;
  owner: ConfigOwner;
  wish: Wish;
  /** In the second pass, which "Match final" asks for: the name that the first one found. It stays, and Host is compared with it. */
  final: { hostName: string } | null;
  /** By keyword: the first value wins. */
  found: Map<string, ConfigSetting>;
  identityFiles: ConfigSetting[];
  notes: Map<string, ConfigNote>;
}

function note(pass: Pass, at: { file: string; line: number }, keyword: string, kind: ConfigNote['kind'], why: string, blocks = false): void {
  const key = `${at.file}:${at.line}:${keyword}:${why}`;
  if (!pass.notes.has(key)) pass.notes.set(key, { file: at.file, line: at.line, keyword, kind, why, blocks });
}

function hostNameSoFar(pass: Pass): string {
  if (pass.final !== null) return pass.final.hostName;
  const named = pass.found.get('hostname')?.words[0];
  if (named === undefined) return pass.alias;
  const expanded = expandTokens(named, { h: pass.alias });
  return 'value' in expanded ? expanded.value : named;
}

const userSoFar = (pass: Pass): string => pass.wish.user ?? pass.found.get('user')?.words[0] ?? pass.owner.user;

/** Null: it depends on what is not looked at. */
type Verdict = boolean | null;

/** Whether the criteria of a Match hold. What would have to be run or looked up is not: then nobody knows, unless another criterion does not hold anyway. */
function matches(pass: Pass, condition: Extract<Condition, { kind: 'match' }>): Verdict {
  const { criteria } = condition;
  if (criteria.length === 0) return false;
  let all = true;
  const unknown: { kind: 'unsupported' | 'problem'; why: string }[] = [];
  for (let at = 0; at < criteria.length; at += 1) {
    // "host=a" is one word, "host a" are two.
    const [, negated = '', name = '', joined] = /^(!?)([^=]+)(?:=(.*))?$/s.exec((criteria[at] ?? '').trim()) ?? [];
    const criterion = name.toLowerCase();
    if (criterion === 'all' || criterion === 'final' || criterion === 'canonical') {
      const holdsHere = criterion === 'all' || (criterion === 'final' && pass.final !== null);
      if (holdsHere === (negated === '!')) all = false;
      continue;
    }
    const value = joined ?? criteria[(at += 1)];
    const subject = { host: hostNameSoFar(pass), originalhost: pass.alias, user: userSoFar(pass), localuser: pass.owner.user }[criterion];
    if (value === undefined) {
      unknown.push({ kind: 'problem', why: `"${name}" is followed by nothing` });
    } else if (subject === undefined) {
      const known = ['exec', 'localnetwork', 'tagged', 'version', 'sessiontype', 'command'].includes(criterion);
      unknown.push({ kind: known ? 'unsupported' : 'problem', why: criterion === 'exec' ? 'no command is run to find out whether this block holds, so it is left out' : known ? `whether this block holds depends on "${criterion}", which is not looked at, so it is left out` : 'it has a criterion that Match does not know, so it is left out' });
    } else if (fitsPatterns(value.split(','), subject, criterion.endsWith('host') ? 'host' : 'text') === (negated === '!')) {
      all = false;
    }
  }
  if (!all) return false;
  for (const { kind, why } of unknown) note(pass, condition, 'match', kind, why);
  return unknown.length === 0 ? true : null;
}

function holds(pass: Pass, condition: Condition): Verdict {
  return condition.kind === 'host' ? fitsPatterns(condition.patterns, pass.final?.hostName ?? pass.alias, 'text') : matches(pass, condition);
}

const isNone = (setting: ConfigSetting | undefined): boolean => setting?.words[0]?.toLowerCase() === 'none';

/** ProxyJump and ProxyCommand rule each other out: what comes first counts. "ProxyJump none" rules out other jumps only. */
function isLate(pass: Pass, keyword: string): boolean {
  if (pass.found.has(keyword)) return true;
  if (keyword === 'proxyjump') return pass.found.has('proxycommand');
  return keyword === 'proxycommand' && pass.found.has('proxyjump') && !isNone(pass.found.get('proxyjump'));
}

/** What says where a host is, as whom, and on which way. */
const ofTheWay: ReadonlySet<string> = new Set(['hostname', 'user', 'port', 'proxyjump', 'proxycommand']);

/** A block of which nobody knows whether it holds. Where it would have had a say, that is told. */
function leaveOut(pass: Pass, setting: ConfigSetting): void {
  if (setting.gap !== undefined) note(pass, setting, setting.keyword, 'problem', setting.gap, true);
  else if (fateOf(setting.keyword).kind === 'used' && !isLate(pass, setting.keyword)) note(pass, setting, setting.keyword, 'unsupported', 'whether it is for this host cannot be told, so it is left out', ofTheWay.has(setting.keyword));
}

function runPass(config: LoadedConfig, pass: Pass): void {
  // Host and Match are judged where they stand: what was found before them counts, what comes after does not.
  const judged = new Map<Condition, Verdict>();
  for (const setting of config.settings) {
    let fits: Verdict = true;
    for (const condition of setting.conditions) {
      const known = judged.get(condition);
      const verdict: Verdict = known === undefined ? holds(pass, condition) : known;
      judged.set(condition, verdict);
      if (verdict === false) {
        fits = false;
        break;
      }
      if (verdict === null) fits = null;
    }
    if (fits === false) continue;
    if (fits === null || setting.gap !== undefined) {
      leaveOut(pass, setting);
      continue;
    }
    const fate = fateOf(setting.keyword);
    if (fate.kind === 'ignored') note(pass, setting, setting.keyword, 'ignored', fate.why);
    else if (fate.kind === 'unsupported') take(pass, setting, fate.why);
    else if (fate.kind === 'unknown') note(pass, setting, '', 'problem', 'it has a keyword that is not known here');
    else if (setting.keyword === 'identityfile') pass.identityFiles.push(setting);
    else if (!isLate(pass, setting.keyword)) pass.found.set(setting.keyword, setting);
  }
}

/** What is not supported and was not switched off either. */
function take(pass: Pass, setting: ConfigSetting, why: string): void {
  if (pass.found.has(setting.keyword)) return;
  pass.found.set(setting.keyword, setting);
  if (!/^(?:no|none)$/i.test(setting.words[0] ?? '')) note(pass, setting, setting.keyword, 'unsupported', why);
}

/** "user@host:port", "ssh://user@[::1]:22", … Null where it is none. */
export function parseJump(text: string): Jump | null {
  const match = /^(?:ssh:\/\/)?(?:([^@]*)@)?(\[[^\]]+\]|[^:@/]+|[0-9a-fA-F:]+:[0-9a-fA-F:]*)(?::(\d{1,5}))?\/?$/.exec(text);
  if (match === null) return null;
  const port = match[3] === undefined ? null : Number(match[3]);
  const host = (match[2] ?? '').replace(/^\[|\]$/g, '');
  if (host === '' || match[1] === '' || (port !== null && (port < 1 || port > 65_535))) return null;
  return { host, user: match[1] ?? null, port };
}

/** `ssh -W %h:%p bastion` is a jump in other words. */
function jumpOfCommand(words: readonly string[]): Jump | null {
  const [, options = ''] = /^(?:exec\s+)?(?:\/\S*\/)?ssh\s+(.*)$/.exec(words.join(' ')) ?? [];
  const rest: string[] = [];
  let port: string | null = null;
  let user: string | null = null;
  let passesOn = false;
  const parts = options.split(/\s+/).filter((part) => part !== '');
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? '';
    const value = () => parts[(at += 1)] ?? '';
    if (part === '-W') passesOn = /^(?:%h:%p|\[%h\]:%p)$/.test(value());
    else if (part.startsWith('-W')) passesOn = /^-W(?:%h:%p|\[%h\]:%p)$/.test(part);
    else if (part === '-p') port = value();
    else if (part === '-l') user = value();
    else if (/^-[qaxTnN]+$/.test(part)) continue;
    else if (part.startsWith('-')) return null;
    else rest.push(part);
  }
  const jump = passesOn && rest.length === 1 ? parseJump(rest[0] ?? '') : null;
  if (jump === null || (port !== null && !/^\d{1,5}$/.test(port))) return null;
  return { host: jump.host, user: user ?? jump.user, port: port === null ? jump.port : Number(port) };
}

function jumpsOf(pass: Pass, tokens: Tokens): Jump[] {
  const jump = pass.found.get('proxyjump');
  const setting = jump === undefined || isNone(jump) ? pass.found.get('proxycommand') : jump;
  if (setting === undefined || isNone(setting)) return [];
  if (setting.keyword === 'proxycommand') {
    const inOtherWords = jumpOfCommand(setting.words);
    if (inOtherWords === null) note(pass, setting, 'proxycommand', 'unsupported', 'no command is run to reach a host; only "ssh -W %h:%p …" is understood, as a jump', true);
    return inOtherWords === null ? [] : [inOtherWords];
  }
  const expanded = expandTokens(setting.words[0] ?? '', tokens);
  const jumps = 'value' in expanded ? expanded.value.split(',').map(parseJump) : [null];
  if (jumps.includes(null)) {
    note(pass, setting, 'proxyjump', 'problem', 'problem' in expanded ? expanded.problem : `"${setting.words[0]}" is not a list of jump hosts`, true);
    return [];
  }
  return jumps as Jump[];
}

/** A path as it stands in the configuration, absolute. Null, with a note, where it cannot be told. */
function pathOf(pass: Pass, setting: ConfigSetting, tokens: Tokens): string | null {
  const raw = setting.words[0] ?? '';
  const withHome = raw === '~' || raw.startsWith('~/') ? `${pass.owner.homeFolder}${raw.slice(1)}` : raw;
  const environment = expandEnvironment(withHome, pass.owner.environment);
  const expanded = 'value' in environment ? expandTokens(environment.value, tokens) : environment;
  if ('problem' in expanded || withHome.startsWith('~')) {
    note(pass, setting, setting.keyword, 'problem', 'problem' in expanded ? expanded.problem : `${raw} is in the home of somebody else, which is not looked up`);
    return null;
  }
  if (expanded.value.startsWith('/') || /^[A-Za-z]:[\\/]/.test(expanded.value)) return expanded.value;
  note(pass, setting, setting.keyword, 'problem', `${raw} is relative: OpenSSH takes it from the folder in which ssh is started, which is another one each time. Write the whole path`);
  return null;
}

function numberOf(pass: Pass, keyword: string, from: number, to: number): number | null {
  const setting = pass.found.get(keyword);
  const text = setting?.words[0];
  if (setting === undefined || text === undefined) return null;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= from && value <= to) return value;
  if (text.toLowerCase() !== 'none') note(pass, setting, keyword, 'problem', `"${text}" is no number from ${from} to ${to}`, keyword === 'port');
  return null;
}

const isYes = (pass: Pass, keyword: string, otherwise: boolean): boolean => {
  const text = pass.found.get(keyword)?.words[0]?.toLowerCase();
  return text === undefined ? otherwise : text === 'yes' || text === 'true';
};

/** The methods that may be tried; null where nothing is said of them. */
function methodsOf(pass: Pass): string[] | null {
  const preferred = pass.found.get('preferredauthentications')?.words[0]?.split(',');
  const keyboard = isYes(pass, 'kbdinteractiveauthentication', isYes(pass, 'challengeresponseauthentication', true));
  const allowed: Record<string, boolean> = { publickey: isYes(pass, 'pubkeyauthentication', true), password: isYes(pass, 'passwordauthentication', true), 'keyboard-interactive': keyboard };
  if (preferred === undefined && Object.values(allowed).every(Boolean)) return null;
  return (preferred ?? ['publickey', 'keyboard-interactive', 'password']).filter((method) => allowed[method] === true);
}

function agentOf(pass: Pass, tokens: Tokens): ResolvedHost['identityAgent'] {
  const setting = pass.found.get('identityagent');
  const text = setting?.words[0];
  if (setting === undefined || text === undefined || text === 'SSH_AUTH_SOCK') return 'default';
  if (text.toLowerCase() === 'none') return 'none';
  if (/^\$\w+$/.test(text)) {
    const path = pass.owner.environment[text.slice(1)];
    if (path !== undefined) return { path };
    note(pass, setting, 'identityagent', 'problem', `what ${text.slice(1)} is in the environment is not known here`);
    return 'none';
  }
  const path = pathOf(pass, setting, tokens);
  return path === null ? 'none' : { path };
}

/** Where the key of the host may be known; null where nothing is said of it. */
function knownHostsOf(pass: Pass, tokens: Tokens): string[] | null {
  const setting = pass.found.get('userknownhostsfile');
  if (setting === undefined) return null;
  if (setting.words[0]?.toLowerCase() === 'none') return [];
  return setting.words.map((word) => pathOf(pass, { ...setting, words: [word] }, tokens)).filter((path) => path !== null);
}

/** Whether OpenSSH would look for the name in other domains first, and so may connect to another machine. */
function noteOtherName(pass: Pass, hostName: string): void {
  const setting = pass.found.get('canonicalizehostname');
  const wanted = setting?.words[0]?.toLowerCase() ?? 'no';
  if (setting === undefined || wanted === 'no' || isIP(hostName) !== 0 || hostName.endsWith('.')) return;
  const mostDots = Number(pass.found.get('canonicalizemaxdots')?.words[0] ?? 1);
  if (hostName.split('.').length - 1 <= mostDots) note(pass, setting, 'canonicalizehostname', 'unsupported', `OpenSSH may look for ${hostName} in other domains first, which is not done here. Write its whole name as HostName`, true);
}

/** The configuration of one host by its alias. What cannot be told is a note, never a guess. */
export function resolveHost(config: LoadedConfig, alias: string, owner: ConfigOwner, wish: Wish = {}): ResolvedHost {
  const pass: Pass = { alias, owner, wish, final: null, found: new Map(), identityFiles: [], notes: new Map() };
  runPass(config, pass);
  if (config.asksFinal) {
    pass.final = { hostName: hostNameSoFar(pass) };
    runPass(config, pass);
  }
  const hostName = hostNameSoFar(pass);
  const named = pass.found.get('hostname');
  if (named !== undefined && 'problem' in expandTokens(named.words[0] ?? '', { h: alias })) note(pass, named, 'hostname', 'problem', `"${named.words[0]}" has a token that HostName does not know`, true);
  const port = wish.port ?? numberOf(pass, 'port', 1, 65_535) ?? 22;
  const user = userSoFar(pass);
  const namedUser = wish.user === undefined || wish.user === null ? pass.found.get('user') : undefined;
  if (namedUser !== undefined && /%|\$\{/.test(user)) note(pass, namedUser, 'user', 'problem', `what "${user}" means depends on the version of OpenSSH`, true);
  noteOtherName(pass, hostName);
  const hostKeyAlias = pass.found.get('hostkeyalias')?.words[0] ?? null;
  const tokens: Tokens = { d: owner.homeFolder, h: hostName, k: hostKeyAlias ?? alias, l: owner.computer, L: owner.computer.split('.')[0] ?? '', n: alias, p: String(port), r: user, u: owner.user };
  // A file that is named twice, as by the second pass, is one.
  const files = [...new Set(pass.identityFiles.filter((setting) => setting.words[0]?.toLowerCase() !== 'none').map((setting) => pathOf(pass, setting, tokens)))].filter((path) => path !== null);
  return {
    alias, hostName, port, user, hostKeyAlias,
    knownHostsFiles: knownHostsOf(pass, tokens),
    identityFiles: pass.identityFiles.length === 0 ? null : files,
    identitiesOnly: isYes(pass, 'identitiesonly', false),
    identityAgent: agentOf(pass, tokens),
    jumps: jumpsOf(pass, tokens),
    methods: methodsOf(pass),
    keepAliveSeconds: numberOf(pass, 'serveraliveinterval', 1, 86_400),
    connectTimeoutSeconds: numberOf(pass, 'connecttimeout', 1, 86_400),
    notes: [...pass.notes.values()],
  };
}

/** The names that Host lines give, without patterns, in order. What one may import. */
export function aliasesIn(config: LoadedConfig): { alias: string; file: string; line: number }[] {
  const seen = new Map<string, { alias: string; file: string; line: number }>();
  for (const condition of config.conditions) {
    if (condition.kind !== 'host') continue;
    for (const alias of condition.patterns) if (alias !== '' && !/[*?!]/.test(alias) && !seen.has(alias)) seen.set(alias, { alias, file: condition.file, line: condition.line });
  }
  return [...seen.values()];
}

/** Machines on one way at most: includes and jumps may multiply. */
const mostStops = 16;

/**
 * Every stop on the way to a host and the host itself, in the order of connecting. As OpenSSH does it, only the first
 * jump of a list has jumps of its own.
 * @param resolve looks up one host
 * @returns a problem where the way leads through itself, or has no end
 */
export function wayBy(resolve: (alias: string, wish: Wish) => ResolvedHost, alias: string, wish: Wish = {}, before: readonly string[] = []): { stops: ResolvedHost[] } | { problem: string } {
  if (before.includes(alias)) return { problem: `The way to ${alias} leads through itself: ${[...before, alias].join(' → ')}.` };
  if (before.length >= mostStops) return { problem: `The way to ${before[0]} leads through more than ${mostStops} machines.` };
  const host = resolve(alias, wish);
  const [first, ...rest] = host.jumps;
  if (first === undefined) return { stops: [host] };
  const begun = wayBy(resolve, first.host, first, [...before, alias]);
  if ('problem' in begun) return begun;
  if (begun.stops.length + rest.length >= mostStops) return { problem: `The way to ${alias} leads through more than ${mostStops} machines.` };
  return { stops: [...begun.stops, ...rest.map((jump) => resolve(jump.host, jump)), host] };
}

/** As `wayBy`, for hosts as they stand in a configuration. */
export function wayTo(config: LoadedConfig, alias: string, owner: ConfigOwner, wish: Wish = {}): { stops: ResolvedHost[] } | { problem: string } {
  return wayBy((name, said) => resolveHost(config, name, owner, said), alias, wish);
}
