import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settingClause, splitNames } from '#engine/restore/database-properties.ts';
import { besideName, nameBytes, setAsideName, whyNotAName } from '#engine/restore/names.ts';
import { judgeExchange, type Seen } from '#engine/restore/swap-model.ts';
import type { StoredExchange } from '#engine/store/restore-repository.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }).filter((text) => !text.includes('\0'));

describe('names of databases', () => {
  it('fit into 63 bytes and are free, whatever the database is called', () => {
    fc.assert(
      fc.property(name, fc.integer({ min: 0, max: 5 }), fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }), (database, takenCount, at) => {
        const taken = new Set<string>();
        for (let count = 0; count < takenCount; count += 1) taken.add(besideName(database, taken));
        for (const made of [besideName(database, taken), setAsideName(database, at.getTime(), taken)]) {
          expect(taken.has(made)).toBe(false);
          expect(whyNotAName(made)).toBeNull();
          expect(nameBytes(made)).toBeLessThanOrEqual(63);
          expect(made.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});

describe('lists of names in settings', () => {
  it('come apart as they were put together', () => {
    fc.assert(
      fc.property(fc.array(name.filter((text) => text.trim() === text && text !== ''), { maxLength: 5 }), (names) => {
        const stored = names.map((each) => (/^[a-z_][a-z0-9_]*$/.test(each) ? each : `"${each.replaceAll('"', '""')}"`)).join(', ');
        expect(splitNames(stored)).toEqual(names);
      }),
    );
  });
  it('never let a value out of its quotes', () => {
    fc.assert(
      fc.property(fc.constantFrom('work_mem', 'search_path', 'app.x'), fc.string(), (setting, value) => {
        const rest = settingClause(`${setting}=${value}`, new Set()).sql.replaceAll(/"(?:[^"]|"")*"/g, '').replaceAll(/ E'(?:[^'\\]|\\.|'')*'/gs, '').replaceAll(/'(?:[^']|'')*'/gs, '');
        expect(rest.replaceAll(/\bTO\b|[.,\s]/g, '')).toBe('');
      }),
    );
  });
});

/** A server with the two databases of an exchange: statements take effect at once, renames at the commit. */
interface World {
  live: { name: string; allowsConnections: boolean };
  copy: { name: string; allowsConnections: boolean };
}
const exchange: StoredExchange = {
  operationId: 'o',
  direction: 'swap',
  liveName: 'shop',
  outgoing: { oid: '1', nameAfter: 'shop__old', allowedConnections: true },
  incoming: { oid: '2', nameBefore: 'shop__new', allowedConnections: true },
};
const steps: ((world: World) => void)[] = [
  (world) => (world.copy.allowsConnections = false),
  (world) => (world.live.allowsConnections = false),
  () => {},
  (world) => {
    world.live.name = 'shop__old';
    world.copy.name = 'shop';
  },
  (world) => (world.copy.allowsConnections = true),
  (world) => (world.live.allowsConnections = true),
];

describe('an exchange that was killed', () => {
  it('ends in exactly one of two states, with the live name there and open, however often the recovery is killed too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: steps.length }), fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 }), (killedAfter, recoveriesKilledAfter) => {
        const world: World = { live: { name: 'shop', allowsConnections: true }, copy: { name: 'shop__new', allowsConnections: true } };
        for (const step of steps.slice(0, killedAfter)) step(world);
        const recover = (upTo: number) => {
          const verdict = judgeExchange(exchange, { ...world.live }, { ...world.copy });
          for (const { name: opened, allow } of verdict.open.slice(0, upTo)) {
            for (const database of [world.live, world.copy]) if (database.name === opened) database.allowsConnections = allow;
          }
          return verdict.standing;
        };
        for (const upTo of recoveriesKilledAfter) recover(upTo);
        const standing = recover(2);
        expect(recover(2)).toBe(standing);
        const before = { live: { name: 'shop', allowsConnections: true }, copy: { name: 'shop__new', allowsConnections: true } };
        const after = { live: { name: 'shop__old', allowsConnections: true }, copy: { name: 'shop', allowsConnections: true } };
        expect(world).toEqual(killedAfter >= 4 ? after : before);
        expect(standing).toBe(killedAfter >= 4 ? 'after' : 'before');
      }),
    );
  });

  it('never leaves the live name closed that was open, whatever others did to the databases meanwhile', () => {
    const seen: fc.Arbitrary<Seen> = fc.option(fc.record({ name: fc.constantFrom('shop', 'shop__new', 'shop__old', 'elsewhere'), allowsConnections: fc.boolean() }));
    fc.assert(
      fc.property(seen, seen, (outgoing, incoming) => {
        fc.pre(outgoing === null || incoming === null || outgoing.name !== incoming.name);
        const { open } = judgeExchange(exchange, outgoing, incoming);
        const live = [outgoing, incoming].find((each) => each?.name === 'shop');
        const opened = open.some(({ name: called, allow }) => called === 'shop' && allow);
        expect(live === undefined || live === null || live.allowsConnections || opened).toBe(true);
        expect(open.every(({ allow }) => allow)).toBe(true);
      }),
    );
  });

  it('is called foreign unless both stand where they stood or where they were to stand', () => {
    const called = fc.constantFrom('shop', 'shop__new', 'shop__old', 'elsewhere');
    fc.assert(
      fc.property(called, called, (outgoing, incoming) => {
        fc.pre(outgoing !== incoming);
        const { standing } = judgeExchange(exchange, { name: outgoing, allowsConnections: true }, { name: incoming, allowsConnections: true });
        const expected = outgoing === 'shop' && incoming === 'shop__new' ? 'before' : outgoing === 'shop__old' && incoming === 'shop' ? 'after' : 'foreign';
        expect(standing).toBe(expected);
      }),
    );
  });
});
