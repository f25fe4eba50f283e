/** Walkthroughs of any runbook, walked at random by people, by the engine, and by crashes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Action, Runbook, Step } from '#shared/domain/runbook/definition.ts';
import { failedStates } from '#shared/domain/runbook/flow.ts';
import { possibleAt, possibleOfRun, type RunDeed, type StepDeed } from '#shared/domain/runbook/possible.ts';
import { deedOf } from '#shared/domain/runbook/slots.ts';
import { isOver, modes, type Act, type Source, type StoredEvent, type WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { expectation, runbook, step, undo, undoCompleted } from '#test/walked-runbook.ts';
import { createWorld, type World } from '#test/walked-world.ts';

const count = 6;
const idOf = (place: number, prefix: string): string => `${prefix}${place % count}`;

/** What a step may do; its jumps lead anywhere in its part, also back. */
const action = (prefix: string): fc.Arbitrary<Action> =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Action>({ kind: 'sh', script: 'do' }) },
    { weight: 1, arbitrary: fc.constantFrom<Action>({ kind: 'sql', statement: 'SELECT 1' }, { kind: 'procedure', procedure: 'health.check', with: {}, require: null }) },
    { weight: 3, arbitrary: fc.constantFrom<Action>({ kind: 'manual', text: 'Do it.' }, { kind: 'note', text: 'Mind.' }) },
    { weight: 5, arbitrary: fc.constantFrom<Action>({ kind: 'wait', forMs: 1000 }, { kind: 'approve', by: ['dba', 'lead'], show: [] }, { kind: 'runbook', runbook: 'other', with: {}, require: 'succeeded', withinMs: null }) },
    { weight: 2, arbitrary: fc.tuple(fc.nat(count), fc.nat(count)).map(([left, right]): Action => ({ kind: 'decide', ask: 'Which?', choices: [{ label: 'left', to: idOf(left, prefix) }, { label: 'right', to: idOf(right, prefix) }] })) },
  );

const someStep = (prefix: string, place: number): fc.Arbitrary<Step> =>
  fc
    .record({
      action: action(prefix),
      risk: fc.constantFrom('read' as const, 'change' as const, 'destructive' as const),
      onFail: fc.constantFrom('ask' as const, 'ask' as const, 'ask' as const, 'continue' as const, 'continue' as const, 'rollback' as const, 'stop' as const),
      undo: fc.constantFrom(null, [], [undo('back')], [undo('back'), undo('further', { action: { kind: 'manual', text: 'Back.' } })]),
      idempotent: fc.boolean(),
      skip: fc.constantFrom('never' as const, 'with-reason' as const, 'with-reason' as const, 'free' as const),
      when: fc.constantFrom(null, null, null, 'yes', 'no', 'unclear'),
      confirm: fc.constantFrom(null, 'text' as const, 'photo' as const),
      expect: fc.constantFrom([], [expectation('it is so')]),
      forEach: fc.constantFrom(null, null, null, { over: 'items' as const, param: 'units' }, { over: 'items' as const, param: 'none' }),
      maxFailures: fc.constantFrom(0, 1),
      next: fc.option(fc.nat(count).map((to) => idOf(to, prefix)), { freq: 6 }),
      end: fc.nat(11).map((pick) => pick === 11),
    })
    .map((changes) => step(`${prefix}${place}`, changes));

const someSteps = (prefix: string, places: number): fc.Arbitrary<Step[]> => fc.tuple(...Array.from({ length: places }, (_none, place) => someStep(prefix, place)));

const someRunbook: fc.Arbitrary<Runbook> = fc.record({ prerequisites: someSteps('p', 1), steps: someSteps('s', count), own: fc.option(fc.tuple(someSteps('r', 2), fc.nat(2))) }).map(({ prerequisites, steps, own }) => {
  const rollback = own === null ? null : { trigger: null, steps: own[0].toSpliced(own[1], 0, step('undo-all', { action: undoCompleted })) };
  return runbook(steps, { prerequisites, rollback });
});

