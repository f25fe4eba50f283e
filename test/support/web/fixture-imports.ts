/** What an ssh_config of twenty hosts behind a bastion shows, and what the methods about importing answer. */
import type { ImportedDatabase, ImportedHost } from '#shared/contract/imports.ts';
import type { MethodName } from '#shared/contract/index.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import type { FixtureState } from './fixture-engine.ts';
import { inventedKey } from './fixture-hosts.ts';

const home = '/home/bob';
const config = `${home}/.ssh/config`;
const hash = (turn: number): string => String(turn).padStart(64, 'a');

function host(label: string, line: number, more: Partial<ImportedHost> = {}): ImportedHost {
  const { type, fingerprint } = inventedKey(label);
  return {
    id: label, label, aliases: [label], file: config, line, host: `${label}.internal`, port: 22, user: 'deploy', state: 'new', reasons: [], cautions: [], through: ['bastion'],
    keys: [{ path: `${home}/.ssh/id_ed25519`, state: 'ready' }], agent: true, password: false,
    hostKeys: [{ type, fingerprint, file: `${home}/.ssh/known_hosts`, line, state: 'new', reason: null }], hostId: null, ...more,
  };
}

const hosts = (): ImportedHost[] => [
  host('bastion', 4, { host: 'bastion.neffpaving.example', port: 2222, user: 'ops', through: [] }),
  ...Array.from({ length: 16 }, (_each, index) => host(`db-${index + 1}`, 12 + index * 3, { cautions: [`${config}:9 (addressfamily): whichever address answers is used.`], ...(index === 3 ? { hostKeys: [] } : {}) })),
  host('backup-store', 71, { aliases: ['backup-store', '10.20.0.9'], host: '10.20.0.9', user: 'backup', cautions: [`The passphrase of ${home}/.ssh/id_backup is asked for at each start.`], keys: [{ path: `${home}/.ssh/id_backup`, state: 'encrypted' }], agent: false }),
  host('legacy', 78, { file: `${home}/.ssh/config.d/legacy.conf`, user: 'root', cautions: [`${config}:80 (ciphers): algorithms are those of Pilothouse.`, `${config}:82 (certificatefile): certificates of users are not supported.`] }),
  host('web-1', 90, { state: 'changed', reasons: ['Here it is reached directly.', 'Here one signs in with the agent.'], hostId: 'host-web', hostKeys: [{ type: 'ssh-ed25519', fingerprint: inventedKey('web-1 as it is now').fingerprint, file: `${home}/.ssh/known_hosts`, line: 41, state: 'conflict', reason: 'Another key is trusted here. It is replaced only by a person who has compared both.' }] }),
  host('vpn-only', 96, { state: 'unsupported', reasons: [`${config}:99 (proxyjump): whether it is for this host cannot be told, so it is left out.`], cautions: [`${config}:98 (match): no command is run to find out whether this block holds, so it is left out.`] }),
  host('dmz', 104, { state: 'unsupported', reasons: [`${config}:105 (proxycommand): no command is run to reach a host; only "ssh -W %h:%p …" is understood, as a jump.`], through: [] }),
];

/** Only of the production system something is here. */
const hostsFor = (systemId: string | undefined): ImportedHost[] => hosts().map((each) => (systemId !== 'sys-neff' && each.state === 'changed' ? { ...each, state: 'new' as const, reasons: [], hostId: null } : each));

function database(label: string, line: number, more: Partial<ImportedDatabase> = {}): ImportedDatabase {
  return { id: `service-2:${line}`, from: 'service-file', file: `${home}/.pg_service.conf`, line, label, host: `${label}.internal`, port: 5432, database: label, user: 'reporting', tls: 'verify-full', password: 'passfile', state: 'new', reasons: [], cautions: [], databaseId: null, ...more };
}

