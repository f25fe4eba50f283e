/** What the script said, as facts. A server says it, so every word may be anything: what cannot be read is left out. */
import type { FoundPostgres, HostFindings } from '#shared/contract/detection.ts';
import { serverText } from '../server-text.ts';
import { detectMark } from './script.ts';

type Way = FoundPostgres['ways'][number];

/** Where the script puts what was a NUL or the end of a line. */
const joint = '\u001f';
const mostOfAKind = 50;
/** Where servers of Postgres listen, unless somebody chose otherwise. */
const usualPorts = { from: 5432, to: 5439 };
const loopback = new Set(['127.0.0.1', '::1', '0.0.0.0', '::']);

const portOf = (text: string | undefined): number | null => {
  const port = /^\d{1,5}$/.test(text ?? '') ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
};
/** A path of the server; null where it is none that could be handed back to it. */
const pathOf = (text: string | undefined): string | null => (text !== undefined && text.length <= 255 && /^\/[^\u0000-\u001f\u007f]*$/.test(text) && serverText(text, 255) === text ? text : null);
/** /var/run is /run almost everywhere, and both are found then. */
const usualFolder = (folder: string): string => folder.replace(/^\/run\//, '/var/run/');
/** A word that may go back to the server as an argument, as the contract wants it. */
const wordOf = (text: string | undefined): string | null => (text !== undefined && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/.test(text) ? text : null);

/** "pg_dump (PostgreSQL) 15.18 (Debian …)" and "15.18 (Debian …)": the version alone. */
const versionOf = (text: string | undefined): string | null => /(?:^|\) )(\d{1,2}(?:\.\d{1,2}){0,2}|\d{1,2}(?:devel|beta\d|rc\d))(?:\s|$)/.exec(text ?? '')?.[1] ?? null;
/** In "/etc/postgresql/15/main", "/usr/pgsql-15/bin", "postgres:16-alpine". */
const majorIn = (text: string): string | null => /(?:postgresql\/|pgsql-|pgsql\/|postgres(?:ql)?:|pg)(\d{1,2})(?!\d)/.exec(text)?.[1] ?? null;

/** An address as /proc/net/tcp has it, in the byte order of the machine: nearly all are little-endian, and the others are left out. */
function addressOf(text: string): { address: string; port: number } | null {
  const [, hex = '', portHex = ''] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text) ?? [];
  const port = portOf(String(Number.parseInt(portHex, 16)));
  if (hex === '' || port === null) return null;
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return { address: bytes.join('.'), port };
  if (bytes.every((byte) => byte === 0)) return { address: '::', port };
  if (bytes.slice(0, 15).every((byte) => byte === 0) && bytes[15] === 1) return { address: '::1', port };
  const groups = Array.from({ length: 8 }, (_, index) => (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16));
  return { address: groups.join(':'), port };
}

interface Lines {
  of(kind: string): string[][];
  first(kind: string): string[] | undefined;
  whole: boolean;
}

function readLines(output: string): Lines {
  const all = output.split('\n').map((line) => line.replace(/\r$/, ''));
  const from = all.indexOf(detectMark);
  const facts = from < 0 ? [] : all.slice(from + 1);
  const to = facts.indexOf('end');
  const fields = (to < 0 ? facts : facts.slice(0, to)).map((line) => line.split('\t'));
  const of = (kind: string): string[][] => fields.filter(([first]) => first === kind).slice(0, kind === 'answer' ? 1000 : kind === 'listen' ? 600 : mostOfAKind).map(([, ...rest]) => rest);
  return { of, first: (kind) => of(kind)[0], whole: to >= 0 };
}

const settingIn = (settings: string | undefined, name: string): string | undefined => {
  const line = (settings ?? '').split(joint).findLast((each) => new RegExp(`^\\s*${name}\\s*=`).test(each));
  const [, quoted, bare] = /=\s*(?:'([^']*)'|([^\s#']+))/.exec(line ?? '') ?? [];
  return quoted ?? bare;
};

/** A server that somebody configured or started: its port, and what is known besides. */
interface Known {
  port: number;
  major: string | null;
  dataFolder: string | null;
  configFile: string | null;
}

function knownServers(lines: Lines): Known[] {
  const configured = lines.of('config').flatMap(([file, , settings]): Known[] => {
    const configFile = pathOf(file);
    return configFile === null ? [] : [{ port: portOf(settingIn(settings, 'port')) ?? usualPorts.from, major: majorIn(configFile), dataFolder: pathOf(settingIn(settings, 'data_directory')), configFile }];
  });
  const started = lines.of('process').flatMap(([name, line = '']): Known[] => {
    if (name !== 'postgres' && name !== 'postmaster') return [];
    const argv = line.split(joint);
    const after = (option: string): string | undefined => argv[argv.indexOf(option) + 1 || Infinity] ?? argv.find((word) => word.startsWith(option) && word.length > option.length)?.slice(option.length);
    const configFile = pathOf(argv.find((word) => word.startsWith('config_file='))?.slice('config_file='.length));
    const same = configured.find((each) => each.configFile === configFile);
    const port = portOf(after('-p')) ?? same?.port;
    return port === undefined ? [] : [{ port, major: majorIn(argv[0] ?? '') ?? same?.major ?? null, dataFolder: pathOf(after('-D')) ?? same?.dataFolder ?? null, configFile }];
  });
  return [...started, ...configured];
}