/** An act of this kind, that fits as well as a number can choose. */
function actOf(deed: StepDeed | RunDeed, key: string, choice: number): Act {
  const good = choice % 3 > 0;
  const acts: Partial<Record<StepDeed | RunDeed, Act>> = {
    answer: { kind: 'answer', key, value: [null, 'done', 'wrong', true][choice % 4] ?? null, note: '' },
    'went-wrong': { kind: 'went-wrong', key, note: 'no' },
    decide: { kind: 'decide', key, choice: choice % 2 === 0 ? 'left' : 'right' },
    approve: { kind: 'approve', key, role: choice % 2 === 0 ? 'dba' : 'lead', who: 'Ann', decision: good ? 'approved' : 'rejected', note: '', seenSeq: 1 },
    skip: { kind: 'skip', key, reason: good ? 'no need' : '' },
    record: { kind: 'record', key, worked: good, exitStatus: null, output: '', expectations: [good], captured: {}, doneAt: null, note: '' },
    settle: { kind: 'settle', key, happened: good, evidence: 'seen' },
    retry: { kind: 'retry', key },
    pass: { kind: 'pass', key, reason: 'later' },
    'start-wait': { kind: 'start-wait', key },
    'end-wait': { kind: 'end-wait', key, reason: 'quiet' },
    call: { kind: 'call', key, use: 'new' },
    rollback: { kind: 'rollback', reason: 'no' },
    abort: { kind: 'abort', reason: 'enough' },
    pause: { kind: 'pause', why: '' },
    resume: { kind: 'resume' },
    'go-live': { kind: 'go-live' },
    'go-paper': { kind: 'go-paper' },
  };
  return acts[deed] ?? { kind: 'comment', key, text: 'odd' };
}

/** What the engine may have to say of a slot, right or wrong. */
function eventsOf(world: World, key: string, choice: number): WalkthroughEvent[] {
  const progress = world.state.steps[key];
  if (progress === undefined) return [];
  const { attempt, slot, timer } = progress;
  const good = choice % 3 > 0;
  const as = slot.undo === null ? (good ? ('succeeded' as const) : (['failed', 'timed-out', 'cancelled'] as const)[choice % 3 === 0 ? choice % 2 : 2]) : good ? ('undone' as const) : ('undo-failed' as const);
  const ended = (by: Source): WalkthroughEvent => ({ kind: 'ended', key, attempt, as: as ?? 'failed', by, verdicts: [], captured: {}, exitStatus: null, durationMs: 5, output: null, answer: null, summary: 'So it ended.', doneAt: null });
  return [
    { kind: 'dispatched', key, attempt, operationId: `operation-${world.state.seq}`, jobId: choice % 2 === 0 ? 'job' : null, hostId: null, resolved: 'do', resolvedSha256: 'd'.repeat(64), risk: deedOf(world.runbook, slot)?.risk ?? 'read' },
    ended(progress.state === 'waiting' ? 'runbook' : 'live'),
    ended('probe'),
    { kind: 'lost', key, attempt, why: 'The connection was lost.' },
    { kind: 'looked', key, attempt, found: 'No answer.' },
    { kind: 'reopened', key, attempt: attempt + 1, by: 'probe', why: 'It did not happen.' },
    { kind: 'timer-ended', key, timerId: timer?.timerId ?? 'none', as: good ? 'due' : 'stale', why: 'The time is over.' },
  ];
}

function forgetsNothing(world: World): void {
  const { before, after } = world.crash();
  expect(after).toEqual(before);
}

function keepsNothingTwice(world: World): void {
  const { seq } = world.state;
  expect([...world.sendLateAndTwice(), world.events().length]).toEqual(['stale', 'duplicate', seq]);
}

/** Every move may be made at any time: what is possible is told by the rules, not by a model beside them. */
const move = (words: string, run: (world: World) => void): fc.Command<object, World> => ({
  check: () => true,
  run(_model, world) {
    run(world);
    holds(world);
  },
  toString: () => words,
});

