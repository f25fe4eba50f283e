/** Letting old events go before it is their turn: the same rule that is applied every few hours, planned and shown first. */
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Settings } from '#shared/contract/app.ts';
import { bytesInWords, countInWords, timeInWords } from '../backup/words.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Procedure } from '../operations/procedure.ts';
import { ageOut, lookAtAge, storeBytes } from '../store/upkeep.ts';

interface CompactDetails extends Pick<Settings, 'historyKeepDays' | 'historyBudgetBytes'> {
  /** What is old is as old as it was then: what was shown goes, and no more. */
  at: number;
}

/** What is typed to have it done; the file is called differently from one data folder to the next only by its path. */
const nameOfIt = 'history';

/** The procedure `store.compact`. */
export function createCompact(context: Pick<EngineContext, 'store' | 'settings' | 'ports' | 'home'>): Procedure<null, CompactDetails> {
  const { store, settings, ports, home } = context;
  return {
    kind: 'store.compact',

    async plan() {
      const { historyKeepDays, historyBudgetBytes } = settings.read();
      const at = ports.clock.now();
      const { events, operations, before, overBytes } = lookAtAge(store, { historyKeepDays, historyBudgetBytes }, at);
      const goes = events > 0 || overBytes > 0;
      const budget = bytesInWords(historyBudgetBytes);
      const label = `history in ${store.name}`;
      return {
        title: 'Remove old events',
        question: `Remove the events that are older than ${countInWords(historyKeepDays, 'day')}?`,
        system: null,
        target: label,
        targets: [{ label, databaseId: null, identity: null }],
        steps: [{ id: 'remove', title: 'Remove the old events' }],
        consequences: [
          events === 0 ? `No event is from before ${timeInWords(new Date(before).toISOString())}: none is too old.` : `${countInWords(events, 'event')} of ${countInWords(operations, 'operation')} ${events === 1 ? 'goes' : 'go'}: all from before ${timeInWords(new Date(before).toISOString())}. What those operations came to stays.`,
          overBytes === 0 ? `The local file is within its budget of ${budget}: nothing younger goes.` : `The local file is over its budget of ${budget} by ${bytesInWords(overBytes)} now: the oldest of the younger ones go as well, until it fits or only evidence is left.`,
          'Evidence stays: the events of restores, swaps and deletions, and of what is not finished.',
        ],
        findings: goes ? [{ state: 'warn', title: 'A copy of the local file is the only way to have them again', detail: '“Back up the local file” makes one.' }] : [{ state: 'ok', title: 'There is nothing to remove' }],
        wayBack: null,
        // Nothing on a server is touched.
        changes: false,
        irreversible: goes,
        nameToConfirm: goes ? nameOfIt : null,
        estimatedMs: Math.round(500 + events / 20),
        exclusive: ['store'],
        details: { historyKeepDays, historyBudgetBytes, at },
      };
    },

    async run(details, operation) {
      const now = settings.read();
      if (now.historyKeepDays !== details.historyKeepDays || now.historyBudgetBytes !== details.historyBudgetBytes) {
        throw new PilothouseError('operation.plan-changed', 'How much history is kept was changed after this was planned.', { hint: 'Nothing was removed. Plan it again.', retryable: true });
      }
      const { removed, complete } = await operation.phase('remove', () => ageOut(store, details, details.at, operation.signal));
      const gone = removed === 0 ? 'No event was removed' : `${countInWords(removed, 'event')} went`;
      if (!complete) throw new PilothouseError('operation.cancelled', `${gone} before it was stopped.`, { details: { kept: `${gone} before that.` } });
      return { summary: `${gone}; the local file has ${bytesInWords(storeBytes(home))}`, result: { removedEvents: removed, sizeBytes: storeBytes(home) } };
    },
  };
}
