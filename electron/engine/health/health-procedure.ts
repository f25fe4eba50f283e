/** The procedure health.check: what it will look at, and the look itself. */
import type { Host } from '#shared/contract/hosts.ts';
import type { Item } from '#shared/contract/items.ts';
import type { System } from '#shared/contract/systems.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { compareHealth, healthStates } from '#shared/domain/health-state.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft, Procedure } from '../operations/procedure.ts';
import type { HealthRepository } from '../store/health-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import type { AskLimits } from './ask.ts';
import { serversOf, type Server } from './databases.ts';
import { endpointChecks } from './endpoint-checks.ts';
import { createEndpoints, endpointLines, lookAtEndpoint, targetOf } from './endpoints/index.ts';
import { duration, many } from './figures.ts';
import { hostChecks } from './host/index.ts';
import { checkOf } from './limits.ts';
import { hostResult, lookAtHost, type HostLookOptions } from './look-at-host.ts';
import { lookAtServer, type LookOptions, type ServerResults } from './look-at-server.ts';
import { postgresChecks } from './postgres/index.ts';
import { findingsOf, goneSince, type Unreached } from './unreached-hosts.ts';
import { createSystemInUse } from './system-in-use.ts';

export interface HealthInput {
  systemId: string;
  /** Ids of checks; all where it is left out. */
  only?: string[] | undefined;
}

export interface HealthDetails {
  systemId: string;
  only: string[] | null;
}

/** Hosts that are looked at a time, and endpoints. */
const hostsAtATime = 8;
const endpointsAtATime = 8;

/** What is looked at: each kind of check where there is something for it. */
interface Scope {
  system: System;
  hosts: Host[];
  servers: Server[];
  endpoints: Item<'endpoint'>[];
  hostChecks: typeof hostChecks;
  postgresChecks: typeof postgresChecks;
  endpointChecks: typeof endpointChecks;
}

function scopeOf(system: System, hosts: Host[], endpoints: Item<'endpoint'>[], only: readonly string[] | null, addressOf: EngineContext['addressOf']): Scope {
  const chosen = <Check extends { about: { id: string } }>(checks: readonly Check[]) => (only === null ? checks : checks.filter((check) => only.includes(check.about.id)));
  const ofHosts = chosen(hostChecks);
  const ofPostgres = chosen(postgresChecks);
  const ofEndpoints = chosen(endpointChecks);
  return { system, hosts: ofHosts.length === 0 ? [] : hosts, servers: ofPostgres.length === 0 ? [] : serversOf(system, addressOf), endpoints: ofEndpoints.length === 0 ? [] : endpoints, hostChecks: ofHosts, postgresChecks: ofPostgres, endpointChecks: ofEndpoints };
}

const idsOf = (checks: readonly { about: { id: string } }[]) => checks.map((check) => check.about.id).join(', ');

/** Why there is nothing to look at. */
function nothingIn({ system, hostChecks: ofHosts, postgresChecks: ofPostgres }: Scope): PlanDraft<HealthDetails>['findings'] {
  if (ofPostgres.length === 0 && ofHosts.length === 0) return [{ state: 'critical', title: `${system.name} has no endpoint yet`, detail: 'These checks ask addresses of the system.', fix: 'Add an endpoint in the settings of the system.' }];
  if (ofPostgres.length === 0) return [{ state: 'critical', title: `${system.name} has no host yet`, detail: 'These checks look at hosts, over SSH.', fix: 'Add a host to the system.' }];
  if (ofHosts.length === 0) return [{ state: 'critical', title: `${system.name} has no database yet`, detail: 'There is nothing to look at.', fix: 'Add a database to the system.' }];
  return [{ state: 'critical', title: `${system.name} has no database and no host yet`, detail: 'There is nothing to look at.', fix: 'Add a database or a host to the system.' }];
}

