import { describe, expect, test } from 'vitest';
import { decision, done, recorded, runbook, sent, step, undo, undoCompleted, walk } from '#test/walked-runbook.ts';

describe('the order of a walkthrough', () => {
  test('prerequisites come before steps, one at a time', () => {
    const walking = walk(runbook([step('a')], { prerequisites: [step('p')] }));
    expect(walking.standing).toBe('p awaiting-input, a pending');
    walking.act(done('p'));
    expect(walking.standing).toBe('p succeeded, a awaiting-input');
  });
  test('it ends well when every step did', () => {
    const walking = walk(runbook([step('a')]));
    walking.act(done('a'));
    expect([walking.state.state, walking.state.summary, walking.state.current]).toEqual(['succeeded', 'Done.', null]);
  });
  test('one that was skipped is said in how it ended', () => {
    const walking = walk(runbook([step('a'), step('b')]));
    walking.act({ kind: 'skip', key: 'a', reason: 'not needed' });
    walking.act(done('b'));
    expect([walking.state.state, walking.state.summary]).toEqual(['succeeded-with-skips', 'Done, with steps skipped. Skipped: Step a.']);
  });
  test('a step for each item has a slot for each, also where two are the same', () => {
    const walking = walk(runbook([sent('stop', { forEach: { over: 'items', param: 'units' } })]), { values: { units: ['x', 'y', 'x'] } });
    expect(walking.state.order).toEqual(['stop[x]', 'stop[y]', 'stop[x (2)]']);
  });
  test('a step for each of no items says that there was nothing to do', () => {
    const walking = walk(runbook([sent('stop', { forEach: { over: 'items', param: 'units' } })]), { values: { units: [] } });
    expect(walking.progress('stop')).toMatchObject({ state: 'not-applicable', reason: 'There is nothing in the list "units".' });
  });
  test('a condition that is false makes a step not applicable', () => {
    const walking = walk(runbook([step('a', { when: 'x == 1' }), step('b')]), { when: () => false });
    expect(walking.standing).toBe('a not-applicable, b awaiting-input');
  });
  test('a condition that cannot be told blocks, whatever the step says of failures', () => {
    const walking = walk(runbook([step('a', { when: 'x == 1', onFail: 'continue' }), step('b')]), {
      when: () => {
        throw new Error('x is not known.');
      },
    });
    expect([walking.state.state, walking.state.stateReason]).toEqual(['blocked', 'Step a: Its condition "x == 1" cannot be told: x is not known.']);
  });
  test('a condition sees the item that it is about', () => {
    const walking = walk(runbook([step('a', { when: 'item == "y"', forEach: { over: 'items', param: 'units' } })]), { values: { units: ['x', 'y'] }, when: (_expression, values) => values['item'] === 'y' });
    expect(walking.standing).toBe('a[x] not-applicable, a[y] awaiting-input');
  });
});

describe('jumps', () => {
  const branches = runbook([decision('which', { left: 'l', right: 'r' }), step('l', { next: 'join' }), step('r'), step('join')]);
  test('a decision leads to its step, and says what it passed over', () => {
    const walking = walk(branches);
    walking.act({ kind: 'decide', key: 'which', choice: 'right' });
    expect(walking.standing).toBe('which succeeded, l not-applicable, r awaiting-input, join pending');
    expect(walking.progress('l').reason).toBe('Passed over by the decision "Step which": right.');
  });
  test('next leads past the other way', () => {
    const walking = walk(branches);
    walking.act({ kind: 'decide', key: 'which', choice: 'left' });
    walking.act(done('l'));
    expect(walking.standing).toBe('which succeeded, l succeeded, r not-applicable, join awaiting-input');
    expect(walking.progress('r').reason).toBe('Passed over: "Step l" leads on to "Step join".');
  });
  test('a way that was skipped leads on all the same', () => {
    const walking = walk(branches);
    walking.act({ kind: 'decide', key: 'which', choice: 'left' });
    walking.act({ kind: 'skip', key: 'l', reason: 'by hand' });
    expect(walking.state.current).toBe('join');
  });
  test('the end of a way is the end of the walkthrough', () => {
    const walking = walk(runbook([step('a', { end: true }), step('b')]));
    walking.act(done('a'));
    expect([walking.state.state, walking.progress('b').state]).toEqual(['succeeded', 'not-applicable']);
  });
  test('a step that does not apply leads nowhere', () => {
    const walking = walk(runbook([step('a', { end: true, when: 'never' }), step('b')]), { when: () => false });
    expect(walking.state.current).toBe('b');
  });
  test('leading back walks the steps again, as the next attempt', () => {
    const walking = walk(runbook([sent('look'), decision('well', { again: 'look', on: 'after' }), step('after')]));
    walking.dispatch('look');
    walking.end('look');
    walking.act({ kind: 'decide', key: 'well', choice: 'again' });
    expect(walking.standing).toBe('look eligible, well pending, after pending');
    expect(walking.progress('look')).toMatchObject({ attempt: 2, begun: [2] });
  });
});