interface Answer {
  by: 'account' | 'sudo';
  folder: string;
  port: number;
  facts: Map<string, string[]>;
}

/** What servers said to who was let in without a password. */
function readAnswers(lines: Lines): Answer[] {
  const answers: Answer[] = [];
  for (const [by, file, kind = '', value = ''] of lines.of('answer')) {
    const at = socketAt(file);
    if ((by !== 'account' && by !== 'sudo') || at === null) continue;
    let answer = answers.find((each) => each.by === by && each.folder === at.folder && each.port === at.port);
    if (answer === undefined) answers.push((answer = { by, ...at, facts: new Map() }));
    answer.facts.set(kind, [...(answer.facts.get(kind) ?? []), value]);
  }
  return answers;
}

function socketAt(file: string | undefined): { folder: string; port: number } | null {
  const [, folder, digits] = /^(.+)\/\.s\.PGSQL\.(\d+)$/.exec(file ?? '') ?? [];
  const path = pathOf(folder);
  const port = portOf(digits);
  return path === null || port === null ? null : { folder: usualFolder(path), port };
}

/** Names of databases and roles as the contract takes them. */
const nameOf = (text: string): string | null => (text !== '' && text.length <= 63 && serverText(text, 63) === text ? text : null);

function findPostgres(lines: Lines): FoundPostgres[] {
  const listening = lines.of('listen').flatMap(([text = '']) => addressOf(text) ?? []);
  const sockets = [...new Map(lines.of('socket').flatMap(([file]) => socketAt(file) ?? []).map((at) => [`${at.folder}:${at.port}`, at])).values()];
  const answers = readAnswers(lines);
  const known = knownServers(lines);
  const containers = lines.of('container').flatMap(([name, image = '', tool, addresses = '', ports = '']) => {
    const container = wordOf(name);
    if (container === null) return [];
    const published = [...ports.matchAll(/:(\d{1,5})->5432\/tcp/g)].map(([, port]) => portOf(port)).find((port) => port !== null) ?? null;
    const address = addresses.split(' ').find((each) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(each));
    const ways: Way[] = [...(published === null ? [] : [{ kind: 'tcp' as const, host: '127.0.0.1', port: published }]), ...(address === undefined ? [] : [{ kind: 'tcp' as const, host: address, port: usualPorts.from }])];
    return [{ container, image, published, ways, version: versionOf(tool) ?? majorIn(image) }];
  });
  const publishedPorts = new Set(containers.map(({ published }) => published));

  const wayOver = (port: number): Way[] => {
    const at = listening.filter((each) => each.port === port).map(({ address }) => address);
    if (at.length === 0) return [];
    const host = at.includes('127.0.0.1') || at.includes('0.0.0.0') || at.includes('::') ? '127.0.0.1' : at.includes('::1') ? '::1' : (at[0] ?? '127.0.0.1');
    return [{ kind: 'tcp', host, port }];
  };
  const ports = [...new Set([...sockets.map(({ port }) => port), ...known.map(({ port }) => port), ...listening.filter(({ port, address }) => port >= usualPorts.from && port <= usualPorts.to && (loopback.has(address) || !address.startsWith('127.'))).map(({ port }) => port)])].filter((port) => !publishedPorts.has(port)).sort((a, b) => a - b);
  const servers = ports.flatMap((port): FoundPostgres[] => {
    const own = answers.filter((answer) => answer.port === port);
    const about = known.filter((each) => each.port === port);
    const overSockets = sockets.filter((at) => at.port === port).map(({ folder }): Way => ({ kind: 'socket', host: folder, port }));
    const letsIn = own.flatMap(({ by, folder, facts }) => {
      const user = nameOf(facts.get('user')?.[0] ?? '');
      return user === null ? [] : [{ by, user, host: folder, port }];
    });
    const byAccount = letsIn.some(({ by }) => by === 'account');
    const ways = byAccount ? [...overSockets, ...wayOver(port)] : [...wayOver(port), ...overSockets];
    if (ways.length === 0) return [];
    const told = (kind: string): string[] => own.flatMap(({ facts }) => facts.get(kind) ?? []);
    return [{
      version: told('version').map(versionOf).find((version) => version !== null) ?? about.find(({ major }) => major !== null)?.major ?? null,
      ways, container: null, letsIn,
      databases: [...new Set(told('database').flatMap((name) => nameOf(name) ?? []))].sort().slice(0, mostOfAKind),
      dataFolder: pathOf(told('data')[0]) ?? about.find(({ dataFolder }) => dataFolder !== null)?.dataFolder ?? null,
      configFile: pathOf(told('config')[0]) ?? about.find(({ configFile }) => configFile !== null)?.configFile ?? null,
    }];
  });
  const contained = containers.filter(({ ways }) => ways.length > 0).map(({ container, ways, version }): FoundPostgres => ({ version, ways, container, databases: [], letsIn: [], dataFolder: null, configFile: null }));
  return [...servers, ...contained].slice(0, mostOfAKind);
}

