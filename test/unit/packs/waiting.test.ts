import { expect, it } from 'vitest';
import { entriesThatWait } from '#shared/domain/pack/waiting.ts';

const asked = (key: string, ...items: string[]) => ({ key, ask: `${key}?`, items: items.map((item) => ({ kind: item.split('/')[0] ?? '', key: item.split('/')[1] ?? '' })) });

it('an entry that waits for two answers is counted once, and what no entry waits for is not asked here', () => {
  const { entries, questions } = entriesThatWait([asked('zone', 'calendar/backup', 'calendar/window', 'hours/desk'), asked('sunday', 'calendar/window'), asked('phone', 'contact/desk')]);
  expect([entries, questions.map(({ key }) => key)]).toEqual([2, ['zone', 'sunday']]);
});
