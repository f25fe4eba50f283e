/** What every room of the engine is given. */
import type { Scrubber } from '#shared/domain/scrub.ts';
import type { Home } from './home.ts';
import type { ChangeBus } from './operations/change-bus.ts';
import type { EventLog } from './operations/event-log.ts';
import type { OperationRunner } from './operations/operation-runner.ts';
import type { Ports } from './ports.ts';
import type { Postgres } from './postgres/index.ts';
import type { SshPool } from './ssh/pool.ts';
import type { Database } from './store/database.ts';
import type { OperationRepository } from './store/operation-repository.ts';
import type { SettingsRepository } from './store/settings-repository.ts';
import type { SystemRepository } from './store/system-repository.ts';
import type { Reach } from './systems/reach.ts';
import type { Vault } from './vault/index.ts';

export interface EngineContext extends Reach {
  ports: Ports;
  home: Home;
  /** The local file. Only repositories in `store/` speak SQL to it. */
  store: Database;
  systems: SystemRepository;
  operations: OperationRepository;
  settings: SettingsRepository;
  log: EventLog;
  runner: OperationRunner;
  changes: ChangeBus;
  scrubber: Scrubber;
  postgres: Postgres;
  vault: Vault;
  /** Connections to hosts, each shared by all who need it. */
  hosts: SshPool;
}