describe('failures', () => {
  const failing = { as: 'failed' as const, summary: 'exit status 1' };
  test('ask: a person says what now', () => {
    const walking = walk(runbook([sent('a'), step('b')]));
    walking.dispatch('a');
    walking.end('a', failing);
    expect([walking.state.state, walking.state.stateReason]).toEqual(['blocked', 'Step a: exit status 1']);
  });
  test('stop: it ends there', () => {
    const walking = walk(runbook([sent('a', { onFail: 'stop' }), step('b')]));
    walking.dispatch('a');
    walking.end('a', failing);
    expect([walking.state.state, walking.state.summary, walking.progress('b').state]).toEqual(['failed', 'Stopped. "Step a" did not succeed: exit status 1', 'pending']);
  });
  test('continue: it goes on, and does not end well', () => {
    const walking = walk(runbook([sent('a', { onFail: 'continue' }), step('b')]));
    walking.dispatch('a');
    walking.end('a', failing);
    walking.act(done('b'));
    expect([walking.state.state, walking.state.summary]).toEqual(['failed', 'Walked to the end, but not all of it succeeded. Did not succeed: Step a.']);
  });
  test('rollback: it starts by itself, and each undo waits for a person', () => {
    const walking = walk(runbook([sent('a', { undo: [undo('back')] }), sent('b', { onFail: 'rollback' })]));
    walking.dispatch('a');
    walking.end('a');
    walking.dispatch('b');
    walking.end('b', failing);
    expect([walking.state.state, walking.state.current, walking.progress('undo:a:0').state]).toEqual(['rolling-back', 'undo:a:0', 'eligible']);
  });
  test('rollback, with nothing to walk: a person says what now', () => {
    const walking = walk(runbook([sent('a', { onFail: 'rollback' })]));
    walking.dispatch('a');
    walking.end('a', failing);
    expect(walking.state.state).toBe('blocked');
  });
  test('one that somebody cancelled is asked about, whatever the file says', () => {
    const walking = walk(runbook([sent('a', { onFail: 'stop' })]));
    walking.dispatch('a');
    walking.end('a', { as: 'cancelled' });
    expect(walking.state.state).toBe('blocked');
  });
  test('of a step for each item so many may fail as it says', () => {
    const walking = walk(runbook([sent('a', { forEach: { over: 'items', param: 'units' }, maxFailures: 1 })]), { values: { units: ['x', 'y', 'z'] } });
    walking.dispatch('a[x]');
    walking.end('a[x]', failing);
    expect(walking.state.current).toBe('a[y]');
    walking.dispatch('a[y]');
    walking.end('a[y]', failing);
    expect(walking.state.state).toBe('blocked');
  });
  test('one that was left behind makes it a failure', () => {
    const walking = walk(runbook([step('a')]));
    walking.act({ kind: 'went-wrong', key: 'a', note: 'no key' });
    walking.act({ kind: 'pass', key: 'a', reason: 'later' });
    expect([walking.state.state, walking.progress('a')]).toMatchObject(['failed', { state: 'failed', passed: true, reason: 'later', summary: 'no key' }]);
  });
});

