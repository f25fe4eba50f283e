import { expect, test } from 'vitest';
import { createKeptId } from '../../../renderer/features/incidents/kept-id.ts';

const begin = () => {
  let made = 0;
  return createKeptId(() => `id-${(made += 1)}`);
};

test('what is asked for again has the same id', () => {
  const ids = begin();
  expect([ids.of('a note'), ids.of('a note')]).toEqual(['id-1', 'id-1']);
});
test('other words have another id, and so have the first ones after them', () => {
  const ids = begin();
  expect([ids.of('a note'), ids.of('a better note'), ids.of('a note')]).toEqual(['id-1', 'id-2', 'id-3']);
});
test('the same words mean something new once it was done', () => {
  const ids = begin();
  const first = ids.of('a note');
  ids.forget();
  expect([first, ids.of('a note')]).toEqual(['id-1', 'id-2']);
});
