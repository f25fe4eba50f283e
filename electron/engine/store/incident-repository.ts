import { PilothouseError } from '#shared/domain/errors.ts';
import { actorOf, type ClockName, type Incident, type IncidentEvent, type IncidentState, type StoredIncidentEvent } from '#shared/domain/incident/incident.ts';
import { createConditions } from './conditions.ts';
import type { Database } from './database.ts';
import { breakIn, canonicalJson, chainStart, hashOfEvent } from './event-chain.ts';

/** Events of one command, and what they lead to. */
export interface AppendedToIncident {
  /** The number of the last event that was known when they were made; 0: they begin an incident. */
  expectedSeq: number;
  commandId: string;
  actor: string;
  /** ISO. */
  at: string;
  events: readonly IncidentEvent[];
  /** The state after all of them. */
  after: Incident;
  /** What runs out if nobody does anything. */
  deadlines: readonly DeadlineRow[];
}

/** One clock of an incident, or the word that it runs out soon. */
export interface DeadlineRow {
  clock: ClockName;
  /** `soon`: people are told before. */
  kind: 'due' | 'soon';
  /** Milliseconds since the epoch. */
  at: number;
}

export interface DueRow extends DeadlineRow {
  incidentId: string;
}

export interface IncidentRow {
  id: string;
  number: number;
  systemId: string | null;
  title: string;
  severity: string;
  state: IncidentState;
  /** Milliseconds since the epoch. */
  declaredAt: number;
  endedAt: number | null;
  seq: number;
}

/** Incidents: their events, which only ever grow, and what is derived from them. Nothing here ages out. */
export interface IncidentRepository {
  /**
   * All of it in one transaction, or none. `duplicate`: a command of this id was kept already. `stale`: there are events
   * that were not known when these were made.
   */
  append(incidentId: string, appended: AppendedToIncident): 'done' | 'duplicate' | 'stale';
  hasCommand(incidentId: string, commandId: string): boolean;
  /** The incident that this command has opened; null: none. */
  openedBy(commandId: string): string | null;
  /** The number that the next one gets. */
  nextNumber(): number;
  /** In order; empty where there is no such incident. */
  load(incidentId: string): StoredIncidentEvent[];
  /** The first event that is not as it was written; null where all are. */
  verifyChain(incidentId: string): { seq: number; message: string } | null;
  /** Those that are open first, then the newest. `before` in milliseconds since the epoch. */
  list(filter: { systemId?: string | undefined; open?: boolean | undefined; before?: number | undefined; limit: number }): IncidentRow[];
  /** Deadlines that are due at `now`, in milliseconds since the epoch, the earliest first. */
  due(now: number): DueRow[];
  /** That one runs out soon is told once. */
  markTold(row: DueRow, as: 'told' | 'stale', at: number): void;
  /** Makes all that is derived anew. @param fold the state after these events, and its deadlines */
  rebuild(fold: (incidentId: string, events: readonly StoredIncidentEvent[]) => { after: Incident; deadlines: readonly DeadlineRow[] }): void;
}

interface EventRow {
  seq: number;
  at: number;
  actor: string;
  command_id: string;
  event_json: string;
  prev_hash: string;
  hash: string;
}

const toEvent = (row: EventRow): StoredIncidentEvent => ({ seq: row.seq, at: new Date(row.at).toISOString(), actor: row.actor, commandId: row.command_id, event: JSON.parse(row.event_json) as IncidentEvent, prevHash: row.prev_hash, hash: row.hash });

const columns = 'id, number, system_id AS systemId, title, severity, state, declared_at AS declaredAt, ended_at AS endedAt, last_seq AS seq';
const soon = ':soon';

