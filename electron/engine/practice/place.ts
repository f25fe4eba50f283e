/** Where the practice system lives on this computer, and as whom it runs. Decides; touches nothing. */
import { join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Home } from '../home.ts';

/** An account that Postgres's programs run as. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

export interface PracticePlace {
  /** Names the data folder it belongs to, also inside of it. */
  key: string;
  /** Everything lies in here, and nothing outside of it is ever removed. */
  folder: string;
  /** Who runs the server; null where that is who runs the engine. */
  account: Account | null;
  /** Says inside the folder whose it is. Without it nothing there is removed. */
  marker: string;
  /** The server's programs, one folder for each version. */
  programs(version: string): string;
  /** A cluster while it is built or when it stands, and the one before it while a reset is under way. */
  cluster: ClusterPlace;
  previous: ClusterPlace;
  configuration: string;
  hostRules: string;
  passfile: string;
  host: PracticeHostPlace;
  serverLogs: string;
  trafficRecord: string;
  trafficLog: string;
  /** In the data folder: what people and scripts may want to know. */
  record: string;
}

export interface ClusterPlace {
  folder: string;
  /** Postgres's own data folder. */
  data: string;
  /** Written last: without it the cluster is half-made. */
  built: string;
}

/** The SSH host, for whoever runs the engine alone. */
export interface PracticeHostPlace {
  folder: string;
  /** What sessions find as their home, and the only folder that files are transferred in. */
  home: string;
  /** Private keys: the one by which it is known, and the one that it lets in. */
  hostKey: string;
  clientKey: string;
  /** Holds the port that it had before. */
  port: string;
}

/** Where root keeps what another account has to reach: a data folder with 0700 cannot be entered by it. */
export const sharedBase = '/var/lib/pilothouse-practice';

function clusterAt(folder: string): ClusterPlace {
  return { folder, data: join(folder, 'data'), built: join(folder, 'built.json') };
}

function hostAt(folder: string): PracticeHostPlace {
  return { folder, home: join(folder, 'home'), hostKey: join(folder, 'host_key'), clientKey: join(folder, 'client_key'), port: join(folder, 'port') };
}

/**
 * The place that belongs to a data folder.
 * @param runner who runs the engine: its user id (null on Windows), and the text of /etc/passwd (read only for root)
 * @throws practice.unsupported for root where there is no account to run Postgres as
 */
export function placeOf(home: Pick<Home, 'root' | 'key'>, runner: { uid: number | null; accounts: () => string }): PracticePlace {
  const asRoot = runner.uid === 0;
  const account = asRoot ? chooseAccount(runner.accounts()) : null;
  const folder = asRoot ? join(sharedBase, home.key) : join(home.root, 'practice');
  return {
    key: home.key,
    folder,
    account,
    marker: join(folder, 'belongs-to-pilothouse.json'),
    programs: (version) => join(folder, `programs-${version}`),
    cluster: clusterAt(join(folder, 'cluster')),
    previous: clusterAt(join(folder, 'cluster.previous')),
    configuration: join(folder, 'postgresql.conf'),
    hostRules: join(folder, 'pg_hba.conf'),
    passfile: join(folder, 'passfile'),
    host: hostAt(join(folder, 'host')),
    serverLogs: join(folder, 'log'),
    trafficRecord: join(folder, 'traffic.json'),
    trafficLog: join(folder, 'traffic.log'),
    record: join(home.root, 'practice.json'),
  };
}

/** Postgres refuses to run as root: `postgres` where there is one, else `nobody`. */
function chooseAccount(passwd: string): Account {
  const accounts = passwd.split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = accounts.find(([found]) => found === wanted) ?? [];
    if (name !== undefined && Number(uid) > 0 && Number.isInteger(Number(gid))) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new PilothouseError('practice.unsupported', 'Postgres refuses to run as root, and this computer has no account named postgres or nobody to run it as.', {
    hint: 'Run Pilothouse as an ordinary user, or add an account: useradd --system postgres',
  });
}
