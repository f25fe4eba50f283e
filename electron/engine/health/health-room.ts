/** Health: the catalogue of checks, running them, what they found, and the limits of a system. */
import type { CheckInfo, healthMethods } from '#shared/contract/health.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { createHealthRepository } from '../store/health-repository.ts';
import { createSystemItemRepository } from '../store/system-item-repository.ts';
import { defaultAskLimits, type AskLimits } from './ask.ts';
import type { PostgresCheck } from './check.ts';
import { endpointChecks } from './endpoint-checks.ts';
import { hostChecks, textOf, type HostCheck } from './host/index.ts';
import { createHealthProcedure } from './health-procedure.ts';
import type { HostLookOptions } from './look-at-host.ts';
import type { LookOptions } from './look-at-server.ts';
import { createLatestHealth } from './latest.ts';
import { allChecks, limitInUse, limitWithoutOwn, withThreshold } from './limits.ts';
import { postgresChecks } from './postgres/index.ts';

/** The statement as a superuser's session would send it to the newest major that is known. */
function infoOf(check: PostgresCheck): CheckInfo {
  const newest = { version: '18', versionNum: 180000, major: 18, systemIdentifier: null, database: '', user: '', superuser: true, monitor: true, readAllData: true, createDatabase: true, standby: false, tls: true };
  return { ...check.about, script: null, sql: check.statement === null ? '-- Nothing is sent to the server.' : `${check.statement({ server: newest, sees: () => true, limits: { warn: check.about.warn, critical: check.about.critical } })};` };
}

const infoOfHost = (check: HostCheck): CheckInfo => ({ ...check.about, sql: null, script: check.reads.length === 0 ? '# Nothing beyond connecting and beginning a shell.' : textOf(check.reads) });

/** Of an endpoint no more is asked than its address. */
const infoOfEndpoint = ({ about }: (typeof endpointChecks)[number]): CheckInfo => ({ ...about, sql: null, script: null });

export interface HealthOptions {
  limits?: AskLimits | undefined;
  /** Whether a database that cannot be reached is one of ours, and stopped. */
  isStopped?: LookOptions['isStopped'];
  /** The same of a host. */
  isHostStopped?: HostLookOptions['isHostStopped'];
  /** Milliseconds that the script of a host is given. */
  hostLimitMs?: number | undefined;
  /** Milliseconds that an endpoint is given for its whole answer. */
  endpointLimitMs?: number | undefined;
}

export function createHealthRoom(context: EngineContext, { limits = defaultAskLimits, isStopped = () => Promise.resolve(false), isHostStopped, hostLimitMs, endpointLimitMs }: HealthOptions = {}): { handlers: Handlers<keyof typeof healthMethods> } {
  const { systems, changes } = context;
  const repository = createHealthRepository(context.store);
  const items = createSystemItemRepository(context.store);
  const latest = createLatestHealth(context, repository);
  const procedure = context.runner.register(createHealthProcedure(context, repository, { limits, isStopped, isHostStopped, limitMs: hostLimitMs, endpointLimitMs }));

  return {
    handlers: {
      'health.catalogue': () => ({ checks: [...postgresChecks.map(infoOf), ...hostChecks.map(infoOfHost), ...endpointChecks.map(infoOfEndpoint)] }),
      'health.plan': async (input) => ({ plan: await procedure.plan(input) }),
      'health.latest': ({ systemId }) => latest(systems.get(systemId)) ?? { run: null, results: [] },
      'health.runs': ({ systemId, limit }) => ({ runs: repository.runs(systemId, limit) }),
      'health.run': ({ runId }) => ({ run: repository.run(runId), results: repository.resultsOf(runId) }),
      'health.limits': ({ systemId }) => {
        const { policy } = systems.get(systemId);
        const thresholds = items.list(systemId, 'threshold');
        return { limits: allChecks.map(({ about }) => ({ check: about.id, ...limitInUse(about.id, policy, thresholds), otherwise: limitWithoutOwn(about.id, thresholds) })) };
      },
      'health.setThreshold': ({ systemId, check, threshold }) => {
        const system = systems.get(systemId);
        systems.update(systemId, { policy: withThreshold(system, check, threshold) });
        changes.changed('systems', 'health');
        return {};
      },
    },
  };
}
