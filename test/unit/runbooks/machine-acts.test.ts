import { describe, expect, test } from 'vitest';
import { mayAppend } from '#shared/domain/runbook/append-rules.ts';
import { possibleAt, possibleOfRun } from '#shared/domain/runbook/possible.ts';
import type { Action, Step } from '#shared/domain/runbook/definition.ts';
import type { Act, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { decision, done, expectation, recorded, runbook, sent, step, undo, walk, type Walk, type WalkOptions } from '#test/walked-runbook.ts';

const at = (one: Step, options: WalkOptions = {}) => walk(runbook([one, step('after')]), options);
const refuses = (walking: Walk, act: Act, code: string, message: string) => {
  const seq = walking.state.seq;
  expect(() => walking.act(act)).toThrow(expect.objectContaining({ code, message }));
  expect(walking.state.seq).toBe(seq);
};

describe('answering a manual step', () => {
  test.each([
    ['text', '  ', 'It asks for a text.'],
    ['text', 7, 'It asks for a text.'],
    ['number', '7', 'It asks for a number.'],
    ['number', null, 'It asks for a number.'],
    ['choice', 'blue', 'It asks for one of these: red, green.'],
    ['checkbox', false, 'It asks only whether it was done.'],
    ['photo', null, 'It asks for a picture: attach one to this step first.'],
  ] as const)('%s does not take %s', (confirm, value, message) => {
    refuses(at(step('a', { confirm, choices: ['red', 'green'] })), { kind: 'answer', key: 'a', value, note: '' }, 'runbook.value-invalid', `"Step a": ${message}`);
  });
  test.each([
    ['text', ' https://chat/1 ', 'https://chat/1'],
    ['number', 0, 0],
    ['choice', 'green', 'green'],
    ['checkbox', null, true],
    [null, null, true],
  ] as const)('%s takes %s', (confirm, value, kept) => {
    const walking = at(step('a', { confirm, choices: ['red', 'green'] }));
    walking.act({ kind: 'answer', key: 'a', value, note: '' });
    expect(walking.progress('a')).toMatchObject({ state: 'succeeded', answer: kept, by: 'person' });
  });
  test('a photo is a picture that is attached', () => {
    const walking = at(step('a', { confirm: 'photo' }));
    walking.act({ kind: 'attach', key: 'a', name: 'rack.png', media: 'image/png', data: 'AAAA' });
    walking.act(done('a'));
    expect(walking.progress('a')).toMatchObject({ state: 'succeeded', answer: 'rack.png' });
  });
  test('what it is expected to be decides whether it went well', () => {
    const walking = at(step('a', { confirm: 'number', expect: [expectation('no connections')] }), { judge: (_deed, _progress, answer) => [{ say: 'no connections', ok: answer === 0, seen: String(answer) }] });
    walking.act({ kind: 'answer', key: 'a', value: 3, note: 'two are mine' });
    expect(walking.progress('a')).toMatchObject({ state: 'failed', answer: 3, summary: '3; not so: no connections; two are mine', verdicts: [{ ok: false, seen: '3' }] });
  });
  test('what it captures is a value from then on', () => {
    const walking = at(step('a', { confirm: 'text', capture: [{ name: 'ticket', from: { kind: 'regex', pattern: '.*' }, type: 'string', line: 1 }] }), { capture: (_deed, _typed, output) => ({ captured: { ticket: output } }) });
    walking.act({ kind: 'answer', key: 'a', value: 'T-1', note: '' });
    expect(walking.state.values).toEqual({ ticket: 'T-1' });
  });
  test('a note is read, and goes on', () => {
    const walking = at(step('a', { action: { kind: 'note', text: 'Mind the gap.' } }));
    walking.act(done('a'));
    expect(walking.state.current).toBe('after');
  });
});

describe('skipping', () => {
  test('takes a reason where the step wants one', () => refuses(at(step('a')), { kind: 'skip', key: 'a', reason: ' ' }, 'runbook.value-invalid', '"Step a": Skipping it takes a reason.'));
  test('takes none where it is free', () => {
    const walking = at(step('a', { skip: 'free' }));
    walking.act({ kind: 'skip', key: 'a', reason: '' });
    expect(walking.progress('a').state).toBe('skipped');
  });
  test('is refused where the file rules it out', () => refuses(at(step('a', { skip: 'never' })), { kind: 'skip', key: 'a', reason: 'x' }, 'runbook.value-invalid', '"Step a": The runbook says that this step is never skipped.'));
  test('what is never skipped cannot be left behind as a failure either', () => {
    const walking = at(step('a', { skip: 'never' }));
    walking.act({ kind: 'went-wrong', key: 'a', note: 'no' });
    refuses(walking, { kind: 'pass', key: 'a', reason: 'x' }, 'runbook.value-invalid', '"Step a": The runbook says that this step is never skipped.');
  });
  test('a decision is not skipped: what stands after it is one of its ways', () => {
    const walking = walk(runbook([decision('d', { a: 'a', b: 'b' }), step('a'), step('b')]));
    refuses(walking, { kind: 'skip', key: 'd', reason: 'x' }, 'runbook.not-now', 'This cannot be done about "Step d" now: skip it.');
  });
});

describe('what is not its turn', () => {
  test('a step that is done', () => {
    const walking = at(step('a'));
    walking.act(done('a'));
    refuses(walking, done('a'), 'runbook.not-now', '"Step a" is done already.');
  });
  test('a step that is not reached', () => refuses(at(step('a')), done('after'), 'runbook.not-now', '"Step after" is not reached yet.'));
  test('a step that there is not', () => refuses(at(step('a')), done('x'), 'runbook.not-now', '"Tested" has no step x.'));
  test('a step that is being run', () => {
    const walking = at(sent('a'));
    walking.dispatch('a');
    refuses(walking, recorded('a'), 'runbook.not-now', '"Step a" is being run.');
  });
  test('the refusal says what can be done instead', () => {
    const walking = at(sent('a'));
    expect(() => walking.act(done('a'))).toThrow(expect.objectContaining({ hint: 'What can be done now: run it, record what was done by hand, skip it.' }));
  });
  test('anything, where it is over', () => {
    const walking = at(step('a'));
    walking.act({ kind: 'abort', reason: 'enough' });
    refuses(walking, done('a'), 'runbook.not-now', '"Tested" is over.');
  });
});

describe('recording by hand', () => {
  const checked = sent('a', { expect: [expectation('it runs'), expectation('it answers')] });
  test('goes well when it worked and all was seen', () => {
    const walking = at(checked, { mode: 'paper' });
    walking.act(recorded('a', { expectations: [true, true], doneAt: '2025-12-31T23:00:00+01:00', exitStatus: 0 }));
    expect(walking.progress('a')).toMatchObject({ state: 'succeeded', by: 'paper', doneAt: '2025-12-31T22:00:00.000Z', exitStatus: 0, verdicts: [{ seen: 'seen by hand' }, { seen: 'seen by hand' }], summary: 'Done by hand, and it worked.' });
  });
  test('is a failure where something was not seen', () => {
    const walking = at(checked, { mode: 'paper' });
    walking.act(recorded('a', { expectations: [true] }));
    expect(walking.progress('a')).toMatchObject({ state: 'failed', verdicts: [{ ok: true }, { ok: false, seen: 'not seen' }], summary: 'Done by hand, but not seen: it answers.' });
  });
  test('is a failure with an exit status other than 0 that nobody expects', () => {
    const walking = at(sent('a'));
    walking.act(recorded('a', { exitStatus: 1 }));
    expect(walking.progress('a')).toMatchObject({ state: 'failed', verdicts: [{ say: 'It exited with 0', ok: false, seen: 'exit status 1' }] });
  });
  test('is known by a person in a live walkthrough', () => {
    const walking = at(sent('a'));
    walking.act(recorded('a'));
    expect(walking.progress('a').by).toBe('person');
  });
  test('keeps what was pasted', () => {
    const walking = at(sent('a'));
    walking.act(recorded('a', { output: 'all well' }));
    expect(walking.progress('a').output).toMatchObject({ evidenceId: 'output', bytes: 8 });
  });
  test('wants what the step captures when it worked, not when it did not', () => {
    const capturing = sent('a', { capture: [{ name: 'n', from: { kind: 'regex', pattern: 'x' }, type: 'int', line: 1 }] });
    const options = { capture: () => ({ fault: 'There is no n in it.' }) };
    refuses(at(capturing, options), recorded('a'), 'runbook.value-invalid', '"Step a": There is no n in it.');
    const walking = at(capturing, options);
    walking.act(recorded('a', { worked: false }));
    expect(walking.progress('a').state).toBe('failed');
  });
  test('does not take a time that is yet to come', () => refuses(at(sent('a')), recorded('a', { doneAt: '2030-01-01T00:00:00Z' }), 'runbook.value-invalid', '"Step a": The time at which it was done is yet to come.'));
  test('of an undo says that it is undone', () => {
    const walking = at(sent('a', { undo: [undo('back')] }), { mode: 'paper' });
    walking.act(recorded('a'));
    walking.act({ kind: 'rollback', reason: 'no' });
    walking.act(recorded('undo:a:0'));
    expect([walking.progress('undo:a:0').state, walking.state.state]).toEqual(['undone', 'rolled-back']);
  });
});

describe('a step that nobody knows the end of', () => {
  const lost = (one: Step) => {
    const walking = at(one);
    walking.dispatch('a');
    walking.lose('a');
    return walking;
  };
  test('is said by the walkthrough, and looked at', () => {
    const walking = lost(sent('a'));
    walking.append({ kind: 'looked', key: 'a', attempt: 1, found: 'web does not answer.' });
    expect([walking.state.state, walking.progress('a').looks.length, walking.progress('a').unknownSince === null]).toEqual(['unknown', 1, false]);
  });
  test('that changes something is not begun again without finding out', () => refuses(lost(sent('a')), { kind: 'retry', key: 'a' }, 'runbook.not-now', 'Nobody knows what came of "Step a", so this cannot be done: try it again.'));
  test('is not skipped, passed over or recorded', () => {
    expect(possibleAt(lost(sent('a')).state, runbook([sent('a'), step('after')]), 'a')).toEqual(['settle']);
  });
  test.each([
    ['reads', { risk: 'read' as const }],
    ['may be done twice', { idempotent: true }],
  ])('that %s is begun again by whoever wants that, and counts as begun twice', (_what, changes) => {
    const walking = lost(sent('a', changes));
    walking.act({ kind: 'retry', key: 'a' });
    expect(walking.progress('a')).toMatchObject({ state: 'eligible', attempt: 2, begun: [2] });
  });
  test('that happened succeeded by what a person says, with nothing measured', () => {
    const walking = lost(sent('a', { expect: [expectation('it runs')] }));
    walking.act({ kind: 'settle', key: 'a', happened: true, evidence: 'I saw the page.' });
    expect(walking.progress('a')).toMatchObject({ state: 'succeeded', by: 'person', verdicts: [], summary: 'I saw the page.' });
  });
  test('stays unknown in the record of a walkthrough that is ended', () => {
    const walking = lost(sent('a'));
    walking.act({ kind: 'abort', reason: 'going home' });
    expect([walking.state.state, walking.progress('a').state]).toEqual(['aborted', 'unknown']);
  });
  test('may be looked at where there is a job or a probe, and not on paper', () => {
    const probed = sent('a', { probe: { ...sent('a'), action: { kind: 'sh', script: 'look' }, doneIf: { kind: 'equals', value: '0' } } });
    const walking = lost(probed);
    const of = runbook([probed, step('after')]);
    expect(possibleAt(walking.state, of, 'a')).toContain('look');
    walking.act({ kind: 'go-paper' });
    expect(possibleAt(walking.state, of, 'a')).not.toContain('look');
  });
});

describe('approvals', () => {
  const by: Action = { kind: 'approve', by: ['dba', 'lead'], show: [] };
  const approve = (role: string, decided: 'approved' | 'rejected', seenSeq = 1): Act => ({ kind: 'approve', key: 'a', role, who: `The ${role}`, decision: decided, note: '', seenSeq });
  test('every role once', () => {
    const walking = at(step('a', { action: by }));
    walking.act(approve('dba', 'approved'));
    expect(walking.progress('a').state).toBe('awaiting-input');
    refuses(walking, approve('dba', 'approved'), 'runbook.not-now', '"Step a" was approved already by dba.');
    walking.act(approve('lead', 'approved'));
    expect(walking.progress('a')).toMatchObject({ state: 'succeeded', summary: 'Approved by The dba (dba), The lead (lead)' });
  });
  test('one refusal fails it, and starts no rollback', () => {
    const walking = walk(runbook([sent('first', { undo: [undo('back')] }), step('a', { action: by, onFail: 'rollback' })]));
    walking.act(recorded('first'));
    walking.act(approve('lead', 'rejected'));
    expect([walking.state.state, walking.state.rollback]).toEqual(['blocked', null]);
  });
  test('asked once more, all are asked', () => {
    const walking = at(step('a', { action: by }));
    walking.act(approve('dba', 'approved'));
    walking.act(approve('lead', 'rejected'));
    walking.act({ kind: 'retry', key: 'a' });
    expect(walking.progress('a')).toMatchObject({ state: 'awaiting-input', approvals: [] });
  });
  test('by a role that is not asked is refused', () => refuses(at(step('a', { action: by })), approve('boss', 'approved'), 'runbook.value-invalid', '"Step a": It is for these to approve: dba, lead.'));
  test('of what nobody can have seen yet is refused', () => refuses(at(step('a', { action: by })), approve('dba', 'approved', 99), 'runbook.value-invalid', '"Step a": There is no event 99 that could have been seen: the last is 2.'));
});

describe('waiting', () => {
  const waiting = (changes: Partial<Step> = {}) => {
    const walking = at(step('a', { action: { kind: 'wait', forMs: 60_000 }, ...changes }));
    walking.act({ kind: 'start-wait', key: 'a' });
    return walking;
  };
  const over = (as: 'due' | 'stale'): WalkthroughEvent => ({ kind: 'timer-ended', key: 'a', timerId: 'id-1', as, why: 'Waited a minute.' });
  test('has an end that is an instant', () => expect(waiting().progress('a').timer).toEqual({ timerId: 'id-1', dueAt: '2026-01-01T00:01:01.000Z', state: 'armed' }));
  test('goes on when it is due', () => {
    const walking = waiting();
    walking.append(over('due'));
    expect([walking.progress('a').state, walking.progress('a').summary, walking.state.current]).toEqual(['succeeded', 'Waited a minute.', 'after']);
  });
  test('does not fire long after: a person says that it goes on', () => {
    const walking = waiting({ skip: 'never' });
    walking.append(over('stale'));
    expect(walking.progress('a').state).toBe('awaiting-input');
    walking.act({ kind: 'end-wait', key: 'a', reason: 'slept' });
    expect(walking.progress('a')).toMatchObject({ state: 'succeeded', by: 'person' });
  });
  test('that is cut short is not one that was waited for', () => {
    const walking = waiting();
    walking.act({ kind: 'end-wait', key: 'a', reason: 'it is quiet' });
    expect(walking.progress('a')).toMatchObject({ state: 'skipped', reason: 'it is quiet', timer: { state: 'cut-short' } });
  });
  test('its timer does not outlive it', () => {
    const walking = waiting();
    walking.act({ kind: 'abort', reason: 'enough' });
    expect(walking.progress('a').timer?.state).toBe('cut-short');
  });
  test('its timer ends once', () => {
    const walking = waiting();
    walking.append(over('stale'));
    expect(mayAppend(walking.state, over('due'))).toBe('The step a has no such timer that still runs.');
  });
});

describe('calling another runbook', () => {
  const calling = () => {
    const walking = at(step('a', { action: { kind: 'runbook', runbook: 'other', with: {}, require: 'succeeded', withinMs: null } }));
    walking.act({ kind: 'call', key: 'a', use: 'new' });
    return walking;
  };
  test('waits for it, under an id of its own', () => expect(calling().progress('a')).toMatchObject({ state: 'waiting', childId: 'id-1' }));
  test('ends as it did', () => {
    const walking = calling();
    walking.end('a', { by: 'runbook', as: 'failed', summary: 'It failed.' });
    expect(walking.state.state).toBe('blocked');
  });
  test('is not left while the other is under way', () => refuses(calling(), { kind: 'abort', reason: 'x' }, 'runbook.not-now', 'The runbook that "Step a" called is under way.'));
});

describe('the walkthrough itself', () => {
  test('takes nothing but comments, evidence and to be resumed while it is paused', () => {
    const walking = at(step('a'));
    walking.act({ kind: 'pause', why: 'lunch' });
    expect([walking.state.state, walking.state.stateReason]).toEqual(['paused', 'lunch']);
    refuses(walking, done('a'), 'runbook.not-now', '"Tested" is paused.');
    walking.act({ kind: 'comment', key: null, text: 'back soon' });
    expect(possibleOfRun(walking.state, runbook([step('a'), step('after')]))).toEqual(['resume']);
    walking.act({ kind: 'resume' });
    walking.act(done('a'));
    expect(walking.state.current).toBe('after');
  });
  test('a step that was under way when it was paused still ends, and nothing follows before it goes on', () => {
    const walking = at(sent('a', { onFail: 'stop' }));
    walking.dispatch('a');
    walking.act({ kind: 'pause', why: '' });
    walking.end('a', { as: 'failed' });
    expect(walking.state.state).toBe('paused');
    walking.act({ kind: 'resume' });
    expect(walking.state.state).toBe('failed');
  });
  test('what was done on paper stays done when it goes on live', () => {
    const walking = walk(runbook([sent('a'), sent('b')]), { mode: 'paper' });
    walking.act(recorded('a'));
    walking.act({ kind: 'go-live' });
    expect([walking.state.mode, walking.standing]).toEqual(['live', 'a succeeded, b eligible']);
  });
  test.each(['paper', 'rehearsal'] as const)('nothing is sent in mode %s', (mode) => {
    const walking = at(sent('a'), { mode });
    expect(() => walking.dispatch('a')).toThrow('Nothing is sent in a walkthrough that is');
  });
  test('a rehearsal stays one', () => refuses(at(step('a'), { mode: 'rehearsal' }), { kind: 'go-live' }, 'runbook.not-now', 'This cannot be done in "Tested" now: go-live.'));
  test('is not ended while a step is being run', () => {
    const walking = at(sent('a'));
    walking.dispatch('a');
    refuses(walking, { kind: 'abort', reason: 'x' }, 'runbook.not-now', '"Step a" is being run.');
  });
  test('without a way back is not rolled back', () => {
    const walking = at(sent('a'));
    walking.act(recorded('a'));
    refuses(walking, { kind: 'rollback', reason: 'x' }, 'runbook.not-now', 'There is nothing to roll back in "Tested": no rollback is declared, and nothing that was begun has an undo.');
  });
  test('is commented and signed also when it is over', () => {
    const walking = at(step('a'));
    walking.act({ kind: 'abort', reason: 'enough' });
    walking.act({ kind: 'comment', key: 'a', text: 'late' });
    walking.act({ kind: 'sign', key: null, role: 'lead', who: 'Ann', decision: 'approved', note: '', seenSeq: 3 });
    expect([walking.state.comments.length, walking.state.signatures.length, walking.state.state]).toEqual([1, 1, 'aborted']);
  });
});

describe('what the engine may append', () => {
  const ended = (by: 'live' | 'runbook' | 'person', as: 'succeeded' | 'undone' = 'succeeded'): WalkthroughEvent => ({ kind: 'ended', key: 'a', attempt: 1, as, by, verdicts: [], captured: {}, exitStatus: 0, durationMs: 1, output: null, answer: null, summary: '', doneAt: null });
  test('an end only after it was sent', () => expect(mayAppend(at(sent('a')).state, ended('live'))).toBe('The step a is eligible, so it cannot be known by "live" how it ended.'));
  test('the same step is sent once', () => {
    const walking = at(sent('a'));
    walking.dispatch('a');
    expect(() => walking.dispatch('a')).toThrow('The step a is dispatched, so it cannot be: dispatched.');
  });
  test('an attempt that is not the one of now is refused', () => {
    const walking = at(sent('a'));
    walking.dispatch('a');
    walking.end('a', { as: 'failed' });
    walking.act({ kind: 'retry', key: 'a' });
    walking.dispatch('a');
    expect(mayAppend(walking.state, ended('live'))).toBe('Attempt 1 of the step a is not the one that is to be done now: that is 2.');
  });
  test.each<WalkthroughEvent>([{ kind: 'paused', why: '' }, { kind: 'resumed' }, { kind: 'mode-changed', to: 'paper' }, { kind: 'rollback-started', reason: '', slots: [] }, { kind: 'ended-run', state: 'succeeded', summary: '' }, { kind: 'skipped', key: 'a', reason: '' }])('nothing like $kind where it is over', (event) => {
    const walking = at(sent('a'));
    walking.act({ kind: 'abort', reason: 'enough' });
    expect(mayAppend(walking.state, event)).toBe('This walkthrough is over: aborted.');
  });
  test('a step that is no undo does not end as one', () => {
    const walking = at(sent('a'));
    walking.dispatch('a');
    expect(mayAppend(walking.state, ended('live', 'undone'))).toBe('The step a cannot end as undone.');
  });
  test('what was sent for nothing is begun again, as nothing happened', () => {
    const walking = at(sent('a'));
    walking.dispatch('a');
    walking.append({ kind: 'reopened', key: 'a', attempt: 2, by: 'operation', why: 'It could not connect.' });
    expect(walking.progress('a')).toMatchObject({ state: 'eligible', attempt: 2, begun: [] });
  });
});