const rare: ReadonlySet<string> = new Set(['abort', 'pause', 'go-paper', 'rollback']);
const moves = [
  /** What a person can do now. */
  fc.tuple(fc.nat(40), fc.nat(11)).map(([pick, choice]) =>
    move(`act ${pick} ${choice}`, (world) => {
      const { state } = world;
      const key = state.current ?? '';
      const can = [...possibleAt(state, world.runbook, key).filter((deed) => deed !== 'run' && deed !== 'look'), ...possibleOfRun(state, world.runbook)].filter((deed) => !rare.has(deed) || pick % 13 === 0);
      const deed = can[pick % Math.max(1, can.length)];
      if (deed !== undefined) world.act(actOf(deed, key, choice));
    }),
  ),
  /** What goes on at the current slot. */
  fc.tuple(fc.constantFrom(0, 1, 1, 2, 3, 3, 4, 5, 6), fc.nat(11)).map(([pick, choice]) =>
    move(`engine ${pick} ${choice}`, (world) => {
      const fitting = eventsOf(world, world.state.current ?? '', choice);
      // Begun at the event that was picked, the first that fits.
      for (const event of [...fitting.slice(pick), ...fitting.slice(0, pick)]) if (world.tell(event)) break;
    }),
  ),
  /** Anything about anything: refused, or as good as what is asked for. */
  fc.tuple(fc.constantFrom<StepDeed | RunDeed>('answer', 'decide', 'skip', 'record', 'settle', 'retry', 'pass', 'end-wait', 'call', 'approve', 'resume', 'go-live'), fc.nat(30), fc.nat(11)).map(([deed, place, choice]) => move(`any act ${deed} ${place} ${choice}`, (world) => void world.act(actOf(deed, world.state.order[place % world.state.order.length] ?? '', choice)))),
  fc.tuple(fc.nat(4), fc.nat(30), fc.nat(11)).map(([pick, place, choice]) =>
    move(`any event ${pick} ${place} ${choice}`, (world) => {
      const event = eventsOf(world, world.state.order[place % world.state.order.length] ?? '', choice)[pick];
      if (event !== undefined) world.tell(event);
    }),
  ),
  fc.constant(move('comment', (world) => void world.act({ kind: 'comment', key: world.state.order[0] ?? null, text: 'odd' }))),
  fc.constant(move('crash', forgetsNothing)),
  fc.constant(move('late and twice', keepsNothingTwice)),
];

const busy: ReadonlySet<string> = new Set(['eligible', 'awaiting-input', 'waiting', 'dispatched']);

/** What holds of every state. */
function holds(world: World): void {
  const { state, current } = world;
  const atWork = Object.values(state.steps).filter((progress) => busy.has(progress.state));
  // One at a time, and that is the current one. What an aborted walkthrough leaves is not at work.
  if (!isOver(state.state)) expect(atWork.map(({ slot }) => slot.key).filter((key) => key !== state.current)).toEqual([]);
  if (isOver(state.state)) {
    expect(state.current).toBe(null);
    const main = Object.values(state.steps).filter(({ slot }) => slot.section !== 'rollback').map((progress) => progress.state);
    if (state.state === 'succeeded') expect(main.filter((one) => one !== 'succeeded' && one !== 'not-applicable')).toEqual([]);
    if (state.state === 'succeeded-with-skips') expect(main.filter((one) => one !== 'succeeded' && one !== 'not-applicable' && one !== 'skipped')).toEqual([]);
    if (state.state === 'rolled-back') expect(Object.values(state.steps).filter((progress) => progress.slot.section === 'rollback' && failedStates.has(progress.state))).toEqual([]);
    return;
  }
  // No dead end: there is something to do about the current step, or it is under way and ends without us.
  if (state.state === 'paused') return expect(possibleOfRun(state, world.runbook)).toEqual(['resume']);
  expect(current).not.toBe(null);
  if (current === null) return;
  const underWay = current.state === 'dispatched' || (current.state === 'waiting' && (current.childId !== null || current.timer?.state === 'armed'));
  expect(underWay || possibleAt(state, world.runbook, current.slot.key).some((deed) => deed !== 'rollback')).toBe(true);
  // To leave is always possible, but while something runs.
  if (!underWay) expect(possibleOfRun(state, world.runbook)).toContain('abort');
}

