/** What the procedures of the practice room share. */
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PlanFinding } from '#shared/contract/operations.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import type { PlanDraft } from '../operations/procedure.ts';
import { databaseName } from './configuration.ts';
import { createPracticeHost, isWanted, type PracticeHost } from './host/practice-host.ts';
import { createHostRegistration, type HostRegistration } from './host/registration.ts';
import { placeOf, type PracticePlace } from './place.ts';
import { practiceMajor } from './programs.ts';
import { createRegistration, type Registered, type Registration } from './registration.ts';
import type { Standing } from './standing.ts';

export interface PracticeParts {
  context: EngineContext;
  registration: Registration;
  host: PracticeHost;
  hostRegistration: HostRegistration;
  /** @throws practice.unsupported */
  place(): PracticePlace;
}

/** What a plan was made for. It runs only while that is still so. */
export interface PracticeDetails {
  from: Standing['state'];
  /** Of the cluster that stood then, or null. */
  systemIdentifier: string | null;
}

export function createParts(context: EngineContext): PracticeParts {
  const hostRegistration = createHostRegistration(context);
  return {
    context,
    registration: createRegistration(context),
    host: createPracticeHost(context, hostRegistration.isTaken),
    hostRegistration,
    place: () => placeOf(context.home, { uid: process.getuid?.() ?? null, accounts: () => readFileSync('/etc/passwd', 'utf8') }),
  };
}

/**
 * Lets the SSH host answer where it was made and the practice server runs, and not where that is over. The console
 * learns where it answers, if it knows the host.
 * @throws practice.start-failed, what listening throws
 */
export async function followServer({ host, hostRegistration }: PracticeParts, place: PracticePlace): Promise<void> {
  if (await isWanted(place)) hostRegistration.refresh(place, await host.start(place));
  else await host.stop();
}

/** Room for a cluster, what a proof and a restore make beside it, and its log. */
const neededBytes = 700 * 1024 * 1024;

/** Whether the disk has room to build, as a finding; nothing where it has. */
export function spaceFindings(place: PracticePlace): PlanFinding[] {
  let folder = dirname(place.folder);
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= neededBytes) return [];
  return [{ state: 'critical', title: `Only ${Math.floor((bavail * bsize) / 1024 ** 2)} MiB are free in ${folder}`, detail: `The practice system, its proofs and restores need ${neededBytes / 1024 ** 2} MiB.`, fix: 'Free some space, then plan it again.' }];
}

/** Whether this computer could back the practice server up, as a finding; nothing where it could. */
export async function toolFindings(context: EngineContext): Promise<PlanFinding[]> {
  const [newest] = await context.postgres.findTools('pg_dump');
  if (newest !== undefined && newest.major >= practiceMajor) return [];
  return [
    {
      state: 'warn',
      title: newest === undefined ? 'pg_dump was not found: there will be no backup of the practice system' : `The newest pg_dump here is ${newest.version}: it cannot back up a server of major ${practiceMajor}`,
      detail: `Starting and checking work without it. Backing up needs pg_dump ${practiceMajor} or newer.`,
      fix: `Install the PostgreSQL ${practiceMajor} client tools (Debian: apt-get install postgresql-client; Homebrew: brew install libpq), then look again.`,
    },
  ];
}

/** Work under way on the practice system that this would cut off. @throws operation.busy */
export function throwIfBusy(context: EngineContext, registered: Registered | null, own: string | null): void {
  const busy = busyOperations(context, registered).find(({ id }) => id !== own);
  if (busy !== undefined) throw new PilothouseError('operation.busy', `"${busy.title}" is under way on the practice system.`, { hint: 'Wait until it is finished, or cancel it; then plan again.', retryable: true, details: { operationId: busy.id } });
}

export function busyFindings(context: EngineContext, registered: Registered | null): PlanFinding[] {
  return busyOperations(context, registered).map(({ title }) => ({ state: 'critical', title: `"${title}" is under way`, detail: 'It would be cut off.', fix: 'Wait until it is finished, or cancel it; then plan again.' }));
}

function busyOperations(context: EngineContext, registered: Registered | null) {
  return registered === null ? [] : context.operations.list({ systemId: registered.system.id, active: true, limit: 100 });
}

/** @throws operation.plan-changed where something else stands than when the plan was made */
export function throwIfChanged(details: PracticeDetails, standing: Standing): void {
  if (standing.state === details.from && (standing.built?.systemIdentifier ?? null) === details.systemIdentifier) return;
  throw new PilothouseError('operation.plan-changed', `The practice system is not as it was when this was planned: then ${details.from}, now ${standing.state}.`, { hint: 'Plan it again.', retryable: true });
}

/** The parts of a plan that are the same for all three. */
export function draftFor(registered: Registered | null, standing: Standing, place: PracticePlace): Pick<PlanDraft<PracticeDetails>, 'system' | 'target' | 'targets' | 'exclusive' | 'details'> {
  const label = standing.server === null ? `the practice system in ${place.folder}` : `${databaseName} on 127.0.0.1:${standing.server.port}`;
  const databaseId = registered?.database.id ?? null;
  const systemIdentifier = standing.built?.systemIdentifier ?? null;
  return {
    system: registered === null ? null : registered.system,
    target: label,
    targets: [{ label, databaseId, identity: systemIdentifier === null ? null : { systemIdentifier, database: databaseName } }],
    exclusive: ['practice', ...(databaseId === null ? [] : [`database:${databaseId}`, `beside:${databaseId}`])],
    details: { from: standing.state, systemIdentifier },
  };
}