export function createIncidentRepository(database: Database): IncidentRepository {
  const selectLast = database.prepare<[string], { seq: number; hash: string }>('SELECT seq, hash FROM incident_events WHERE incident_id = ? ORDER BY seq DESC LIMIT 1');
  const selectCommand = database.prepare<[string, string], number>('SELECT 1 FROM incident_events WHERE incident_id = ? AND command_id = ?').pluck();
  const selectOpenedBy = database.prepare<[string], string>('SELECT incident_id FROM incident_events WHERE command_id = ? AND seq = 1').pluck();
  const insertEvent = database.prepare('INSERT INTO incident_events (incident_id, seq, at, actor, command_id, kind, event_json, prev_hash, hash) VALUES (@incidentId, @seq, @atMs, @actor, @commandId, @kind, @json, @prevHash, @hash)');
  const selectEvents = database.prepare<[string], EventRow>('SELECT seq, at, actor, command_id, event_json, prev_hash, hash FROM incident_events WHERE incident_id = ? ORDER BY seq');
  const selectIds = database.prepare<[], string>('SELECT incident_id FROM incident_events WHERE seq = 1 ORDER BY id').pluck();
  const put = database.prepare(
    `INSERT INTO incidents (id, number, system_id, title, severity, state, declared_at, ended_at, last_seq) VALUES (@id, @number, @systemId, @title, @severity, @state, @declaredAt, @endedAt, @seq)
     ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, state = excluded.state, ended_at = excluded.ended_at, last_seq = excluded.last_seq`,
  );
  const disarm = database.prepare("DELETE FROM incident_deadlines WHERE incident_id = ? AND state = 'armed'");
  // That it runs out soon was told once, and is not told again. Of what has run out the events say that it was told.
  const arm = database.prepare("INSERT INTO incident_deadlines (incident_id, clock, due_at, state) VALUES (?, ?, ?, 'armed') ON CONFLICT DO NOTHING");
  const selectDue = database.prepare<[number], { incidentId: string; clock: string; at: number }>("SELECT incident_id AS incidentId, clock, due_at AS at FROM incident_deadlines WHERE state = 'armed' AND due_at <= ? ORDER BY due_at, incident_id");
  const tell = database.prepare('UPDATE incident_deadlines SET state = ?, fired_at = ? WHERE incident_id = ? AND clock = ? AND due_at = ?');
  const selectNext = database.prepare<[], number>('SELECT coalesce(max(number), 0) + 1 FROM incidents').pluck();

  const nameOf = ({ clock, kind }: Pick<DeadlineRow, 'clock' | 'kind'>): string => (kind === 'soon' ? `${clock}${soon}` : clock);
  const project = (after: Incident, deadlines: readonly DeadlineRow[]): void => {
    put.run({ id: after.id, number: after.number, systemId: after.system?.id ?? null, title: after.title, severity: after.severity.key, state: after.state, declaredAt: Date.parse(after.declaredAt), endedAt: after.endedAt === null ? null : Date.parse(after.endedAt), seq: after.seq });
    disarm.run(after.id);
    for (const each of deadlines) arm.run(after.id, nameOf(each), each.at);
  };

  const append = database.transaction((incidentId: string, { expectedSeq, commandId, actor, at, events, after, deadlines }: AppendedToIncident): 'done' | 'duplicate' | 'stale' => {
    if (selectCommand.get(incidentId, commandId) !== undefined) return 'duplicate';
    const last = selectLast.get(incidentId) ?? { seq: 0, hash: chainStart };
    if (last.seq !== expectedSeq) return 'stale';
    const atMs = Date.parse(at);
    let prevHash = last.hash;
    for (const [index, event] of events.entries()) {
      const stored = { seq: last.seq + 1 + index, at: new Date(atMs).toISOString(), actor: actorOf(event, actor), commandId: index === 0 ? commandId : `${commandId}:${index}`, event, prevHash };
      const hash = hashOfEvent(stored);
      insertEvent.run({ ...stored, incidentId, atMs, kind: event.kind, json: canonicalJson(event), hash });
      prevHash = hash;
    }
    project(after, deadlines);
    return 'done';
  });

  const repository: IncidentRepository = {
    append: (incidentId, appended) => append.immediate(incidentId, appended),
    hasCommand: (incidentId, commandId) => selectCommand.get(incidentId, commandId) !== undefined,
    openedBy: (commandId) => selectOpenedBy.get(commandId) ?? null,
    nextNumber: () => selectNext.get() ?? 1,
    load: (incidentId) => selectEvents.all(incidentId).map(toEvent),
    verifyChain: (incidentId) => breakIn(repository.load(incidentId)),
    list({ systemId, open, before, limit }) {
      const conditions = createConditions();
      if (systemId !== undefined) conditions.add('system_id = ?', systemId);
      if (open !== undefined) conditions.add(`ended_at IS ${open ? '' : 'NOT '}NULL`);
      if (before !== undefined) conditions.add('declared_at < ?', before);
      return database.prepare<(string | number)[], IncidentRow>(`SELECT ${columns} FROM incidents ${conditions.where} ORDER BY ended_at IS NULL DESC, declared_at DESC, number DESC LIMIT ?`).all(...conditions.values, limit);
    },
    due: (now) => selectDue.all(now).map(({ incidentId, clock, at }) => ({ incidentId, at, kind: clock.endsWith(soon) ? 'soon' : 'due', clock: clock.replace(soon, '') as ClockName })),
    markTold: (row, as, at) => void tell.run(as, at, row.incidentId, nameOf(row), row.at),
    rebuild(fold) {
      database
        .transaction(() => {
          database.exec('DELETE FROM incident_deadlines; DELETE FROM incidents;');
          for (const incidentId of selectIds.all()) {
            const { after, deadlines } = fold(incidentId, repository.load(incidentId));
            project(after, deadlines);
          }
        })
        .immediate();
    },
  };
  return repository;
}

/** @throws store.not-found */
export function requireIncident<Found>(found: Found | null, incidentId: string): Found {
  if (found === null) throw new PilothouseError('store.not-found', `There is no incident ${incidentId}.`, { hint: 'Look at the list of incidents.' });
  return found;
}