const databases = (): ImportedDatabase[] => [
  database('orders', 1), database('stock', 7, { host: 'web-1.internal', cautions: [`The authority that it trusts is taken over from ${home}/.postgresql/company-ca.crt.`] }), database('payroll', 13, { password: 'given', user: 'payroll_ro' }),
  database('crm', 4, { id: 'passfile:4', from: 'passfile', file: `${home}/.pgpass`, tls: 'prefer' }),
  database('*:*:*:reporting', 1, { id: 'passfile:1', from: 'passfile', file: `${home}/.pgpass`, host: null, port: null, database: null, tls: null, state: 'unsupported', reasons: ['A rule for several databases; it cannot be imported by itself. Databases that it fits take their password from it.'] }),
  database('neff_paving', 19, { state: 'known', reasons: ['It is here as neff_paving.'], databaseId: 'db-main' }),
];

/** @param state whose systems are imported into */
export function importHandlers(state: FixtureState): Partial<Handlers<MethodName>> {
  const isHere = (id: string): boolean => state.hosts.some((each) => each.id === id) || state.systems.some((system) => system.databases.some((each) => each.id === id));
  const turn = (): number => state.hosts.length + state.systems.reduce((sum, system) => sum + system.databases.length, 0);
  const shown = <Item extends ImportedHost | ImportedDatabase>(items: Item[]): Item[] => items.map((item) => (isHere(item.id) ? { ...item, state: 'known' as const, reasons: ['It is here.'] } : item));
  const requireSame = (previewHash: string): void => {
    if (previewHash !== hash(turn())) throw new PilothouseError('operation.plan-changed', 'What would be imported is not what was shown: a file changed meanwhile, or what is here.', { hint: 'Nothing was added. Look at it again, and choose once more.', retryable: true });
  };
  return {
    'import.previewSsh': ({ systemId }) => ({
      previewHash: hash(turn()),
      files: [{ path: config, kind: 'ssh-config', state: 'read' }, { path: `${home}/.ssh/config.d/customers`, kind: 'ssh-config', state: 'read' }, { path: `${home}/.ssh/known_hosts`, kind: 'known-hosts', state: 'read' }],
      problems: [{ file: `${home}/.ssh/known_hosts`, line: 17, reason: 'the key is not base64 of a key' }, { file: config, line: 112, reason: 'the quotation marks do not match' }],
      hosts: shown(hostsFor(systemId)),
    }),
    'import.applySsh': ({ systemId, items, previewHash }) => {
      requireSame(previewHash);
      const chosen = hostsFor(systemId).filter(({ id }) => items.includes(id));
      const added = chosen.filter((each) => each.state === 'new').map(({ id, label, host: name, port, user }) => ({ id, systemId, label, connection: { host: name, port, user, signIn: { keys: [], agent: true, password: { source: 'none' as const } }, viaId: null }, platform: null, lastSeenAt: null, lastError: null }));
      state.hosts = [...state.hosts, ...added];
      const skipped = chosen.flatMap(({ label, hostKeys }) => hostKeys.filter(({ state: key }) => key === 'conflict').map(({ type, fingerprint, reason }) => ({ label, type, fingerprint, reason: reason ?? '' })));
      return { added, updated: [], keys: { trusted: added.length, revoked: 0 }, skipped };
    },
    'import.previewDatabases': () => ({
      previewHash: hash(turn()),
      files: [{ path: `${home}/.pgpass`, kind: 'passfile', state: 'read' }, { path: `${home}/.pg_service.conf`, kind: 'service-file', state: 'read' }],
      problems: [],
      databases: shown(databases()),
    }),
    'import.applyDatabases': ({ systemId, items, previewHash, viaId, passwordsTo }) => {
      requireSame(previewHash);
      const added = databases().filter(({ id }) => items.includes(id)).map((each) => ({
        id: each.id, systemId, label: each.label,
        connection: { host: each.host ?? '', port: each.port ?? 5432, database: each.database ?? '', user: each.user ?? '', tls: { mode: each.tls ?? ('prefer' as const), ca: null }, password: each.password === 'passfile' ? { source: 'passfile' as const, path: `${home}/.pgpass` } : { source: each.password === 'given' ? passwordsTo : ('ask' as const) }, viaId, tools: { where: 'here' as const } },
        systemIdentifier: null, serverVersion: null, serverVersionNum: null, sizeBytes: null, lastSeenAt: null, lastError: null,
      }));
      state.systems = state.systems.map((system) => (system.id === systemId ? { ...system, databases: [...system.databases, ...added] } : system));
      return { added };
    },
  };
}
