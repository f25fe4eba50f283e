/** What a person sees first: every system, worst first, and what waits for a person. */
import type { UnfinishedDump } from '#shared/contract/backups.ts';
import type { HealthResult } from '#shared/contract/health.ts';
import type { Host } from '#shared/contract/hosts.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { Operation } from '#shared/contract/operations.ts';
import type { Database, Need, System, SystemCard } from '#shared/contract/systems.ts';
import { backupStanding } from '#shared/domain/backup-standing.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { fewNames } from '#shared/domain/few-names.ts';
import { compareHealth, healthStates, worstHealth, type HealthState } from '#shared/domain/health-state.ts';
import { failingOn, wayTo } from '#shared/domain/host-way.ts';
import { compareNames } from '#shared/domain/natural-order.ts';
import { listUnfinished } from '../backup/detached/continue.ts';
import { createCalendarNeeds } from '../calendar/needs.ts';
import type { EngineContext } from '../engine-context.ts';
import { createLatestHealth } from '../health/latest.ts';
import { createSystemInUse } from '../health/system-in-use.ts';
import { machineNamed } from '../health/unreached-hosts.ts';
import { machineOf, withoutMachine } from '../health/way-evidence.ts';
import { incidentNeeds } from '../incidents/incident-room.ts';
import { needsOf } from '../runbooks/desk/needs.ts';
import { summaryOfRun } from '../runbooks/desk/summary.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import { createHealthRepository } from '../store/health-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { createRestoreRepository } from '../store/restore-repository.ts';
import { createWalkthroughRepository } from '../store/walkthrough-repository.ts';
import { compareCards, compareNeeds } from './urgency.ts';

/** What came of a step is told by its walkthrough, which says what can be done about it too. */
const ofWalkthrough: ReadonlySet<Operation['kind']> = new Set(['runbook.step', 'runbook.look']);

/** How well databases are backed up is said by needs of their own, for each of them. */
const backupCheck = 'last-backup';

/** What these found of a machine or a database that is not reached is said by a need of its own. */
const wayChecks: ReadonlySet<string> = new Set(['host-connection', 'connectivity']);

const noCounts = () => Object.fromEntries(healthStates.map((state) => [state, 0])) as Record<HealthState, number>;

function countsText(counts: Record<HealthState, number>): string {
  const parts = (['critical', 'warn', 'unknown'] as const).filter((state) => counts[state] > 0).map((state) => `${counts[state]} ${state}`);
  return parts.length > 0 ? parts.join(', ') : `All ${counts.ok} ok`;
}

const numbers = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];
const inWords = (count: number) => numbers[count] ?? String(count);