/** The newer of two versions, by their numbers. */
function newer(a: string, b: string): string {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  const differs = (x ?? []).findIndex((part, index) => part !== y?.[index]);
  return differs < 0 || (x?.[differs] ?? 0) > (y?.[differs] ?? 0) ? a : b;
}

function findTools(lines: Lines): HostFindings['tools'] {
  const versions = lines.of('tool').flatMap(([, version]) => versionOf(version) ?? []);
  const version = versions.length === 0 ? null : versions.reduce(newer);
  const pods = lines.of('pod').flatMap(([namespace, pod, ...containers]): HostFindings['tools'] => {
    const names = { namespace: wordOf(namespace), pod: wordOf(pod) };
    const [container, image = ''] = containers.map((each) => each.split('=')).find(([, of = '']) => /postgres|postgis|timescale|pgvector|citus/i.test(of)) ?? [];
    const { pod: name } = names;
    return name === null ? [] : [{ access: { kind: 'kubectl', namespace: names.namespace, pod: name, container: wordOf(container) }, version: majorIn(image) ?? '' }];
  });
  return [
    ...(version === null ? [] : [{ access: { kind: 'plain' as const }, version }]),
    ...(version === null || lines.first('sudo') === undefined ? [] : [{ access: { kind: 'sudo' as const, user: 'postgres' }, version }]),
    ...lines.of('container').flatMap(([name, , tool]): HostFindings['tools'] => {
      const container = wordOf(name);
      const found = versionOf(tool);
      return container === null || found === null ? [] : [{ access: { kind: 'docker', container }, version: found }];
    }),
    ...pods,
  ];
}

const serviceNames: Record<string, string> = { postgres: 'Postgres', postmaster: 'Postgres', pgbouncer: 'PgBouncer', patroni: 'Patroni', nginx: 'nginx', 'redis-server': 'Redis', 'valkey-server': 'Valkey', dockerd: 'Docker', 'k3s-server': 'k3s', kubelet: 'Kubernetes' };

/** How a process calls itself. Its arguments are left out: a password may be among them. Postgres, nginx and Redis write their role behind a colon. */
function withoutArguments(line: string): string {
  const [program = '', ...rest] = line.split(joint);
  const role = /^[\w./-]+: [\w /.:*[\]-]{1,80}$/.exec(program.trim())?.[0];
  return serverText((rest.filter((word) => word !== '').length === 0 && role !== undefined ? role : (program.trim().split(/\s/)[0] ?? '')).trim(), 160);
}

function findServices(lines: Lines): HostFindings['services'] {
  const services = lines.of('process').flatMap(([name = '', line = '']) => {
    const known = name.startsWith('PM2 v') ? 'PM2' : Object.hasOwn(serviceNames, name) ? serviceNames[name] : undefined;
    return known === undefined ? [] : [{ name: known, detail: withoutArguments(line) }];
  });
  return services.filter(({ name, detail }, index) => services.findIndex((each) => each.name === name && each.detail === detail) === index);
}

function findPaths(lines: Lines): HostFindings['paths'] {
  const read = (kind: string, what: HostFindings['paths'][number]['what']) => lines.of(kind).flatMap(([path, readable]) => {
    const clean = pathOf(path);
    return clean === null ? [] : [{ what, path: clean, readable: readable === 'yes' }];
  });
  return [...read('config', 'configuration'), ...read('folder', 'data folder')];
}

/** Never throws, whatever it is given. @param output what the script printed, perhaps in part */
export function readFindings(output: string): HostFindings {
  const lines = readLines(output);
  const account = serverText(lines.first('account')?.[0] ?? '', 64).trim() || null;
  const refused = lines.of('blind').flatMap(([what]) => (what === 'docker' ? ['Containers: docker is there, but this account may not use it, or it does not run.'] : what === 'kubectl' ? ['Pods: kubectl is there, but it reaches no cluster with the rights of this account.'] : []));
  return { account, postgres: findPostgres(lines), tools: findTools(lines), services: findServices(lines), paths: findPaths(lines), blind: [...refused, ...(lines.whole ? [] : ['It did not come to its end: what is missing here may be there all the same.'])] };
}