describe('rolling back', () => {
  const guarded = runbook([sent('a', { undo: [undo('a1'), undo('a2')] }), sent('b', { undo: [undo('b1')] }), sent('c', { undo: [undo('c1')] })], { rollback: { trigger: null, steps: [step('rb', { action: undoCompleted }), step('tell')] } });
  const abandon = { kind: 'rollback', reason: 'no' } as const;
  const begun = () => {
    const walking = walk(guarded);
    walking.dispatch('a');
    walking.end('a');
    walking.dispatch('b');
    return walking;
  };
  test('takes back what was completed and what was only begun, newest first, then walks the rest', () => {
    const walking = begun();
    walking.lose('b');
    walking.act(abandon);
    expect(walking.state.order.slice(3)).toEqual(['undo:b:0', 'undo:a:0', 'undo:a:1', 'tell']);
  });
  test('takes back one that failed after it was sent', () => {
    const walking = begun();
    walking.end('b', { as: 'failed' });
    walking.act(abandon);
    expect(walking.state.order.slice(3)).toEqual(['undo:b:0', 'undo:a:0', 'undo:a:1', 'tell']);
  });
  test('does not take back one of which it is known that it did not happen', () => {
    const walking = begun();
    walking.lose('b');
    walking.act({ kind: 'settle', key: 'b', happened: false, evidence: 'looked' });
    walking.act(abandon);
    expect(walking.state.order.slice(3)).toEqual(['undo:a:0', 'undo:a:1', 'tell']);
  });
  test('takes back an earlier attempt although the later one did not happen', () => {
    const walking = begun();
    walking.end('b', { as: 'failed' });
    walking.act({ kind: 'retry', key: 'b' });
    walking.dispatch('b');
    walking.lose('b');
    walking.act({ kind: 'settle', key: 'b', happened: false, evidence: 'looked' });
    walking.act(abandon);
    expect(walking.state.order.slice(3)).toEqual(['undo:b:0', 'undo:a:0', 'undo:a:1', 'tell']);
  });
  test('does not take back one that was skipped', () => {
    const walking = walk(guarded);
    walking.dispatch('a');
    walking.end('a');
    walking.act({ kind: 'skip', key: 'b', reason: 'no' });
    walking.act(abandon);
    expect(walking.state.order.slice(3)).toEqual(['undo:a:0', 'undo:a:1', 'tell']);
  });
  test('without undo_completed walks its own steps alone', () => {
    const walking = walk({ ...guarded, rollback: { trigger: null, steps: [step('tell')] } });
    walking.dispatch('a');
    walking.end('a');
    walking.act(abandon);
    expect(walking.state.order.slice(3)).toEqual(['tell']);
  });
  test('without a declared rollback takes back all that has an undo', () => {
    const walking = walk({ ...guarded, rollback: null });
    walking.dispatch('a');
    walking.end('a');
    walking.act(abandon);
    expect(walking.state.order.slice(3)).toEqual(['undo:a:0', 'undo:a:1']);
  });
  test('ends rolled back when all of it went well, and says what stays', () => {
    const walking = walk(runbook([sent('a', { undo: [undo('a1')] }), sent('b')]));
    walking.dispatch('a');
    walking.end('a');
    walking.dispatch('b');
    walking.end('b', { as: 'failed' });
    walking.act(abandon);
    walking.dispatch('undo:a:0');
    walking.end('undo:a:0');
    expect([walking.state.state, walking.state.summary]).toEqual(['rolled-back', 'Rolled back. Has no way back, and stays: Step b.']);
  });
  test('ends failed where an undo did not succeed', () => {
    const walking = walk(runbook([sent('a', { undo: [undo('a1')] })]));
    walking.dispatch('a');
    walking.end('a', { as: 'failed' });
    walking.act(abandon);
    walking.dispatch('undo:a:0');
    walking.end('undo:a:0', { as: 'undo-failed' });
    expect(walking.state.state).toBe('blocked');
    walking.act({ kind: 'pass', key: 'undo:a:0', reason: 'by hand' });
    expect(walking.state.state).toBe('failed');
  });
  test('a decision in it may lead to what undoes', () => {
    const walking = walk(runbook([sent('a', { undo: [undo('a1')] }), step('b')], { rollback: { trigger: null, steps: [decision('which', { back: 'rb', leave: 'tell' }), step('rb', { action: undoCompleted }), step('tell')] } }));
    walking.act(recorded('a'));
    walking.act(abandon);
    walking.act({ kind: 'decide', key: 'which', choice: 'back' });
    expect(walking.state.current).toBe('undo:a:0');
  });
});