function headlineOf(cards: SystemCard[]): string {
  const count = (state: HealthState) => cards.filter((card) => card.state === state).length;
  const parts: string[] = [];
  const say = (state: HealthState, singular: string, plural: string) => {
    const many = count(state);
    if (many > 0) parts.push(`${many === 1 ? 'one system' : `${inWords(many).toLowerCase()} systems`} ${many === 1 ? singular : plural}`);
  };
  say('critical', 'is critical', 'are critical');
  say('unknown', 'is unknown', 'are unknown');
  say('warn', 'has warnings', 'have warnings');
  if (parts.length === 0) return cards.length === 0 ? 'No systems yet' : cards.length === 1 ? 'The system is well' : `All ${inWords(cards.length).toLowerCase()} systems are well`;
  const sentence = parts.join(', ');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** @param dump what lies on a host of it: its dump goes on there, or is finished; null where none is */
function operationNeed(operation: Operation, dump: Pick<UnfinishedDump, 'host' | 'hopeless'> | null): Need | null {
  const about = { systemId: operation.systemId, systemName: operation.systemName, environment: operation.environment, more: 0 };
  const open = (label: string) => ({ label, kind: 'open-operation' as const, id: operation.id });
  if (operation.state === 'waiting') return { state: 'warn', text: `${operation.title} waits for you`, ...about, since: operation.startedAt, action: open('Continue') };
  if (operation.acknowledged) return null;
  if (operation.state === 'failed') return { state: 'critical', text: `${operation.title} failed: ${operation.error?.message ?? operation.summary ?? ''}`.trim(), ...about, since: operation.endedAt, action: open('See what failed') };
  if (operation.state === 'interrupted' && dump !== null) return { state: 'unknown', text: `${operation.title} was interrupted, and its dump is on ${dump.host}`, ...about, since: operation.endedAt, action: open(dump.hopeless === null ? 'Continue' : 'See what to do') };
  if (operation.state === 'interrupted') return { state: 'unknown', text: `${operation.title} was interrupted`, ...about, since: operation.endedAt, action: open('See what to do') };
  return null;
}

/** What is said of a host does not name it: beside others it has to be told which one it is. */
const toldOf = ({ hostId, target, summary }: HealthResult): string => (hostId === null ? summary : `${target}: ${summary}`);

/** The machine that keeps a database from being reached, where it is the way that fails and not the database at its end. */
function stopOf({ connection, lastError }: Database, hosts: readonly Host[]): Host | null {
  return lastError?.code.startsWith('ssh.') === true ? failingOn(wayTo(hosts, connection.viaId)) : null;
}

/** What keeps one from a machine of a system, or from one that its databases are behind. */
interface Stopped {
  id: string;
  stop: Host;
  error: ErrorShape;
}

function stoppedOf(system: System, all: readonly Host[]): Stopped[] {
  const needed = new Set([...all.filter(({ systemId }) => systemId === system.id).map(({ id }) => id), ...system.databases.map(({ connection }) => connection.viaId)]);
  return [...needed].flatMap((id): Stopped[] => {
    const stop = failingOn(wayTo(all, id));
    return id === null || stop === null || stop.lastError === null ? [] : [{ id, stop, error: stop.lastError }];
  });
}

/** Names that stand before what is wrong, and those that stand behind it, where a row may be cut. */
const fewest = 3;
const most = 20;

/** "14 hosts are not reached (web-1, web-2, web-3 and 11 more), each by the same: … All of them: …" */
function severalWords(names: readonly string[], why: string): string {
  const said = `${inWords(names.length)} hosts are not reached (${fewNames(names, fewest)}), each by the same: ${why}`;
  return names.length > fewest ? `${said} All of them: ${fewNames(names, most)}.` : said;
}

/** When the last of these machines was reached; null where one never was. */
function seenLast(machines: readonly Host[]): string | null {
  const seen = machines.map(({ lastSeenAt }) => lastSeenAt).filter((at) => at !== null);
  return seen.length < machines.length ? null : (seen.toSorted().at(-1) ?? null);
}

/** Somebody may stand in between: that is more than not to know. */
const stateOfStop = ({ error }: Stopped): HealthState => (error.code === 'ssh.host-key-changed' || error.code === 'ssh.host-key-revoked' ? 'critical' : 'unknown');

export function createOverview(context: EngineContext): { read(): MethodOutput<'overview.get'>; card(system: System): SystemCard } {
  const { ports, systems, operations } = context;
  const latestHealth = createLatestHealth(context, createHealthRepository(context.store));
  const backups = createBackupRepository(context.store);
  const inUse = createSystemInUse(context.store);
  const restores = createRestoreRepository(context.store);
  const hosts = createHostRepository(context.store);
  const walkthroughs = createWalkthroughRepository(context.store);
  const calendarNeeds = createCalendarNeeds(context);

  /** What health found that is not well, the worst first. */
  const troubles = (system: System): HealthResult[] =>
    (latestHealth(system)?.results ?? []).filter(({ status }) => status === 'critical' || status === 'warn' || status === 'unknown').sort((a, b) => compareHealth(a.status, b.status));

  /** What keeps one from a machine, without naming it once more where that is the one that stands before it. */
  const trouble = ({ stop, error }: Stopped): string => (machineNamed(error, stop, hosts)?.id === stop.id ? withoutMachine(error.message, machineOf(error)) : error.message);

  const card = (system: System): SystemCard => {
    const shown = latestHealth(system);
    const latest = shown?.run ?? null;
    const counts = latest?.counts ?? noCounts();
    const unreachable = system.databases.filter((database) => database.lastError !== null);
    const stopped = stoppedOf(system, hosts.list());
    const [worstResult] = troubles(system);
    const [worstStop] = stopped.toSorted((a, b) => compareHealth(stateOfStop(a), stateOfStop(b)));
    const state = worstHealth([latest?.status ?? 'unknown', ...unreachable.map(() => 'unknown' as const), ...stopped.map(stateOfStop)]);
    const notReached = unreachable[0]?.lastError?.message ?? (worstStop === undefined ? null : `${worstStop.stop.label}: ${trouble(worstStop)}`);
    const copy = (backup: ReturnType<typeof backups.newest>) => (backup === null ? null : { id: backup.id, database: backup.database, takenAt: backup.takenAt, proof: backup.proof });
    const { databases, policy: _policy, ...rest } = system;
    return {
      system: rest,
      databases: databases.length,
      state,
      stateText: notReached !== null ? 'Not reached' : latest === null ? (databases.length === 0 && hosts.list(system.id).length === 0 ? 'No database yet' : 'Never checked') : countsText(counts),
      worst: notReached ?? (worstResult === undefined ? null : toldOf(worstResult)),
      counts,
      checkedAt: latest?.startedAt ?? null,
      newestBackup: copy(backups.newest(system.id)),
      newestProven: copy(backups.newestProven(system.id)),
    };
  };

  const backupNeeds = (system: System): Need[] => {
    const about = { systemId: system.id, systemName: system.name, environment: system.environment, more: 0 };
    const limits = inUse(system).policy.backupAgeHours;
    return system.databases.flatMap((database): Need[] => {
      const newest = backups.newestOf(database.id);
      const proven = backups.newestProvenOf(database.id);
      const { state, because, provenHours } = backupStanding({ newest, newestProven: proven }, limits, ports.clock.now());
      if (newest === null) return [{ state: 'critical', text: `${database.label} has no backup`, ...about, since: null, action: { label: 'Back up', kind: 'back-up', id: database.id } }];
      if (newest.damaged !== null) return [{ state: 'critical', text: `The newest backup of ${database.label} is damaged: ${newest.damaged}`, ...about, since: newest.takenAt, action: { label: 'Open backups', kind: 'open-backups', id: newest.id } }];
      if (proven === null) return [{ state: 'critical', text: `No backup of ${database.label} was ever restored and counted`, ...about, since: newest.takenAt, action: { label: 'Prove newest', kind: 'prove-backup', id: newest.id } }];
      if (because === 'ahead') return [{ state, text: `How old the newest proven backup of ${database.label} is, nobody knows: it is dated ahead of this computer's clock`, ...about, since: null, action: { label: 'Open backups', kind: 'open-backups', id: proven.id } }];
      if (state !== 'ok' && provenHours !== null) {
        const newer = newest.id !== proven.id;
        return [{ state, text: `Newest proven backup of ${database.label} is ${Math.floor(provenHours)} h old, limit ${limits.warn} h`, ...about, since: proven.takenAt, action: newer ? { label: 'Prove newest', kind: 'prove-backup', id: newest.id } : { label: 'Back up', kind: 'back-up', id: database.id } }];
      }
      return [];
    });
  };

  /** One machine that is away keeps many others from being reached, and what is behind them: it is said once. So is what keeps one from several machines alike. */
  const hostNeeds = (system: System, all: readonly Host[]): Need[] => {
    const behindOf = (machines: ReadonlySet<string>): number => system.databases.filter((database) => machines.has(stopOf(database, all)?.id ?? '')).length;
    const troubled = [...Map.groupBy(stoppedOf(system, all), ({ stop: { id }, error }) => JSON.stringify([error.code, error.details['hop'] ?? id])).values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const machines = new Set(group.flatMap((each) => [each.id, each.stop.id]));
      return [{ first, words: trouble(first), more: machines.size - 1 + behindOf(machines) }];
    });
    const alike = Map.groupBy(troubled, ({ first: { error }, words }) => JSON.stringify([error.code, words]));
    return [...alike.values()].flatMap((group): Need[] => {
      const [only, ...others] = group;
      if (only === undefined) return [];
      const stops = group.map(({ first }) => first.stop).toSorted((a, b) => compareNames(a.label, b.label));
      const said =
        others.length === 0
          ? { text: `${only.first.stop.label} is not reached: ${only.words}`, action: { label: 'Test the way', kind: 'open-settings' as const, id: only.first.stop.id } }
          : { text: severalWords(stops.map(({ label }) => label), only.words), action: { label: 'Open hosts', kind: 'open-settings' as const, id: null } };
      return [{ state: stateOfStop(only.first), ...said, systemId: system.id, systemName: system.name, environment: system.environment, more: group.reduce((sum, { more }) => sum + more, 0), since: seenLast(stops) }];
    });
  };

  const systemNeeds = (system: System): Need[] => {
    const about = { systemId: system.id, systemName: system.name, environment: system.environment, more: 0 };
    const all = hosts.list();
    const needs: Need[] = system.databases
      .filter((database) => database.lastError !== null && stopOf(database, all) === null)
      .map((database) => ({ state: 'unknown', text: `${database.label} is not reached: ${database.lastError?.message ?? ''}`, ...about, since: database.lastSeenAt, action: { label: 'Test connection', kind: 'test-connection', id: database.id } }));
    needs.unshift(...hostNeeds(system, all));
    // Where one thing is not reached, much is unknown by that alone; what was found ill elsewhere is as ill as before.
    const isReached = needs.length === 0;
    const findings = troubles(system).filter(({ check, status }) => check !== backupCheck && (isReached || (status !== 'unknown' && !wayChecks.has(check))));
    const [worst] = findings;
    if (worst !== undefined) {
      const more = findings.filter(({ status }) => status === worst.status).length - 1;
      needs.push({ state: worst.status, text: toldOf(worst), ...about, more, since: worst.since, action: { label: 'Open health', kind: 'open-health', id: system.id } });
    }
    for (const open of restores.listOpen(system.id)) {
      if (open.state === 'beside') needs.push({ state: 'warn', text: `Restored copy ${open.into} stands beside ${open.identity.database}`, ...about, since: open.endedAt, action: { label: 'Continue restore', kind: 'open-restore', id: open.id } });
    }
    return [...needs, ...backupNeeds(system)];
  };

  return {
    card,
    read() {
      const now = ports.clock.now();
      const all = systems.list();
      const cards = all.map((system) => ({ system, card: card(system) }));
      const recent = operations.list({ active: false, limit: 200 });
      const active = operations.list({ active: true, limit: 50 });
      // However much went well since: a failure waits until somebody has read it.
      const unread = operations.list({ states: ['failed', 'interrupted'], acknowledged: false, limit: 200 }).filter(({ kind }) => !ofWalkthrough.has(kind));
      const dumps = listUnfinished(context);
      const dumpOf = ({ id }: Operation) => dumps.find(({ operationId, continuedBy }) => operationId === id || continuedBy === id) ?? null;
      const told = new Set(unread.map(({ id }) => id));
      // Read or not: it lies on a host as long as nobody goes on with it or gives it up.
      const lying = dumps.map(({ operationId, continuedBy }) => operations.find(continuedBy ?? operationId) ?? operations.find(operationId)).filter((operation) => operation !== null && !told.has(operation.id)).map((operation) => ({ ...(operation as Operation), acknowledged: false }));
      const needs = [...incidentNeeds(context), ...calendarNeeds(), ...[...active, ...unread, ...lying].map((operation) => operationNeed(operation, dumpOf(operation))).filter((need) => need !== null), ...needsOf(walkthroughs.list({ active: true, limit: 200 }).map((row) => summaryOfRun(row, context)), all), ...cards.flatMap((entry) => systemNeeds(entry.system))];
      const midnight = new Date(now);
      midnight.setHours(0, 0, 0, 0);
      const ordered = cards.map((entry) => entry.card).sort(compareCards);
      return {
        at: new Date(now).toISOString(),
        headline: headlineOf(ordered),
        needs: needs.sort(compareNeeds),
        systems: ordered,
        running: active,
        doneToday: recent.filter((operation) => operation.endedAt !== null && Date.parse(operation.endedAt) >= midnight.getTime() && operation.state.startsWith('succeeded')).slice(0, 20),
      };
    },
  };
}
