/** Looks at one server: every check, of the server itself, of the managed databases on it, and of the others. */
import type { Database, System } from '#shared/contract/systems.ts';
import { hasCode, isPilothouseError, toErrorShape, type ErrorShape } from '#shared/domain/errors.ts';
import { databaseLayerWords, layerStateWords, tunnelWord } from '#shared/domain/layer-words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { RunningOperation } from '../operations/procedure.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import type { HealthRepository, HealthSample, NewHealthResult } from '../store/health-repository.ts';
import { createHostRepository } from '../store/host-repository.ts';
import { createRestoreRepository, type CopyMadeHere } from '../store/restore-repository.ts';
import { createScratchRepository } from '../store/scratch-repository.ts';
import { ask, type AskLimits, type Prepared } from './ask.ts';
import type { Coverage, Finding, PostgresCheck } from './check.ts';
import { open, sharpest, subjectOf, type Opened, type Server } from './databases.ts';
import { evidence, text, unknown } from './findings.ts';
import { lookWithoutServer } from './latest.ts';
import { limitsOf } from './limits.ts';
import { isOurSide, missingWords, notAsked } from './our-side.ts';
import { notAskedOfStopped, stopped } from './practice-stopped.ts';
import { resultOf, type Subject } from './results.ts';
import { behindUnreached, toldOf, type Unreached } from './unreached-hosts.ts';
import { endBeforeDatabase, machineOf } from './way-evidence.ts';

export interface LookOptions {
  limits: AskLimits;
  /** Whether this database is on the practice server, and that is stopped. */
  isStopped(database: Database): Promise<boolean>;
}

export interface ServerLook extends LookOptions {
  context: EngineContext;
  operation: RunningOperation;
  repository: HealthRepository;
  system: System;
  server: Server;
  checks: readonly PostgresCheck[];
  /** Hosts that were not reached in the same run. */
  away: readonly Unreached[];
  /** Told of each question before it is asked, with how many more of this server are known of. */
  onAsk(check: string, target: string, left: number): void;
}

export interface ServerResults {
  results: NewHealthResult[];
  samples: HealthSample[];
}

/** Other databases of one server that are looked into at most. */
const mostOthers = 50;

interface Reached {
  database: Database;
  opened: Opened;
}

/** What is not known since our own side is shut: of the database, or of a host on the way to it. */
function shutOut(database: Database, error: ErrorShape): Finding {
  const missing = missingWords(error);
  const machine = machineOf(error);
  if (error.code === 'postgres.password-needed') {
    const isTyped = database.connection.password.source === 'ask';
    return notAsked(error, isTyped && missing !== null ? missing : error.message, isTyped);
  }
  if (missing === null) return notAsked(error, error.message, false);
  return notAsked(error, machine === null ? missing : `${machine} is on the way to it, and ${missing}`, true);
}

/** The layers of the database itself. What ended on the way to it is known already, and is not tried once more. */
async function layersOf(look: ServerLook, database: Database, error: ErrorShape): Promise<Finding['evidence']> {
  if (error.code.startsWith('ssh.')) return endBeforeDatabase(error);
  const { layers } = await look.context.postgres.testConnection(look.context.targetOf(database.id));
  const nameOf = ({ layer }: (typeof layers)[number]): string => (layer === 'network' && database.connection.viaId !== null ? tunnelWord : databaseLayerWords[layer]);
  return evidence(layers, { layer: nameOf, state: (row) => layerStateWords[row.state], detail: (row) => row.detail, ms: (row) => row.durationMs });
}

async function unreachable(look: ServerLook, database: Database, error: ErrorShape): Promise<Finding> {
  return {
    status: 'critical',
    value: null,
    summary: error.message,
    meaning: 'Nobody can say how it is in there, and what works with it may stand still.',
    causes: error.hint === undefined ? [] : [error.hint],
    evidence: await layersOf(look, database, error),
  };
}

/** What is on this cluster by our own doing, for whatever system: sick in the same way as what it was made of. */
function copiesIn({ store }: EngineContext, cluster: string): CopyMadeHere[] {
  const scratches = createScratchRepository(store).list().filter(({ systemIdentifier }) => systemIdentifier === cluster);
  return [...scratches.map(({ name, purpose }) => ({ name, oid: null, why: purpose === 'proof' ? 'Pilothouse made it to prove a backup, and drops it' : 'Pilothouse is restoring into it' })), ...createRestoreRepository(store).copiesIn(cluster)];
}

