/** Any pack, any newer version of it, any change here: what somebody changed is never lost by an update. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alike, updateOf, type Fields } from '#shared/domain/pack/update.ts';

const value = fc.oneof(fc.constantFrom<unknown>(null, 1, 2, 'a', 'b', true), fc.array(fc.constantFrom(1, 2), { maxLength: 2 }), fc.record({ kind: fc.constantFrom('check', 'people') }));
const fields: fc.Arbitrary<Fields> = fc.record({ title: fc.constantFrom('One', 'Two', 'Three'), warn: value, drives: value, clocks: fc.record({ respond: value, update: value }), responds: fc.dictionary(fc.constantFrom('p1', 'p2'), value) });
const isFlat = (name: string): boolean => name !== 'clocks' && name !== 'responds';

/** Each field by itself, so that one can be looked for. */
const parts = (of: Fields): Map<string, unknown> => new Map(Object.entries(of).flatMap(([name, each]): [string, unknown][] => (isFlat(name) ? [[name, each]] : Object.entries(each as Fields).map(([inner, one]) => [`${name}.${inner}`, one]))));

/** The same with a few of its fields replaced: what people change, and what a newer pack does. */
const changed = (from: Fields): fc.Arbitrary<Fields> => fc.tuple(fields, fc.subarray(Object.keys(from), { maxLength: 2 })).map(([other, names]) => ({ ...from, ...Object.fromEntries(names.map((name) => [name, other[name]])) }));
const sides = fields.chain((pack) => fc.record({ pack: fc.constant(pack), own: changed(pack), next: changed(pack) }));

test('whoever stays with mine has each field as it was changed here, and each other one as the pack has it', () => {
  fc.assert(
    fc.property(sides, ({ pack, own, next }) => {
      const outcome = updateOf({ pack, own, removed: false }, next, () => true);
      if (outcome === null) return;
      const after = parts(outcome.own.mine ?? next);
      const [was, mine, theirs] = [parts(pack), parts(own), parts(next)];
      for (const field of new Set([...was.keys(), ...mine.keys(), ...theirs.keys()])) {
        const isChangedHere = !alike(was.get(field), mine.get(field));
        expect(after.get(field) ?? undefined).toEqual((isChangedHere ? mine : theirs).get(field) ?? undefined);
      }
    }),
  );
});

test('whoever takes theirs loses the fields alone that both have changed', () => {
  fc.assert(
    fc.property(sides, ({ pack, own, next }) => {
      const outcome = updateOf({ pack, own, removed: false }, next, () => true);
      if (outcome === null) return;
      const after = parts(outcome.own.theirs ?? next);
      const [was, mine, theirs] = [parts(pack), parts(own), parts(next)];
      for (const field of mine.keys()) if (!alike(was.get(field), mine.get(field)) && alike(was.get(field), theirs.get(field))) expect(after.get(field)).toEqual(mine.get(field));
    }),
  );
});

test('it is a conflict exactly where both have changed a field to different things', () => {
  fc.assert(
    fc.property(sides, ({ pack, own, next }) => {
      const outcome = updateOf({ pack, own, removed: false }, next, () => true);
      const [was, mine, theirs] = [parts(pack), parts(own), parts(next)];
      const both = [...new Set([...was.keys(), ...mine.keys(), ...theirs.keys()])].filter((field) => !alike(was.get(field), mine.get(field)) && !alike(was.get(field), theirs.get(field)) && !alike(mine.get(field), theirs.get(field)));
      expect(outcome?.change === 'conflict').toBe(both.length > 0);
    }),
  );
});

test('what the pack gives up stays where it was changed, and what was removed here never comes back', () => {
  fc.assert(
    fc.property(sides, ({ pack, own, next }) => {
      expect(updateOf({ pack, own, removed: false }, null, () => true)?.own.mine).toEqual(own);
      const hidden = updateOf({ pack, own: null, removed: true }, next, () => true);
      expect(hidden === null || hidden.change === 'hidden').toBe(true);
    }),
  );
});

test('what both sides have given up alike is no change of one\'s own', () => {
  const pack: Fields = { title: 'Tier', responds: { p1: 1, p2: 2 } };
  const less: Fields = { title: 'Tier', responds: { p2: 2 } };
  expect(updateOf({ pack, own: less, removed: false }, less, () => true)?.own).toEqual({ mine: null, theirs: null });
});
