/** The procedure health.check: what it will look at, and the look itself. */
import type { System } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { compareHealth, healthStates } from '#shared/domain/health-state.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, Procedure } from '../operations/procedure.ts';
import type { HealthRepository } from '../store/health-repository.ts';
import type { AskLimits } from './ask.ts';
import { serversOf } from './databases.ts';
import { duration, many } from './figures.ts';
import { checkOf } from './limits.ts';
import { lookAtServer, type LookOptions, type ServerResults } from './look-at-server.ts';
import { postgresChecks } from './postgres/index.ts';

export interface HealthInput {
  systemId: string;
  /** Ids of checks; all where it is left out. */
  only?: string[] | undefined;
}

export interface HealthDetails {
  systemId: string;
  only: string[] | null;
}

const chosen = (only: readonly string[] | null) => (only === null ? [...postgresChecks] : postgresChecks.filter((check) => only.includes(check.about.id)));

function planOf(system: System, only: string[] | null, limits: AskLimits, lastMs: number | null, addressOf: EngineContext['addressOf']): PlanDraft<HealthDetails> {
  const checks = chosen(only);
  const servers = serversOf(system, addressOf);
  const names = system.databases.map((database) => database.connection.database).join(', ');
  const how = `each in its own BEGIN READ ONLY with a limit of ${duration(limits.statementTimeoutMs / 1000)}, and of ${duration(limits.lockTimeoutMs / 1000)} for locks`;
  return {
    title: only === null ? `Check ${system.name}` : `Check ${system.name}: ${checks.map((check) => check.about.id).join(', ')}`,
    question: `Check the health of ${system.name}?`,
    system: { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly },
    target: servers.length === 0 ? system.name : servers.map((server) => `${server.databases.map((database) => database.connection.database).join(', ')} on ${server.address}`).join('; '),
    targets: system.databases.map((database) => ({
      label: `${database.connection.database} on ${addressOf(database.connection)}`,
      databaseId: database.id,
      identity: database.systemIdentifier === null ? null : { systemIdentifier: database.systemIdentifier, database: database.connection.database },
    })),
    steps: [
      ...servers.map((server, index) => ({ id: `server-${index}`, title: `Look at ${server.address}`, detail: `${many(checks.length, 'check')}, ${how}: ${checks.map((check) => check.about.id).join(', ')}` })),
      { id: 'store', title: 'Keep the results' },
    ],
    consequences: [`Reads catalogues and statistics of ${names === '' ? 'nothing yet' : names}, and of the other databases on the same server. Nothing is changed.`],
    findings: system.databases.length === 0 ? [{ state: 'critical', title: `${system.name} has no database yet`, detail: 'There is nothing to look at.', fix: 'Add a database to the system.' }] : [],
    wayBack: 'Nothing is changed, so there is nothing to take back.',
    changes: false,
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: lastMs,
    exclusive: [`health:${system.id}`],
    details: { systemId: system.id, only },
  };
}

export function createHealthProcedure(context: EngineContext, repository: HealthRepository, options: LookOptions): Procedure<HealthInput, HealthDetails> {
  const { systems, ports } = context;
  return {
    kind: 'health.check',
    plan: ({ systemId, only }) => {
      const system = systems.get(systemId);
      const ids = only === undefined ? null : [...new Set(only)].map((id) => checkOf(id).about.id);
      if (ids !== null && ids.length === 0) throw new PilothouseError('contract.invalid-input', 'No check was named.', { hint: 'Name some, or leave the list out to run all.' });
      const [last] = repository.runs(systemId, 1);
      return Promise.resolve(planOf(system, ids, options.limits, ids === null ? (last?.durationMs ?? null) : null, context.addressOf));
    },
    async run(details, operation) {
      const system = systems.get(details.systemId);
      const checks = chosen(details.only);
      const servers = serversOf(system, context.addressOf);
      const startedAt = ports.clock.now();
      const gathered: ServerResults = { results: [], samples: [] };
      let asked = 0;
      for (const [index, server] of servers.entries()) {
        const found = await operation.phase(`server-${index}`, () =>
          lookAtServer({
            context,
            operation,
            repository,
            system,
            server,
            checks,
            ...options,
            onAsk(check, target, left) {
              // How many databases there are shows only on the way; what is known grows, the share never falls.
              const total = asked + left + checks.length * (servers.length - index - 1);
              const spent = ports.clock.now() - startedAt;
              operation.progress({ text: `${check} on ${target}`, fraction: Math.min(0.99, asked / Math.max(1, total)), done: asked, total, unit: 'checks', leftMs: asked === 0 ? null : Math.round((spent / asked) * (total - asked)) });
              asked += 1;
            },
          }),
        );
        gathered.results.push(...found.results);
        gathered.samples.push(...found.samples);
      }
      operation.throwIfCancelled();
      return operation.phase('store', () => {
        const run = repository.insert({ id: ports.random.id(), systemId: system.id, operationId: operation.id, startedAt, durationMs: ports.clock.now() - startedAt, complete: details.only === null, ...gathered });
        repository.thin(ports.clock.now());
        context.changes.changed('health', 'systems');
        for (const result of [...gathered.results].sort((a, b) => compareHealth(a.status, b.status))) {
          if (result.status === 'critical' || result.status === 'warn') operation.log(result.status === 'critical' ? 'error' : 'warn', `${result.check}, ${result.target}: ${result.summary}`);
        }
        const parts = healthStates.filter((state) => run.counts[state] > 0).map((state) => `${run.counts[state]} ${state}`);
        operation.progress({ text: 'Done', fraction: 1 });
        return Promise.resolve({ summary: `${system.name} is ${run.status === 'unknown' ? 'not wholly known' : run.status}: ${parts.join(', ')}`, result: { runId: run.id, status: run.status } });
      });
    },
    recover: () => Promise.resolve('A health check only reads: nothing was changed and nothing was kept of it. Check again.'),
  };
}