/**
 * @returns a result for every check of every subject: what could not be asked is unknown, never missing
 * @throws operation.cancelled
 */
export async function lookAtServer(look: ServerLook): Promise<ServerResults> {
  const { context, operation, repository, system, server, checks, limits } = look;
  const clock = () => context.ports.clock.now();
  const results: NewHealthResult[] = [];
  const samples: HealthSample[] = [];
  const covered = new Map<string, Coverage>();
  const reached: Reached[] = [];
  let notListed: string | null = null;
  let shut: Finding | null = null;
  const backups = createBackupRepository(context.store);
  /** Known once somebody has said which cluster this is. */
  let copies: readonly CopyMadeHere[] = [];

  const clusterSubject = (databaseId: string | null): Subject => ({ targetKey: `server:${server.address}`, target: server.address, databaseId });
  const backupsOf = (database: Database) => ({ newest: backups.newestOf(database.id), newestProven: backups.newestProvenOf(database.id) });
  const say = (check: PostgresCheck, subject: Subject, finding: Finding, durationMs = 0): void => {
    results.push(context.scrubber.scrub(resultOf(check, finding, subject, limitsOf(check, system.policy), durationMs)));
  };

  const prepare = (check: PostgresCheck, opened: Opened, subject: Subject, database: Database | null): Prepared => {
    const sample = check.counters === undefined ? null : repository.sample(check.about.id, subject.targetKey);
    return {
      server: opened.session.server,
      target: subject.target,
      facts: opened.facts,
      sees: opened.sees,
      ...limitsOf(check, system.policy),
      now: clock(),
      previous: sample === null ? null : { at: sample.at, values: sample.values },
      connectMs: opened.connectMs,
      covered,
      ours: new Set(copies.map(({ name }) => name)),
      notListed,
      backups: database === null ? { newest: null, newestProven: null } : backupsOf(database),
    };
  };

  /** Asks these checks one after the other; once the session is gone, the rest is unknown. */
  const askAll = async (these: readonly PostgresCheck[], opened: Opened, subject: Subject, database: Database | null): Promise<void> => {
    let lost: Finding | null = null;
    for (const [index, check] of these.entries()) {
      operation.throwIfCancelled();
      look.onAsk(check.about.id, subject.target, these.length - index);
      const prepared = prepare(check, opened, subject, database);
      if (lost !== null && check.statement !== null) {
        say(check, subject, lost);
        continue;
      }
      const answer = await ask(check, opened.session, prepared, limits, clock);
      if (answer.sessionLost) lost = unknown('The connection was lost before this was asked', 'Check again; if it is lost again, see connectivity and the server\'s log.');
      say(check, subject, answer.finding, answer.durationMs);
      const keep = check.counters?.keepMs ?? 0;
      if (answer.counters !== null && (prepared.previous === null || answer.finding.status === 'unknown' || prepared.now - prepared.previous.at >= keep || prepared.now < prepared.previous.at)) {
        samples.push({ check: check.about.id, targetKey: subject.targetKey, at: prepared.now, values: answer.counters });
      }
    }
  };

  const connectTo = async (database: Database): Promise<void> => {
    const subject = subjectOf(database, context.addressOf);
    try {
      const opened = await open(context, operation, context.targetOf(database.id), limits);
      reached.push({ database, opened });
      covered.set(opened.session.server.database, { state: 'looked' });
      const { systemIdentifier, version, versionNum } = opened.session.server;
      context.systems.recordSighting(database.id, { systemIdentifier, serverVersion: version, serverVersionNum: versionNum, sizeBytes: opened.sizeBytes }, clock());
    } catch (error) {
      if (hasCode(error, 'operation.cancelled')) throw error;
      const shape = context.scrubber.scrub(toErrorShape(error, '')); // It is kept, and a server may repeat what it was told.
      operation.log('error', `${subject.target}: ${shape.message}`);
      covered.set(database.connection.database, { state: 'missed', why: shape.message });
      // What a host on the way lacks keeps the database from being reached as well.
      if (!isOurSide(shape) || shape.code.startsWith('ssh.')) context.systems.recordFailure(database.id, shape);
      if (isOurSide(shape)) shut = shutOut(database, shape);
      const isStopped = !isOurSide(shape) && (await look.isStopped(database));
      const machine = isStopped || isOurSide(shape) ? null : toldOf(shape, database.connection.viaId, look.away, createHostRepository(context.store));
      const behind = machine === null ? null : behindUnreached(machine);
      const closed = isOurSide(shape) ? shutOut(database, shape) : isStopped ? stopped : behind === null ? await unreachable(look, database, shape) : { ...behind, evidence: endBeforeDatabase(shape) };
      const why = isOurSide(shape) ? closed : isStopped ? notAskedOfStopped : (behind ?? unknown('Not asked: the database could not be reached', shape.hint ?? null));
      if (isStopped || behind !== null) shut = why;
      for (const check of checks.filter((one) => one.scope !== 'cluster')) {
        if (check.about.id === 'connectivity') say(check, subject, closed);
        else if (check.statement === null) say(check, subject, check.judge([], lookWithoutServer(check, system, database, clock(), backupsOf(database), context.addressOf)));
        else say(check, subject, why);
      }
    }
  };

  /** Databases that nobody manages here: looked into one after the other, and only from inside. */
  const lookIntoOthers = async (through: Reached): Promise<void> => {
    const inside = checks.filter((check) => check.scope === 'database');
    if (inside.length === 0 && !checks.some((check) => check.about.id === 'database-coverage')) return;
    const { rows } = await through.opened.session.readOnly("SELECT datname, datistemplate, oid::text AS oid FROM pg_database WHERE datallowconn AND has_database_privilege(oid, 'CONNECT') ORDER BY pg_database_size(oid) DESC", limits);
    const left = rows.filter((row) => !covered.has(text(row.datname)));
    for (const row of left) {
      const name = text(row.datname);
      if (row.datistemplate === true) covered.set(name, { state: 'aside', why: 'it is a template: while somebody is connected to it no database can be made' });
      const copy = copies.find((made) => made.name === name && (made.oid === null || made.oid === text(row.oid)));
      if (copy !== undefined) covered.set(name, { state: 'copy', why: copy.why });
    }
    const others = left.map((row) => text(row.datname)).filter((name) => !covered.has(name));
    for (const [index, name] of others.entries()) {
      operation.throwIfCancelled();
      if (index >= mostOthers) {
        covered.set(name, { state: 'missed', why: `only the ${mostOthers} largest databases beside the managed ones are looked into` });
        continue;
      }
      const subject: Subject = { targetKey: `other:${server.address}/${name}`, target: `${name} on ${server.address}`, databaseId: null };
      let opened: Opened;
      try {
        opened = await open(context, operation, { ...context.targetOf(through.database.id), label: subject.target }, limits, name);
      } catch (error) {
        if (hasCode(error, 'operation.cancelled')) throw error;
        covered.set(name, { state: 'missed', why: toErrorShape(error, '').message });
        continue;
      }
      try {
        covered.set(name, { state: 'looked' });
        await askAll(inside, opened, subject, null);
      } finally {
        await opened.session.close();
      }
    }
  };

  try {
    for (const database of server.databases) await connectTo(database);
    const last = checks.filter((check) => check.about.id === 'database-coverage');
    const ofServer = checks.filter((check) => check.scope === 'cluster' && !last.includes(check));
    const cluster = reached.map(({ database, opened }) => opened.session.server.systemIdentifier ?? database.systemIdentifier).find((identifier) => identifier !== null);
    if (cluster !== undefined) copies = copiesIn(context, cluster);
    const best = sharpest(reached);
    if (best === null) {
      const why = shut ?? unknown('Not asked: no database of this server could be reached', 'See connectivity.');
      for (const check of [...ofServer, ...last]) say(check, clusterSubject(server.databases[0]?.id ?? null), why);
      return { results, samples };
    }
    const subject = clusterSubject(best.database.id);
    await askAll(ofServer, best.opened, subject, best.database);
    for (const { database, opened } of reached) await askAll(checks.filter((check) => check.scope !== 'cluster'), opened, subjectOf(database, context.addressOf), database);
    try {
      await lookIntoOthers(best);
    } catch (error) {
      if (hasCode(error, 'operation.cancelled') || !isPilothouseError(error)) throw error;
      notListed = `the databases could not be listed: ${error.message}`;
      operation.log('warn', `The other databases of ${server.address} were not looked into: ${error.message}`);
    }
    await askAll(last, best.opened, subject, best.database);
    return { results, samples };
  } finally {
    await Promise.all(reached.map(({ opened }) => opened.session.close()));
  }
}
