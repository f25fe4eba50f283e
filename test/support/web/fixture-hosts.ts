/** The machines of the production system, and what the methods about hosts answer. */
import { createHash } from 'node:crypto';
import type { HostFindings } from '#shared/contract/detection.ts';
import type { DecidedHostKey, Host, HostTest } from '#shared/contract/hosts.ts';
import type { ConnectionTest } from '#shared/contract/systems.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { MethodName } from '#shared/contract/index.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import type { Change, FixtureState } from './fixture-engine.ts';
import { ago, times } from './fixture-systems.ts';

/** A key that nobody has, with the fingerprint that it would have. */
export function inventedKey(seed: string): { type: string; key: string; fingerprint: string } {
  const type = Buffer.from('ssh-ed25519');
  const point = createHash('sha256').update(seed).digest();
  const length = (bytes: Buffer): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(bytes.length);
    return Buffer.concat([head, bytes]);
  };
  const wire = Buffer.concat([length(type), length(point)]);
  return { type: 'ssh-ed25519', key: wire.toString('base64'), fingerprint: `SHA256:${createHash('sha256').update(wire).digest('base64').replace(/=+$/, '')}` };
}

const known = inventedKey('web-1 as it was');
const other = inventedKey('web-1 as it is now');
const { key: bastionKey, fingerprint: bastionPrint } = inventedKey('bastion');

export const changedKeyError: ErrorShape = {
  code: 'ssh.host-key-changed', message: `web-1 (deploy@web-1.internal, reached through bastion): it shows another key than the one that is known: ssh-ed25519 ${other.fingerprint} instead of ssh-ed25519 ${known.fingerprint}.`,
  hint: 'Somebody may stand in between, or the machine was rebuilt.', retryable: false, details: { host: 'web-1.internal', port: 22, keyType: other.type, key: other.key, fingerprint: other.fingerprint, verdict: 'changed', known: [{ type: known.type, key: known.key }] }, correlationId: '',
};
export const unknownKeyError: ErrorShape = {
  code: 'ssh.host-key-unknown', message: `web-1 (deploy@web-1.internal, reached through bastion): its key is not known yet: ssh-ed25519 ${other.fingerprint}.`,
  hint: 'Compare it. Then trust it in the settings of this host.', retryable: false, details: { host: 'web-1.internal', port: 22, keyType: other.type, key: other.key, fingerprint: other.fingerprint, verdict: 'unknown' }, correlationId: '',
};
export const passwordError: ErrorShape = { code: 'ssh.password-needed', message: 'web-1 (deploy@web-1.internal, reached through bastion): the password of deploy is needed.', hint: 'Type it in the settings of this host.', retryable: false, details: { hostId: 'host-web' }, correlationId: '' };
export const refusedError: ErrorShape = {
  code: 'ssh.authentication', message: 'web-1 (deploy@web-1.internal, reached through bastion): deploy was not let in. It takes publickey; refused: the key ~/.ssh/id_ed25519 and the keys of the agent.',
  hint: 'Check the user name, and that one of these keys is in ~deploy/.ssh/authorized_keys there (readable for deploy alone). The log of its sshd says more.', retryable: false, details: {}, correlationId: '',
};

export function hosts(): Host[] {
  return [
    { id: 'host-bastion', systemId: 'sys-neff', label: 'bastion', connection: { host: 'bastion.neffpaving.example', port: 22, user: 'ops', signIn: { keys: [], agent: true, password: { source: 'none' } }, viaId: null }, platform: 'Linux 6.1.0-28-amd64 x86_64', lastSeenAt: ago(2 * times.minute), lastError: null },
    { id: 'host-web', systemId: 'sys-neff', label: 'web-1', connection: { host: 'web-1.internal', port: 22, user: 'deploy', signIn: { keys: [{ path: '~/.ssh/id_ed25519', passphrase: { source: 'ask' } }], agent: true, password: { source: 'ask' } }, viaId: 'host-bastion' }, platform: 'Linux 6.8.0-45-generic x86_64', lastSeenAt: ago(8 * times.hour), lastError: null },
  ];
}

export const awayError: ErrorShape = { code: 'ssh.unreachable', message: 'bastion (ops@bastion.neffpaving.example): there is no way to 203.0.113.18 port 22 from here.', hint: 'Check the network of this computer, and whether the machine is up.', retryable: true, details: { hop: 'bastion (ops@bastion.neffpaving.example)' }, correlationId: '' };

/** Twenty of them behind the bastion; one was never tried. */
export function manyHosts(): Host[] {
  const [bastion, web] = hosts() as [Host, Host];
  const behind = Array.from({ length: 19 }, (_, index): Host => ({ ...web, id: `host-app-${index + 1}`, label: `app-${index + 1}`, connection: { ...web.connection, host: `10.0.0.${index + 11}` }, lastSeenAt: index === 18 ? null : ago((index + 1) * 7 * times.minute) }));
  return [...behind, bastion, web];
}

