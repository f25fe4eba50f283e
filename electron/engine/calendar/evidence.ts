/** What came of what was begun: of walkthroughs that are linked, of procedures by what ran in the time of an occurrence. */
import type { System } from '#shared/contract/systems.ts';
import type { ProcedureKind } from '#shared/contract/operations.ts';
import { hasCode } from '#shared/domain/errors.ts';
import { riskOf } from '#shared/domain/runbook/definition.ts';
import { isOver } from '#shared/domain/runbook/walkthrough.ts';
import type { Begun } from '#shared/domain/calendar/standing.ts';
import type { EngineContext } from '../engine-context.ts';
import { stateTextOf } from '../runbooks/desk/summary.ts';
import { readRunbook } from '../runbooks/format/index.ts';
import { createBackupRepository } from '../store/backup-repository.ts';
import type { CalendarMark } from '../store/calendar-repository.ts';
import { createWalkthroughRepository, type WalkthroughRow } from '../store/walkthrough-repository.ts';

/** What ran by itself for an occurrence. */
export interface Run {
  begun: Begun;
  operationId: string | null;
  /** When it ended, or began where it is under way; in milliseconds since the epoch. */
  at: number;
}

export interface Evidence {
  /** Of what a mark is linked to. */
  ofMark(mark: Pick<CalendarMark, 'walkthroughId'>): Begun & { endedAt: number | null };
  /**
   * Of a procedure that nobody has to link: what ran from the beginning of an occurrence until before the next one. Null
   * where nothing did.
   */
  ofProcedure(system: Pick<System, 'id' | 'databases'>, procedure: 'health.check' | 'backup.run', from: number, before: number): Run | null;
}

const mostOperations = 300;
const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

/** For one answer: what it reads, it reads once. */
export function createEvidence(context: Pick<EngineContext, 'store' | 'operations'>): Evidence {
  const walkthroughs = createWalkthroughRepository(context.store);
  const backups = createBackupRepository(context.store);
  const read = new Map<string, ReturnType<EngineContext['operations']['list']>>();
  const operationsOf = (systemId: string, kind: ProcedureKind) => {
    const name = `${systemId} ${kind}`;
    const known = read.get(name) ?? context.operations.list({ systemId, kinds: [kind], limit: mostOperations });
    read.set(name, known);
    return known;
  };

  /** A look at a few checks is not the look at the system. */
  const isWhole = (operationId: string): boolean => {
    const { details } = context.operations.planOf(operationId);
    return ((details as { only?: unknown } | null)?.only ?? null) === null;
  };

  /**
   * What only looks is done when it was walked to its end: that it found something is what it was for. It is not where
   * it could not look, and what changes something and failed on the way is not.
   */
  const isLook = ({ id, state, done, skipped, failed, steps }: WalkthroughRow): boolean => {
    if (state !== 'failed' || failed === 0 || done + skipped + failed !== steps) return false;
    const events = walkthroughs.load(id).map(({ event }) => event);
    const [first] = events;
    if (first?.kind !== 'started') return false;
    // The last word of each step: one that ended without a verdict against it was not looked at.
    const last = new Map(events.flatMap((event) => (event.kind === 'ended' ? [[event.key, event] as const] : [])));
    const isFinding = ({ as, verdicts }: { as: string; verdicts: readonly { ok: boolean }[] }): boolean => as !== 'timed-out' && as !== 'cancelled' && (as !== 'failed' || verdicts.some(({ ok }) => !ok));
    if (![...last.values()].every(isFinding)) return false;
    const { runbook } = readRunbook(walkthroughs.definition(first.definitionHash));
    return runbook !== null && riskOf(runbook) === 'read';
  };

  /** A backup is of one database: each of them has to have one. */
  const backedUp = (databases: System['databases'], from: number, before: number): number | null => {
    const taken = databases.map(({ id }) => backups.list({ databaseId: id, limit: 50 }).filter(({ takenAt, damaged }) => damaged === null && Date.parse(takenAt) >= from && Date.parse(takenAt) < before).at(-1)?.takenAt);
    return taken.length === 0 || taken.includes(undefined) ? null : Math.max(...taken.map((at) => Date.parse(at ?? '')));
  };

  return {
    ofMark({ walkthroughId }) {
      try {
        const row = walkthroughs.row(walkthroughId ?? '');
        if (!isOver(row.state)) return { outcome: 'under-way', why: null, endedAt: null };
        if (row.mode === 'rehearsal') return { outcome: 'not-well', why: 'It was a rehearsal, which does nothing.', endedAt: row.endedAt };
        const isWell = row.state === 'succeeded' || row.state === 'succeeded-with-skips';
        if (!isWell && isLook(row)) return { outcome: 'well', why: `It found something: ${many(row.failed, 'step')} did not go as they should.`, endedAt: row.endedAt };
        return { outcome: isWell ? 'well' : 'not-well', why: isWell ? null : `Its walkthrough did not end well: ${stateTextOf(row).replace(/\.$/, '')}.`, endedAt: row.endedAt };
      } catch (error) {
        if (hasCode(error, 'store.not-found')) return { outcome: 'not-well', why: 'Its walkthrough is not kept any more.', endedAt: null };
        throw error;
      }
    },
    ofProcedure(system, procedure, from, before) {
      const ran = operationsOf(system.id, procedure).filter(({ id, startedAt }) => startedAt !== null && Date.parse(startedAt) >= from && Date.parse(startedAt) < before && isWhole(id));
      const underWay = ran.find(({ endedAt }) => endedAt === null);
      if (underWay !== undefined) return { begun: { outcome: 'under-way', why: null }, operationId: underWay.id, at: Date.parse(underWay.startedAt ?? '') };
      const well = ran.find(({ state }) => state.startsWith('succeeded'));
      const doneAt = procedure === 'backup.run' ? backedUp(system.databases, from, before) : well === undefined ? null : Date.parse(well.endedAt ?? '');
      if (doneAt !== null) return { begun: { outcome: 'well', why: null }, operationId: well?.id ?? null, at: doneAt };
      const [failed] = ran;
      if (failed === undefined) return null;
      const why = failed.state.startsWith('succeeded') ? 'Not every database of the system has a copy of this time.' : `It did not end well: ${failed.error?.message ?? failed.summary ?? failed.state}`;
      return { begun: { outcome: 'not-well', why }, operationId: failed.id, at: Date.parse(failed.endedAt ?? '') };
    },
  };
}