function planOf(scope: Scope, only: string[] | null, limits: AskLimits, lastMs: number | null, addressOf: EngineContext['addressOf']): PlanDraft<HealthDetails> {
  const { system, hosts, servers, endpoints } = scope;
  const databases = servers.flatMap((server) => server.databases);
  const labels = hosts.map(({ label }) => label).join(', ');
  const how = `each in its own BEGIN READ ONLY with a limit of ${duration(limits.statementTimeoutMs / 1000)}, and of ${duration(limits.lockTimeoutMs / 1000)} for locks`;
  const target = [...hosts.map(({ label }) => label), ...servers.map((server) => `${server.databases.map((database) => database.connection.database).join(', ')} on ${server.address}`), ...(endpoints.length === 0 ? [] : [many(endpoints.length, 'endpoint')])].join('; ');
  return {
    title: only === null ? `Check ${system.name}` : `Check ${system.name}: ${only.join(', ')}`,
    question: `Check the health of ${system.name}?`,
    system: { id: system.id, name: system.name, environment: system.environment, readOnly: system.readOnly },
    target: target === '' ? system.name : target,
    targets: [
      ...hosts.map(({ label }) => ({ label, databaseId: null, identity: null })),
      ...databases.map((database) => ({
        label: `${database.connection.database} on ${addressOf(database.connection)}`,
        databaseId: database.id,
        identity: database.systemIdentifier === null ? null : { systemIdentifier: database.systemIdentifier, database: database.connection.database },
      })),
    ],
    steps: [
      ...(hosts.length === 0 ? [] : [{ id: 'hosts', title: `Look at ${labels} over SSH`, detail: `${many(scope.hostChecks.length, 'check')} by one script that only reads, sent to /bin/sh over one channel, as the account that signs in${hosts.length === 1 ? '' : `; ${Math.min(hostsAtATime, hosts.length)} hosts at a time`}: ${idsOf(scope.hostChecks)}` }]),
      ...servers.map((server, index) => ({ id: `server-${index}`, title: `Look at ${server.address}`, detail: `${many(scope.postgresChecks.length, 'check')}, ${how}: ${idsOf(scope.postgresChecks)}` })),
      ...(endpoints.length === 0 ? [] : [{ id: 'endpoints', title: `Ask ${many(endpoints.length, 'endpoint')}`, detail: `${idsOf(scope.endpointChecks)}: ${endpoints.map(({ value }) => `${value.method} ${targetOf(value)}`).join(', ')}` }]),
      { id: 'store', title: 'Keep the results' },
    ],
    consequences: [
      ...(hosts.length === 0 ? [] : [`Reads what the kernel, the services, the logs and the package manager of ${labels} tell. Nothing is written there, and nothing stays.`]),
      ...(hosts.length + endpoints.length > 0 && servers.length === 0 ? [] : [`Reads catalogues and statistics of ${databases.length === 0 ? 'nothing yet' : databases.map((database) => database.connection.database).join(', ')}, and of the other databases on the same server. Nothing is changed.`]),
      ...(endpoints.length === 0 ? [] : [`Asks ${many(endpoints.length, 'address', 'addresses')} once, as anybody could: nothing is sent that signs in, and nothing is followed elsewhere.`]),
    ],
    findings: hosts.length === 0 && servers.length === 0 && endpoints.length === 0 ? nothingIn(scope) : [],
    wayBack: 'Nothing is changed, so there is nothing to take back.',
    changes: false,
    irreversible: false,
    nameToConfirm: null,
    estimatedMs: lastMs,
    exclusive: [`health:${system.id}`],
    details: { systemId: system.id, only },
  };
}

/** Works through a list, several at a time. Waits for all that has begun, whatever fails. @throws the first failure */
async function severalAtATime<Each>(items: readonly Each[], most: number, work: (item: Each) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, worker));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

