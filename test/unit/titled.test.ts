import { expect, test } from 'vitest';
import { titledWithSystem } from '#shared/domain/titled.ts';

test.each([
  ['Back up shop', 'Neff Paving', 'Back up shop (Neff Paving)'],
  ['Check Neff Paving', 'Neff Paving', 'Check Neff Paving'],
  ['Let old events go', null, 'Let old events go'],
])('%s of %s is told as "%s"', (title, systemName, told) => {
  expect(titledWithSystem({ title, systemName })).toBe(told);
});
