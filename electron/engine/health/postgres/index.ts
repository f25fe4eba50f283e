/** Every Postgres check, in the order they are asked. To add one: write its file here, and add it to this list. */
import type { PostgresCheck } from '../check.ts';
import { autovacuumLag } from './autovacuum-lag.ts';
import { blockedSessions } from './blocked-sessions.ts';
import { cacheHit } from './cache-hit.ts';
import { checksumFailures } from './checksum-failures.ts';
import { configFileErrors } from './config-file-errors.ts';
import { connections } from './connections.ts';
import { connectivity } from './connectivity.ts';
import { databaseCoverage } from './database-coverage.ts';
import { deadTuples } from './dead-tuples.ts';
import { deadlocks } from './deadlocks.ts';
import { duplicateIndexes } from './duplicate-indexes.ts';
import { hbaRules } from './hba-rules.ts';
import { idleInTransaction } from './idle-in-transaction.ts';
import { invalidIndexes } from './invalid-indexes.ts';
import { lastBackup } from './last-backup.ts';
import { longTransaction } from './long-transaction.ts';
import { passwordHash } from './password-hash.ts';
import { preparedTransactions } from './prepared-transactions.ts';
import { publicCreate } from './public-create.ts';
import { replicationLag } from './replication-lag.ts';
import { replicationSlots } from './replication-slots.ts';
import { sequenceExhaustion } from './sequence-exhaustion.ts';
import { settings } from './settings.ts';
import { staleStatistics } from './stale-statistics.ts';
import { tempFiles } from './temp-files.ts';
import { tlsUsage } from './tls-usage.ts';
import { unindexedForeignKeys } from './unindexed-foreign-keys.ts';
import { unusedIndexes } from './unused-indexes.ts';
import { version } from './version.ts';
import { walArchiving } from './wal-archiving.ts';
import { xidAge } from './xid-age.ts';

export const postgresChecks: readonly PostgresCheck[] = [
  connectivity,
  lastBackup,
  version,
  settings,
  configFileErrors,
  connections,
  longTransaction,
  idleInTransaction,
  blockedSessions,
  preparedTransactions,
  xidAge,
  replicationLag,
  replicationSlots,
  walArchiving,
  checksumFailures,
  tlsUsage,
  hbaRules,
  passwordHash,
  deadlocks,
  tempFiles,
  cacheHit,
  deadTuples,
  staleStatistics,
  autovacuumLag,
  invalidIndexes,
  duplicateIndexes,
  unindexedForeignKeys,
  unusedIndexes,
  sequenceExhaustion,
  publicCreate,
  // Last: it tells which databases the others reached.
  databaseCoverage,
];
