import { expect, it } from 'vitest';
import type { RunbookCard, RunSummary } from '#shared/contract/runbooks.ts';
import { ofPack } from '../../../renderer/features/runbooks/of-pack.ts';

const card = (ref: string, more: Partial<RunbookCard> = {}): RunbookCard => ({ ref, origin: ref.startsWith('own/') ? 'own' : 'pack', inProgress: [], ...more }) as RunbookCard;

it('a system of a pack has the runbooks of that pack, one\'s own, and what is in progress wherever it is from', () => {
  const begun = card('hydraulic/update', { inProgress: [{ id: 'w-1' } as RunSummary] });
  const cards = [card('neff-paving/outage-response'), card('neff-paving-two/outage-response'), card('own/tell-people'), card('hydraulic/backup'), begun];
  expect(ofPack(cards, 'neff-paving').map(({ ref }) => ref)).toEqual(['neff-paving/outage-response', 'own/tell-people', 'hydraulic/update']);
});