export function createHealthProcedure(context: EngineContext, repository: HealthRepository, options: LookOptions & HostLookOptions & { endpointLimitMs?: number | undefined }): Procedure<HealthInput, HealthDetails> {
  const { systems, ports } = context;
  const inUse = createSystemInUse(context.store);
  const hosts = createHostRepository(context.store);
  const endpoints = createEndpoints(context.store);
  const lines = endpointLines(context);
  return {
    kind: 'health.check',
    plan: ({ systemId, only }) => {
      const system = systems.get(systemId);
      const ids = only === undefined ? null : [...new Set(only)].map((id) => checkOf(id).about.id);
      if (ids !== null && ids.length === 0) throw new PilothouseError('contract.invalid-input', 'No check was named.', { hint: 'Name some, or leave the list out to run all.' });
      const [last] = repository.runs(systemId, 1);
      return Promise.resolve(planOf(scopeOf(system, hosts.list(systemId), endpoints.list(systemId), ids, context.addressOf), ids, options.limits, ids === null ? (last?.durationMs ?? null) : null, context.addressOf));
    },
    async run(details, operation) {
      const system = inUse(systems.get(details.systemId));
      const scope = scopeOf(system, hosts.list(system.id), endpoints.list(system.id), details.only, context.addressOf);
      const { servers, postgresChecks: checks } = scope;
      const startedAt = ports.clock.now();
      const gathered: ServerResults = { results: [], samples: [] };
      let asked = 0;
      const away: Unreached[] = [];
      if (scope.hosts.length > 0) {
        let seen = 0;
        const progress = () => operation.progress({ text: `${seen} of ${many(scope.hosts.length, 'host')} tried`, fraction: Math.min(0.99, (seen / scope.hosts.length) * (servers.length === 0 ? 1 : 0.3)), done: seen, total: scope.hosts.length });
        await operation.phase('hosts', async () => {
          progress();
          await severalAtATime(scope.hosts, hostsAtATime, async (host) => {
            const found = await lookAtHost({ context, operation, repository, system, host, checks: scope.hostChecks, limitMs: options.limitMs, isHostStopped: options.isHostStopped });
            if ('error' in found) away.push(found);
            else {
              gathered.results.push(...found.results);
              gathered.samples.push(...found.samples);
            }
            seen += 1;
            progress();
          });
        });
        const gone = goneSince(away, new Set(scope.hosts.filter(({ id }) => !away.some(({ host }) => host.id === id)).map(({ id }) => id)));
        away.push(...gone);
        for (const unreached of away) {
          const { connection, others } = findingsOf(unreached, away);
          // What was seen of one before it went stays as it was seen; only that it is reached is true no more.
          const isGone = gone.includes(unreached);
          if (isGone) gathered.results = gathered.results.filter(({ check, hostId }) => check !== 'host-connection' || hostId !== unreached.host.id);
          for (const check of scope.hostChecks) {
            const isConnection = check.about.id === 'host-connection';
            if (isConnection || !isGone) gathered.results.push(hostResult(context, system, unreached.host, check, isConnection ? connection : others, 0));
          }
        }
      }
      const begins = scope.hosts.length === 0 ? 0 : 0.3;
      for (const [index, server] of servers.entries()) {
        const found = await operation.phase(`server-${index}`, () =>
          lookAtServer({
            context,
            operation,
            repository,
            system,
            server,
            checks,
            away,
            ...options,
            onAsk(check, target, left) {
              // How many databases there are shows only on the way; what is known grows, the share never falls.
              const total = asked + left + checks.length * (servers.length - index - 1);
              const spent = ports.clock.now() - startedAt;
              operation.progress({ text: `${check} on ${target}`, fraction: Math.min(0.99, begins + (1 - begins) * (asked / Math.max(1, total))), done: asked, total, unit: 'checks', leftMs: asked === 0 ? null : Math.round((spent / asked) * (total - asked)) });
              asked += 1;
            },
          }),
        );
        gathered.results.push(...found.results);
        gathered.samples.push(...found.samples);
      }
      if (scope.endpoints.length > 0) {
        const wanted = new Set(scope.endpointChecks.map(({ about }) => about.id));
        const thresholds = endpoints.thresholds(system.id);
        let tried = 0;
        await operation.phase('endpoints', () =>
          severalAtATime(scope.endpoints, endpointsAtATime, async (endpoint) => {
            gathered.results.push(...(await lookAtEndpoint({ context, lines, system, endpoint, thresholds, from: endpoints.from(system.id, endpoint.value.through), wanted, signal: operation.signal, limitMs: options.endpointLimitMs })));
            tried += 1;
            operation.progress({ text: `${tried} of ${many(scope.endpoints.length, 'endpoint')} asked`, fraction: 0.99, done: tried, total: scope.endpoints.length });
          }),
        );
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
