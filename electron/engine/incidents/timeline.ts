/** One timeline: what was done in the incident, and what happened in its system meanwhile and shortly before. */
import type { EngineClient } from '#shared/contract/index.ts';
import type { IncidentEntry } from '#shared/contract/incidents.ts';
import { procedureKinds, type Operation } from '#shared/contract/operations.ts';
import type { OperationState } from '#shared/domain/operation-state.ts';
import type { Incident, StoredIncidentEvent } from '#shared/domain/incident/incident.ts';
import type { EngineContext } from '../engine-context.ts';
import { summaryOfRun } from '../runbooks/desk/summary.ts';
import { runWords } from '../runbooks/export/index.ts';
import type { WalkthroughRepository } from '../store/walkthrough-repository.ts';
import { eventWords } from './event-words.ts';

/** How far back before it was declared. */
const beforeMs = 24 * 3_600_000;
const mostOperations = 200;
/** A script may ask for them each minute: they crowd nothing else out. */
const mostHealthChecks = 50;
const mostWalkthroughs = 50;
/** Of all entries; the newest are shown. */
const mostEntries = 400;

const tones: Readonly<Record<OperationState, IncidentEntry['tone']>> = { queued: 'running', running: 'running', waiting: 'running', cancelling: 'running', succeeded: 'ok', 'succeeded-with-warnings': 'warn', failed: 'critical', cancelled: 'skipped', interrupted: 'unknown' };
/** Told by their walkthrough, with what they were for. */
const ofWalkthrough: ReadonlySet<Operation['kind']> = new Set(['runbook.step', 'runbook.look']);
const others = procedureKinds.filter((kind) => kind !== 'health.check' && !ofWalkthrough.has(kind));
/** What of a walkthrough happened to a system, or was said by a person. */
const ofSteps: ReadonlySet<string> = new Set(['ended', 'skipped', 'passed', 'lost', 'decided', 'approved', 'reopened', 'rollback-started', 'ended-run']);

export interface TimelineSources {
  context: Pick<EngineContext, 'operations' | 'systems' | 'ports'>;
  walkthroughs: Pick<WalkthroughRepository, 'list' | 'row'>;
  ask: () => EngineClient;
}

function ofLog(incident: Incident, events: readonly StoredIncidentEvent[]): IncidentEntry[] {
  return events.map(({ seq, at, actor, event }) => {
    const last = incident.corrections.findLast(({ of }) => of === seq);
    const ids = event.kind === 'linked' ? { operationId: event.what === 'operation' ? event.id : null, walkthroughId: event.what === 'walkthrough' ? event.id : null } : { operationId: null, walkthroughId: null };
    return { key: `e${seq}`, at: event.kind === 'opened' ? event.declaredAt : at, kind: event.kind, seq, actor, ...eventWords(event), ...ids, linked: true, corrected: last === undefined ? null : { text: last.text, at: last.at, actor: last.actor } };
  });
}

const ofOperation = (operation: Operation, linked: boolean): IncidentEntry => ({
  key: `o${operation.id}`,
  at: operation.startedAt ?? operation.createdAt,
  group: operation.kind === 'health.check' ? 'health' : 'operation',
  kind: operation.kind,
  seq: null,
  title: operation.title,
  detail: operation.error?.message ?? operation.summary ?? operation.progressText ?? '',
  actor: operation.requestedBy,
  tone: tones[operation.state],
  operationId: operation.id,
  walkthroughId: null,
  linked,
  corrected: null,
});

function operationsOf({ context }: TimelineSources, incident: Incident, from: number, to: number): IncidentEntry[] {
  const linked = new Set(incident.links.filter(({ what }) => what === 'operation').map(({ id }) => id));
  const system = incident.system;
  const newest = (kinds: Operation['kind'][], limit: number): Operation[] => (system === null ? [] : context.operations.list({ systemId: system.id, kinds, before: to + 1, limit }));
  // What still runs happens now, however long ago it was begun.
  const around = [...newest(others, mostOperations), ...newest(['health.check'], mostHealthChecks)].filter(({ endedAt }) => endedAt === null || Date.parse(endedAt) >= from);
  // Whoever linked one of elsewhere sees it here too; old ones age out of history.
  const elsewhere = [...linked].flatMap((id) => (around.some((each) => each.id === id) ? [] : (context.operations.find(id) ?? [])));
  return [...around, ...elsewhere].map((operation) => ofOperation(operation, linked.has(operation.id)));
}

async function walkthroughsOf({ context, walkthroughs, ask }: TimelineSources, incident: Incident, from: number, to: number): Promise<IncidentEntry[]> {
  const linked = new Set(incident.links.filter(({ what }) => what === 'walkthrough').map(({ id }) => id));
  const around = incident.system === null ? [] : walkthroughs.list({ systemId: incident.system.id, before: to + 1, topLevel: true, limit: mostWalkthroughs }).filter(({ startedAt, endedAt }) => (endedAt ?? startedAt) >= from);
  const rows = [...around, ...[...linked].flatMap((id) => (around.some((each) => each.id === id) ? [] : [walkthroughs.row(id)]))].map((row) => summaryOfRun(row, context));
  const entries = await Promise.all(
    rows.map(async (run): Promise<IncidentEntry[]> => {
      const isLinked = linked.has(run.id);
      const about = { seq: null, operationId: null, walkthroughId: run.id, linked: isLinked, corrected: null };
      const begun: IncidentEntry = { ...about, key: `w${run.id}`, at: run.startedAt, group: 'step', kind: 'walkthrough', title: run.title, detail: run.stateText, actor: run.operator, tone: runWords[run.state].tone };
      if (!isLinked) return [begun];
      const { entries: steps } = await ask().call('walkthrough.timeline', { walkthroughId: run.id });
      return [begun, ...steps.filter(({ kind, at }) => ofSteps.has(kind) && Date.parse(at) >= from && Date.parse(at) <= to).map((step): IncidentEntry => ({ ...about, key: `s${run.id}:${step.seq}`, at: step.at, group: 'step', kind: step.kind, title: run.title, detail: step.text, actor: step.actor, tone: step.kind === 'lost' ? 'unknown' : 'plain' }))];
    }),
  );
  return entries.flat();
}

/** The newest first. */
export async function timelineOf(sources: TimelineSources, incident: Incident, events: readonly StoredIncidentEvent[]): Promise<{ entries: IncidentEntry[]; leftOut: number }> {
  const from = Date.parse(incident.declaredAt) - beforeMs;
  const to = incident.endedAt === null ? sources.context.ports.clock.now() : Date.parse(incident.endedAt);
  const all = [...ofLog(incident, events), ...operationsOf(sources, incident, from, to), ...(await walkthroughsOf(sources, incident, from, to))];
  const place = new Map(all.map(({ key }, index) => [key, index]));
  // Of the same moment, what was written down later is shown as newer.
  const ordered = all.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at) || (place.get(b.key) ?? 0) - (place.get(a.key) ?? 0));
  return { entries: ordered.slice(0, mostEntries), leftOut: Math.max(0, ordered.length - mostEntries) };
}