type Layer = HostTest['machines'][number]['layers'][number];
const ok = (layer: Layer['layer'], durationMs: number, detail: string): Layer => ({ layer, state: 'ok', durationMs, detail, error: null });
const rest = (layers: Layer[], end: boolean): Layer[] => {
  const order = end ? (['name', 'network', 'host-key', 'sign-in', 'command'] as const) : (['name', 'network', 'host-key', 'sign-in'] as const);
  return [...layers, ...order.slice(layers.length).map((layer): Layer => ({ layer, state: 'not-reached', durationMs: null, detail: '', error: null }))];
};

const bastionLayers = [ok('name', 4, '203.0.113.18'), ok('network', 21, 'port 22 is open'), ok('host-key', 38, `ssh-ed25519 ${bastionPrint}`), ok('sign-in', 96, 'the keys of the agent')];

/** A test of web-1 through its bastion. @param error what stopped it there; null where it passed */
export function webTest(error: ErrorShape | null): HostTest {
  const at = error === null ? -1 : error.code.startsWith('ssh.host-key') ? 2 : 3;
  const passed = [ok('name', 7, 'bastion looks it up'), ok('network', 24, 'open, through bastion'), ok('host-key', 41, `ssh-ed25519 ${known.fingerprint}`), ok('sign-in', 181, 'the key ~/.ssh/id_ed25519'), ok('command', 52, 'Linux 6.8.0-45-generic x86_64')];
  const layers = error === null ? passed : rest([...passed.slice(0, at), { layer: at === 2 ? 'host-key' : 'sign-in', state: 'failed', durationMs: 44, detail: error.message, error }], true);
  return { ok: error === null, machines: [{ hostId: 'host-bastion', label: 'bastion', host: 'bastion.neffpaving.example', port: 22, layers: bastionLayers }, { hostId: 'host-web', label: 'web-1', host: 'web-1.internal', port: 22, layers }], error, platform: error === null ? 'Linux 6.8.0-45-generic x86_64' : null };
}

const postgresLayers = ['name', 'network', 'tls', 'authentication', 'database', 'privilege'] as const;
const postgresSeen = ['a local socket of web-1', 'open', 'not encrypted; the line is inside SSH', 'peer', 'cod_orders', 'pg_monitor'];

/** A test of a database behind web-1. @param error what stopped it on the way; null where it passed */
export function behindHostTest(error: ErrorShape | null): ConnectionTest {
  return {
    ok: error === null, machines: webTest(error).machines, error,
    layers: postgresLayers.map((layer, index) => (error === null ? { layer, state: 'ok', durationMs: 3 + index * 7, detail: postgresSeen[index] ?? '' } : { layer, state: 'not-reached', durationMs: null, detail: '' })),
    ...(error === null ? { tools: { where: 'web-1', found: ['pg_dump', 'pg_dumpall', 'pg_restore'].map((name) => ({ name, version: '15.6', path: `/usr/lib/postgresql/15/bin/${name}` })), error: null } } : {}),
    server: error === null ? { version: '15.6', versionNum: 150_006, systemIdentifier: '7391044211876302114', sizeBytes: 10_093_173_145, superuser: false, monitor: true, createDatabase: true, standby: false } : null,
  };
}

export const findings: HostFindings = {
  account: 'deploy',
  postgres: [
    { version: '15.6', ways: [{ kind: 'socket', host: '/var/run/postgresql', port: 5432 }, { kind: 'tcp', host: '127.0.0.1', port: 5432 }], container: null, databases: ['cod_orders', 'postgres'], letsIn: [{ by: 'account', user: 'deploy', host: '/var/run/postgresql', port: 5432 }, { by: 'sudo', user: 'postgres', host: '/var/run/postgresql', port: 5432 }], dataFolder: '/var/lib/postgresql/15/main', configFile: '/etc/postgresql/15/main/postgresql.conf' },
    { version: '16.4', ways: [{ kind: 'tcp', host: '127.0.0.1', port: 5433 }], container: 'reports-db', databases: [], letsIn: [], dataFolder: null, configFile: null },
  ],
  tools: [{ access: { kind: 'plain' }, version: '15.6' }, { access: { kind: 'sudo', user: 'postgres' }, version: '15.6' }, { access: { kind: 'docker', container: 'reports-db' }, version: '16.4' }],
  services: [{ name: 'nginx', detail: 'nginx: master process /usr/sbin/nginx' }, { name: 'PM2', detail: 'PM2 v5.3.0: God Daemon (/home/deploy/.pm2)' }],
  paths: [{ what: 'configuration', path: '/etc/postgresql/15/main/postgresql.conf', readable: true }, { what: 'data folder', path: '/var/lib/postgresql/15/main', readable: false }],
  blind: ['Pods: kubectl is there, but it reaches no cluster with the rights of this account.'],
};

