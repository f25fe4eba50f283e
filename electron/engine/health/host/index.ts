/** Every check of a host there is. One more is one file and one line here. */
import { certificateFiles } from './certificates.ts';
import { hostConnection } from './connection.ts';
import { docker, pm2 } from './containers.ts';
import { diskIo, filesystemErrors } from './disks.ts';
import { disk, inodes } from './file-systems.ts';
import { expectedServices } from './expected.ts';
import type { HostCheck } from './host-check.ts';
import { scheduledJobs } from './jobs.ts';
import { memory, oomKills, swap } from './memory.ts';
import { openPorts } from './ports.ts';
import { fileHandles, zombies } from './processes.ts';
import { cpu, iowait, load, steal } from './processor.ts';
import { authFailures, journalErrors, kernelErrors } from './records.ts';
import { failedUnits, nginx, postgresService, redis } from './services.ts';
import { clock, os, rebootRequired } from './system.ts';
import { securityUpdates } from './updates.ts';

export type { ExpectedService, HostCheck, HostLook } from './host-check.ts';
export { readOutput, seenBy, seenIn, type HostOutput, type HostSeen, type Section } from './read-output.ts';
export { kernelTrouble, pieces, scriptOf, secondsBetween, textOf, type PieceId } from './script/index.ts';

export const hostChecks: readonly HostCheck[] = [
  hostConnection,
  os,
  cpu,
  steal,
  iowait,
  load,
  memory,
  swap,
  oomKills,
  disk,
  inodes,
  diskIo,
  filesystemErrors,
  zombies,
  fileHandles,
  clock,
  rebootRequired,
  failedUnits,
  postgresService,
  nginx,
  redis,
  docker,
  pm2,
  expectedServices,
  scheduledJobs,
  journalErrors,
  kernelErrors,
  authFailures,
  securityUpdates,
  openPorts,
  certificateFiles,
];
