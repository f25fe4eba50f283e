/** A shop that is somewhere else: Postgres with a socket, on a host behind a bastion, each with keys of its own. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { EngineClient } from '#shared/contract/index.ts';
import type { HostConnection } from '#shared/contract/hosts.ts';
import { fromHere, type DatabaseConnection } from '#shared/contract/systems.ts';
import { createEngine, type Engine } from '#engine/create-engine.ts';
import { silentLogger, silentNotifier, systemClock, systemRandom, type Ports } from '#engine/ports.ts';
import { fingerprintOf } from '#engine/ssh/host-key.ts';
import { createShop, type ShopOptions } from './backed-up-shop.ts';
import { startPostgres, type PostgresServer } from './postgres-server.ts';
import { authorize, makeKey, startSshServer, type KeyPair, type SshServer } from './ssh-server.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

export interface FarPlace {
  postgres: PostgresServer;
  /** The folder of its socket. */
  sockets: string;
  bastion: SshServer;
  host: SshServer;
  /** The keys that the two let in, by their files here. */
  keyFiles: { bastion: string; host: string };
  stop(): Promise<void>;
}

export async function startFarPlace(options: { settings?: Record<string, string | number | boolean>; sshd?: Record<string, string> } = {}): Promise<FarPlace> {
  const folder = await makeTemporaryFolder('far');
  chmodSync(folder, 0o755);
  const sockets = join(folder, 's');
  mkdirSync(sockets);
  chmodSync(sockets, 0o777);
  const [postgres, bastion, host] = await Promise.all([
    startPostgres({ major: 15, settings: { unix_socket_directories: `'${sockets}'`, ...options.settings }, hba: ['local all all trust', 'host all all 127.0.0.1/32 scram-sha-256'] }),
    startSshServer({ hostKeys: ['ecdsa'] }),
    startSshServer(options.sshd === undefined ? {} : { settings: options.sshd }),
  ]);
  const write = (name: string, key: KeyPair, server: SshServer): string => {
    authorize(server, key);
    const file = join(folder, name);
    writeFileSync(file, key.privateKey, { mode: 0o600 });
    return file;
  };
  const keyFiles = { bastion: write('key-bastion', makeKey(folder, { type: 'ecdsa' }), bastion), host: write('key-host', makeKey(folder), host) };
  return {
    postgres, sockets, bastion, host, keyFiles,
    stop: async () => void (await Promise.all([postgres.stop(), bastion.stop(), host.stop()])),
  };
}

export interface FarEngine {
  engine: Engine;
  client: EngineClient;
  systemId: string;
  bastionId: string;
  hostId: string;
}

/** How a machine is reached; what it has of keys is trusted. */
export const reachedBy = (server: SshServer, keyFile: string, viaId: string | null = null): HostConnection => ({ host: '127.0.0.1', port: server.port, user: server.user, signIn: { keys: [{ path: keyFile, passphrase: { source: 'none' } }], agent: false, password: { source: 'none' } }, viaId });

async function addHost(client: EngineClient, systemId: string, label: string, server: SshServer, keyFile: string, viaId: string | null = null): Promise<string> {
  const { host } = await client.call('host.add', { systemId, label, connection: reachedBy(server, keyFile, viaId) });
  for (const key of server.knownKeys) await client.call('host.trustKey', { machine: { hostId: host.id }, keyType: key.type, key: key.key, fingerprint: fingerprintOf(key) });
  return host.id;
}

/** A whole engine that knows the bastion and the host behind it. The second time it is opened on a folder it knows them already. */
export async function openFarEngine(place: FarPlace, root: string, ports: Partial<Ports> = {}): Promise<FarEngine> {
  const engine = await createEngine({ root, ports: { clock: systemClock, random: systemRandom, logger: silentLogger, keyWrapping: null, notifier: silentNotifier, host: 'test', ...ports } });
  const client = engine.client('cli');
  const { systems } = await client.call('system.list', {});
  const known = systems.find(({ name }) => name === 'Far');
  if (known !== undefined) {
    const { hosts } = await client.call('host.list', { systemId: known.id });
    const idOf = (label: string): string => hosts.find((host) => host.label === label)?.id ?? '';
    return { engine, client, systemId: known.id, bastionId: idOf('bastion'), hostId: idOf('db-1') };
  }
  const { system } = await client.call('system.add', { name: 'Far', environment: 'development' });
  const bastionId = await addHost(client, system.id, 'bastion', place.bastion, place.keyFiles.bastion);
  const hostId = await addHost(client, system.id, 'db-1', place.host, place.keyFiles.host, bastionId);
  return { engine, client, systemId: system.id, bastionId, hostId };
}

/** How its database is reached through the host: by its port with a password, unless it is said otherwise. */
export const farConnection = (place: FarPlace, hostId: string, database: string, changes: Partial<DatabaseConnection> = {}): DatabaseConnection => ({ ...fromHere, host: '127.0.0.1', port: place.postgres.port, database, user: 'postgres', tls: { mode: 'disable', ca: null }, password: { source: 'ask' }, viaId: hostId, ...changes });

export const bySocket = (place: FarPlace): Partial<DatabaseConnection> => ({ host: place.sockets, password: { source: 'none' } });

/** Adds the database, having typed its password. */
export async function addFarDatabase({ client, systemId, hostId }: FarEngine, place: FarPlace, database: string, changes: Partial<DatabaseConnection> = {}): Promise<string> {
  const connection = farConnection(place, hostId, database, changes);
  const added = await client.call('database.add', { systemId, connection, ...(connection.password.source === 'ask' ? { password: place.postgres.password } : {}) });
  return added.database.id;
}

export const createFarShop = (place: FarPlace, database: string, options: ShopOptions = {}): Promise<void> => createShop(place.postgres, database, options);

/** Locks a table, so that a dump of it waits until this is let go. */
export async function lockTable(place: FarPlace, database: string, table: string): Promise<{ release(): Promise<void> }> {
  const client = new Client({ host: '127.0.0.1', port: place.postgres.port, user: 'postgres', password: place.postgres.password, database });
  client.on('error', () => {});
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return { release: () => client.end() };
}