export function hostKeys(): DecidedHostKey[] {
  return [
    { ...known, state: 'trusted', source: 'compared', decidedBy: 'console', decidedAt: ago(40 * times.day), replacedAt: null },
    { ...inventedKey('web-1 before'), state: 'replaced', source: 'known-hosts', decidedBy: 'cli', decidedAt: ago(200 * times.day), replacedAt: ago(40 * times.day) },
  ];
}

type HostMethod = Exclude<Extract<MethodName, `host.${string}`>, 'host.questions' | 'host.answer'>;

export function hostHandlers(state: FixtureState, change: (change: Change) => void): Partial<Handlers<HostMethod>> {
  const hostOf = (hostId: string): Host => {
    const found = state.hosts.find(({ id }) => id === hostId);
    if (found === undefined) throw new PilothouseError('store.not-found', 'There is no such host.', { hint: 'It may have been removed.' });
    return found;
  };
  const requireLabel = (machine: { hostId: string } | { host: string }, typed: string): void => {
    if (typed !== ('hostId' in machine ? hostOf(machine.hostId).label : machine.host)) throw new PilothouseError('operation.name-not-confirmed', 'The typed name is not that of the host.', { hint: 'Type it.' });
  };
  return {
    'host.list': ({ systemId }) => ({ hosts: state.hosts.filter((each) => systemId === undefined || each.systemId === systemId) }),
    'host.add': ({ systemId, label, connection }) => {
      const host: Host = { id: `host-${state.hosts.length + 1}`, systemId, label: label ?? connection.host, connection, platform: null, lastSeenAt: null, lastError: null };
      state.hosts = [...state.hosts, host];
      change({ topics: ['systems'] });
      return { host };
    },
    'host.update': ({ hostId, label, connection }) => {
      const host = { ...hostOf(hostId), ...(label === undefined ? {} : { label }), ...(connection === undefined ? {} : { connection }) };
      state.hosts = state.hosts.map((each) => (each.id === hostId ? host : each));
      return { host };
    },
    'host.remove': ({ hostId, confirmName }) => {
      requireLabel({ hostId }, confirmName);
      state.hosts = state.hosts.filter(({ id }) => id !== hostId);
      return {};
    },
    'host.test': () => state.hostTest,
    'host.trustKey': ({ keyType, key, fingerprint }) => {
      state.hostTest = webTest(null);
      state.connectionTest = state.connectionTest === null ? null : { ...state.connectionTest, ok: true, machines: webTest(null).machines, error: null };
      return { key: { type: keyType, key, fingerprint, state: 'trusted', source: 'compared', decidedBy: 'console', decidedAt: ago(0), replacedAt: null } };
    },
    'host.replaceKey': ({ machine, keyType, key, fingerprint, confirmName }) => {
      requireLabel(machine, confirmName);
      state.hostTest = webTest(null);
      const trusted: DecidedHostKey = { type: keyType, key, fingerprint, state: 'trusted', source: 'compared', decidedBy: 'console', decidedAt: ago(0), replacedAt: null };
      state.hostKeys = [trusted, ...state.hostKeys.map((each) => (each.state === 'trusted' ? { ...each, state: 'replaced' as const, replacedAt: ago(0) } : each))];
      state.hosts = state.hosts.map((each) => (each.id === 'host-web' ? { ...each, lastError: null } : each));
      return { key: trusted, replaced: [] };
    },
    'host.revokeKey': ({ machine, key: revoked, confirmName }) => {
      requireLabel(machine, confirmName);
      state.hostKeys = state.hostKeys.map((each) => (each.key === revoked ? { ...each, state: 'revoked' as const } : each));
      return { key: state.hostKeys[0] as DecidedHostKey };
    },
    'host.keys': ({ machine }) => ({ host: 'web-1.internal', port: 22, keys: 'hostId' in machine && machine.hostId === 'host-bastion' ? [{ type: 'ssh-ed25519', key: bastionKey, fingerprint: bastionPrint, state: 'trusted', source: 'compared', decidedBy: 'console', decidedAt: ago(90 * times.day), replacedAt: null }] : state.hostKeys }),
    'host.testSudo': ({ asUser, sudoPassword }) => {
      if (asUser === 'root' && sudoPassword === undefined) throw new PilothouseError('ssh.sudo-password-needed', 'deploy@web-1.internal: sudo wants a password to run commands as root.', { hint: 'Give it in the settings of this host.' });
      return { account: asUser, withPassword: sudoPassword !== undefined };
    },
    'host.detect': () => findings,
    'host.jobs': () => ({ jobs: [{ id: '4f0c2a1e-of-another', account: 'web-1', state: 'ended' as const, exitStatus: 0, ageSeconds: 90_000, sizeBytes: 3_221_225_472, about: 'Backup of neff_site, begun by Pilothouse', known: 'unknown' as const }] }),
  };
}