/** What holds of every log, told from the events alone. */
function logHolds(events: readonly StoredEvent[], of: Runbook): void {
  const sent = new Set<string>();
  const lostSince = new Set<string>();
  const timers = new Map<string, string>();
  /** The event by which a slot was last begun, and those before. */
  const begun = new Map<string, number[]>();
  const inAttempt = new Map<string, boolean>();
  let mode = 'live';
  let over = false;
  for (const { seq, event } of events) {
    if (over) expect(['commented', 'evidence', 'signed']).toContain(event.kind);
    if (event.kind === 'started') mode = event.mode;
    if (event.kind === 'mode-changed') mode = event.to;
    if (event.kind === 'ended-run') over = true;
    if (event.kind === 'dispatched' || event.kind === 'called') {
      const attempt = `${event.key} ${event.attempt}`;
      expect(sent.has(attempt), `${attempt} is begun once`).toBe(false);
      expect(lostSince.has(event.key), `${event.key} is not begun again while nobody knows`).toBe(false);
      sent.add(attempt);
      begun.set(event.key, [...(begun.get(event.key) ?? []), seq]);
      inAttempt.set(event.key, true);
    }
    if (event.kind === 'dispatched') expect(mode).toBe('live');
    if (event.kind === 'lost') lostSince.add(event.key);
    if (event.kind === 'ended') {
      lostSince.delete(event.key);
      if (inAttempt.get(event.key) !== true && event.by !== 'runbook') begun.set(event.key, [...(begun.get(event.key) ?? []), seq]);
      inAttempt.set(event.key, false);
    }
    if (event.kind === 'reopened') {
      const deed = events.flatMap(({ event: other }) => (other.kind === 'started' || other.kind === 'rollback-started' ? other.slots : [])).find(({ key }) => key === event.key);
      const found = deed === undefined ? null : deedOf(of, deed);
      if (lostSince.has(event.key) && event.by === 'runbook') expect(found?.risk === 'read' || found?.step.idempotent).toBe(true);
      if (inAttempt.get(event.key) === true && event.by !== 'runbook') begun.set(event.key, (begun.get(event.key) ?? []).slice(0, -1));
      inAttempt.set(event.key, false);
      lostSince.delete(event.key);
    }
    if (event.kind === 'timer-armed') timers.set(event.timerId, 'armed');
    if (event.kind === 'timer-ended') {
      expect(timers.get(event.timerId)).toBe('armed');
      timers.set(event.timerId, event.as);
    }
    if (event.kind === 'rollback-started') {
      const undone = [...new Set(event.slots.flatMap(({ undo: back }) => (back === null ? [] : [back.of])))];
      const last = (key: string): number => begun.get(key)?.at(-1) ?? 0;
      expect(undone.filter((key) => last(key) === 0)).toEqual([]);
      expect(undone).toEqual(undone.toSorted((a, b) => last(b) - last(a)));
    }
  }
}

const ended = ['aborted', 'failed', 'rolled-back', 'succeeded', 'succeeded-with-skips'];
const events = ['approved', 'awaiting', 'called', 'commented', 'decided', 'dispatched', 'ended', 'ended-run', 'looked', 'lost', 'mode-changed', 'not-applicable', 'passed', 'paused', 'reopened', 'resumed', 'rollback-started', 'skipped', 'started', 'timer-armed', 'timer-ended'];

test('whatever people, the engine and crashes do, nothing is lost, doubled, or said to be better than it was', () => {
  const came = new Set<string>();
  fc.assert(
    fc.property(someRunbook, fc.constantFrom(...modes, 'live' as const, 'live' as const), fc.commands(moves, { maxCommands: 120, size: 'max' }), (of, mode, commands) => {
      const world = createWorld(of, mode);
      try {
        holds(world);
        fc.modelRun(() => ({ model: {}, real: world }), commands);
        logHolds(world.events(), of);
        forgetsNothing(world);
        const { kept, anew } = world.derived();
        expect(anew).toEqual(kept);
        expect(world.repository.verifyChain('world')).toBe(null);
        if (isOver(world.state.state)) came.add(world.state.state);
        for (const { event } of world.events()) came.add(event.kind);
      } finally {
        world.close();
      }
    }),
    { numRuns: 300 },
  );
  // The walks are worth something only if they come to every end, by every kind of event.
  expect([...came].toSorted()).toEqual([...ended, ...events].toSorted());
}, 120_000);
