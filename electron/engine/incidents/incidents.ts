/** Incidents as they stand: folded from their events, and gone on with by new ones. The one writer of their log. */
import { clocksOf, deadlinesOf, passedAtOnce, wasTold } from '#shared/domain/incident/clocks.ts';
import { decide, type Deed } from '#shared/domain/incident/decide.ts';
import { evolve, fold } from '#shared/domain/incident/evolve.ts';
import { actorOf, engineActor, type Incident, type IncidentEvent, type StoredIncidentEvent } from '#shared/domain/incident/incident.ts';
import type { Scrubber } from '#shared/domain/scrub.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { EngineContext } from '../engine-context.ts';
import { createIncidentRepository, requireIncident, type DeadlineRow, type IncidentRepository } from '../store/incident-repository.ts';

export interface Incidents {
  readonly repository: IncidentRepository;
  /** @throws store.not-found */
  get(incidentId: string): Incident;
  /** The incident that this command has opened stands for a second one. @param make its first event, by its number */
  open(command: { commandId: string; actor: string }, make: (number: number) => Extract<IncidentEvent, { kind: 'opened' }>): Incident;
  /**
   * What a person did. Stale is what was made without knowing what another person did; that a clock ran out meanwhile is no reason.
   * @throws incident.not-now; store.*
   */
  act(incidentId: string, command: { expectedSeq: number; commandId: string; actor: string }, make: (incident: Incident) => Deed): { outcome: 'done' | 'duplicate' | 'stale'; incident: Incident };
  /** That a deadline passed, by the engine. It is not among those that are due afterwards. */
  tell(incidentId: string, event: Extract<IncidentEvent, { kind: 'clock-passed' }>): void;
  /** Told before anything is done to an incident, so that what passed by then is not laid to it. */
  onBefore(look: (incidentId: string) => void): void;
}

/** Folded states that are kept at hand. */
const mostAtHand = 64;
/** People are told so long before a deadline, or a quarter of the clock where that is shorter. */
const soonMs = 5 * 60_000;

/** Fields that things are told apart by: nothing in them was typed as words. */
const ofNoWords = ['kind', 'severity', 'clock', 'as', 'dueAt', 'declaredAt', 'role', 'contact', 'tier', 'channel', 'what', 'id', 'seq', 'number'] as const;

/** What is kept of an event: without secrets. */
function clean(event: IncidentEvent, scrubber: Scrubber): IncidentEvent {
  const kept = Object.fromEntries(Object.entries(event).filter(([name]) => (ofNoWords as readonly string[]).includes(name)));
  return { ...scrubber.scrub(event), ...kept };
}

/** What is to be told of an incident by itself: that a clock runs out, and a while before. */
export function deadlineRows(incident: Incident): DeadlineRow[] {
  const limits = new Map(clocksOf(incident).map(({ name, limitMs }) => [name, limitMs ?? 0]));
  return deadlinesOf(incident).flatMap((each): DeadlineRow[] => {
    if (wasTold(incident, each)) return [];
    const due = Date.parse(each.dueAt);
    const soon = due - Math.min(soonMs, (limits.get(each.clock) ?? 0) / 4);
    return [{ clock: each.clock, kind: 'due', at: due }, ...(soon > Date.parse(incident.lastAt) ? [{ clock: each.clock, kind: 'soon' as const, at: Math.round(soon) }] : [])];
  });
}

export const foldStored = (incidentId: string, events: readonly StoredIncidentEvent[]): Incident | null => fold(events.map(({ seq, at, actor, event }) => ({ id: incidentId, seq, at, actor, event })));

export function createIncidents(context: Pick<EngineContext, 'ports' | 'changes' | 'scrubber' | 'store'>): Incidents {
  const { ports, changes, scrubber, store } = context;
  const repository = createIncidentRepository(store);
  const atHand = new Map<string, Incident>();
  let before: (incidentId: string) => void = () => {};

  const keep = (incident: Incident): Incident => {
    atHand.delete(incident.id);
    atHand.set(incident.id, incident);
    for (const id of atHand.keys()) {
      if (atHand.size <= mostAtHand) break;
      atHand.delete(id);
    }
    return incident;
  };

  const get = (incidentId: string): Incident => atHand.get(incidentId) ?? keep(requireIncident(foldStored(incidentId, repository.load(incidentId)), incidentId));

  /** Adds these events, and that clocks have run out by them, in one transaction. @param follows whether it is looked for such clocks */
  const append = (incidentId: string, incident: Incident | null, events: readonly IncidentEvent[], command: { commandId: string; actor: string }, follows: boolean): { outcome: 'done' | 'duplicate' | 'stale'; incident: Incident } => {
    const at = new Date(ports.clock.now()).toISOString();
    const all: IncidentEvent[] = [];
    let state = incident;
    const take = (event: IncidentEvent): void => {
      all.push(event);
      state = evolve(state, { id: incidentId, seq: (state?.seq ?? 0) + 1, at, actor: actorOf(event, command.actor), event });
    };
    for (const event of events) take(clean(event, scrubber));
    if (follows && state !== null) for (const { clock, dueAt } of passedAtOnce(state)) take({ kind: 'clock-passed', clock, dueAt, as: 'at-once', why: 'It had passed by then.' });
    const after = requireIncident(state, incidentId);
    // Told at once, before anybody waits for it: a test kills the engine on either side of the commit.
    void ports.checkpoint?.('incident:append');
    const outcome = repository.append(incidentId, { commandId: command.commandId, actor: command.actor, expectedSeq: incident?.seq ?? 0, at, events: all, after, deadlines: deadlineRows(after) });
    void ports.checkpoint?.('incident:appended');
    if (outcome !== 'done') {
      atHand.delete(incidentId);
      return { outcome, incident: get(incidentId) };
    }
    changes.changed('incidents');
    return { outcome, incident: keep(after) };
  };

  return {
    repository,
    get,
    open(command, make) {
      const known = repository.openedBy(command.commandId);
      if (known !== null) return get(known);
      return store
        .transaction(() => append(ports.random.id(), null, [make(repository.nextNumber())], command, true).incident)
        .immediate();
    },
    act(incidentId, command, make) {
      before(incidentId);
      const incident = get(incidentId);
      if (repository.hasCommand(incidentId, command.commandId)) return { outcome: 'duplicate', incident };
      if (command.expectedSeq < incident.personSeq) return { outcome: 'stale', incident };
      if (command.expectedSeq > incident.seq) throw new PilothouseError('incident.changed', `INC-${incident.number} has ${incident.seq} entries, not ${command.expectedSeq}.`, { hint: 'Read it again.', retryable: true });
      return append(incidentId, incident, decide(incident, make(incident)), command, true);
    },
    tell(incidentId, event) {
      const { outcome } = append(incidentId, get(incidentId), [event], { commandId: ports.random.id(), actor: engineActor }, false);
      if (outcome !== 'done') throw new PilothouseError('internal', `The log of the incident ${incidentId} was written by somebody else.`);
    },
    onBefore: (look) => {
      before = look;
    },
  };
}
