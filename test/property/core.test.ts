import Sqlite from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PilothouseError, errorCodes, toErrorShape } from '#shared/domain/errors.ts';
import { errorShape } from '#shared/contract/common.ts';
import { healthStates, worstHealth, compareHealth } from '#shared/domain/health-state.ts';
import { isFinished, mayFollow, operationStates } from '#shared/domain/operation-state.ts';
import { snippetOf, toMatchExpression } from '#engine/store/history-repository.ts';
import { createCore, draft } from '#test/core.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const typed = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.array(fc.constantFrom('"', "'", '*', 'NOT', 'AND', 'NEAR(', ')', '^', ':', '-', 'a', 'job_sites', 'é', ' '), { maxLength: 12 }).map((parts) => parts.join('')));

describe('searching', () => {
  test('whatever a person types is a search, never a syntax error', () => {
    const database = new Sqlite(':memory:');
    onTestFinished(() => void database.close());
    database.exec("CREATE VIRTUAL TABLE search USING fts5(text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3')");
    database.prepare('INSERT INTO search (rowid, text) VALUES (1, ?)').run('pg_dump job_sites');
    const select = database.prepare('SELECT rowid FROM search WHERE search MATCH ?');
    fc.assert(
      fc.property(typed, (text) => {
        const expression = toMatchExpression(text);
        if (expression !== null) select.all(expression);
      }),
      { numRuns: 2000 },
    );
  });
  test('marks come in pairs, and taking them out gives the text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), typed, (text, search) => {
        const clean = text.replaceAll(/[\u0002\u0003]/g, '');
        const snippet = snippetOf(clean, search);
        expect(snippet.replaceAll(/\u0002[^\u0002\u0003]+\u0003/g, '')).not.toMatch(/[\u0002\u0003]/);
        const plain = snippet.replaceAll(/[\u0002\u0003]/g, '').replace(/^… /, '').replace(/ …$/, '');
        expect(clean).toContain(plain);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the worst answer', () => {
  test('is one of those given, and none of them is worse', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...healthStates), { minLength: 1 }), (states) => {
        const worst = worstHealth(states);
        const looked = states.filter((state) => state !== 'skipped');
        expect(looked.length === 0 ? ['unknown'] : looked).toContain(worst);
        for (const state of looked) expect(compareHealth(worst, state)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the states of an operation', () => {
  test('from every state that is not final there is a way to an end', () => {
    for (const start of operationStates) {
      const reached = new Set([start]);
      for (let before = -1; before !== reached.size; ) {
        before = reached.size;
        for (const state of [...reached]) for (const next of operationStates) if (mayFollow(state, next)) reached.add(next);
      }
      expect([...reached].some(isFinished)).toBe(true);
    }
  });
  test('whatever a procedure does and whenever it is cancelled, it ends in one final state and stays there', async () => {
    const core = createCore(await temporaryFolder('states'));
    onTestFinished(() => void core.store.close());
    const action = fc.constantFrom('log', 'warn', 'progress', 'phase', 'tick');
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 8 }), fc.boolean(), fc.option(fc.nat(8)), async (actions, throws, cancelAt) => {
        let operationId = '';
        core.runner.register({
          kind: 'health.check',
          plan: async () => draft(),
          run: async (_details, operation) => {
            await Promise.resolve();
            for (const [index, name] of actions.entries()) {
              if (index === cancelAt) core.runner.cancel(operationId);
              if (name === 'phase') await operation.phase('first', async () => {});
              else if (name === 'tick') await new Promise((resolve) => setImmediate(resolve));
              else if (name === 'progress') operation.progress({ fraction: 0.5, text: 'half' });
              else operation[name === 'warn' ? 'warn' : 'log'](...((name === 'warn' ? ['careful'] : ['info', 'line']) as ['info', string]));
            }
            if (throws) throw new Error('broken');
            return { summary: 'Done.', result: {} };
          },
        });
        const plan = core.desk.issue('health.check', draft());
        ({ operationId } = core.runner.run({ planId: plan.id, token: plan.token, caller: 'test' }));
        const operation = await core.runner.finished(operationId);
        const events = core.operations.events(operationId, 0, 1000);
        expect(isFinished(operation.state)).toBe(true);
        expect(events.filter((event) => event.kind === 'result')).toHaveLength(1);
        expect(events.at(-1)).toMatchObject({ kind: 'result', state: operation.state });
        if (operation.state.startsWith('succeeded')) expect(throws).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('errors', () => {
  test('of ours cross the contract with every field, whatever they carry', () => {
    fc.assert(
      fc.property(fc.constantFrom(...errorCodes), fc.string(), fc.option(fc.string(), { nil: undefined }), fc.boolean(), fc.dictionary(fc.string(), fc.jsonValue()), (code, message, hint, retryable, details) => {
        const shape = toErrorShape(new PilothouseError(code, message, { hint, retryable, details }), 'c-1');
        expect(errorShape.parse(JSON.parse(JSON.stringify(shape)))).toMatchObject({ code, message, retryable, correlationId: 'c-1', ...(hint === undefined ? {} : { hint }) });
      }),
    );
  });
  test('of anybody else become internal', () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        const shape = toErrorShape(thrown, 'c-2');
        expect(errorShape.safeParse(shape).success).toBe(true);
      }),
    );
  });
});
