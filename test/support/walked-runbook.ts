/** Runbooks and walkthroughs for tests of the state machine: no files, no store, a clock that counts. */
import { advance } from '#shared/domain/runbook/advance.ts';
import { mayAppend } from '#shared/domain/runbook/append-rules.ts';
import { decide, type DecideContext } from '#shared/domain/runbook/decide.ts';
import type { Action, Expectation, Runbook, Step, UndoStep, Value } from '#shared/domain/runbook/definition.ts';
import { evolve, type Folded } from '#shared/domain/runbook/evolve.ts';
import { slotsOf } from '#shared/domain/runbook/slots.ts';
import type { Act, Mode, StepProgress, Walkthrough, WalkthroughEvent } from '#shared/domain/runbook/walkthrough.ts';
import { aStep } from '#test/runbook-fixture.ts';

const surroundings = { target: null, database: null, cwd: null, sudo: null, shell: 'sh' as const, env: {}, stdin: null };

/** A manual step, with what the test changes. */
export function step(id: string, changes: Partial<Step> = {}): Step {
  return aStep({ id, title: `Step ${id}`, action: { kind: 'manual', text: `Do ${id}.` }, ...changes });
}

/** A step that is sent, and changes something. */
export const sent = (id: string, changes: Partial<Step> = {}): Step => step(id, { action: { kind: 'sh', script: `do ${id}` }, risk: 'change', target: 'web', ...changes });

export const undo = (script: string, changes: Partial<UndoStep> = {}): UndoStep => ({ ...surroundings, action: { kind: 'sh', script }, risk: 'change', timeoutMs: null, expect: [], line: 1, ...changes });

export const expectation = (say: string): Expectation => ({ matcher: { kind: 'matches', pattern: 'ok' }, say, line: 1 });

export const decision = (id: string, choices: Record<string, string>): Step => step(id, { action: { kind: 'decide', ask: `${id}?`, choices: Object.entries(choices).map(([label, to]) => ({ label, to })) } });

export const undoCompleted: Action = { kind: 'undo-completed' };

export function runbook(steps: readonly Step[], changes: Partial<Runbook> = {}): Runbook {
  return { id: 'tested', title: 'Tested', version: '1.0.0', summary: null, owner: null, reviewedOn: null, reviewEveryMs: null, tags: [], estimateMs: null, source: null, targets: [], params: [], prerequisites: [], steps, rollback: null, contacts: [], schedule: null, ...changes };
}

export interface Walk {
  readonly state: Walkthrough;
  readonly events: Folded[];
  /** Appends events of the engine's, and what follows from them. Throws where one may not be appended. */
  append(...events: WalkthroughEvent[]): void;
  act(act: Act): void;
  progress(key: string): StepProgress;
  /** `dispatched`, of the current attempt. */
  dispatch(key: string): void;
  /** `ended` of what was dispatched. */
  end(key: string, changes?: Partial<Extract<WalkthroughEvent, { kind: 'ended' }>>): void;
  lose(key: string): void;
  /** Every slot with its state: "a succeeded, b eligible". */
  readonly standing: string;
  readonly context: DecideContext;
}

export interface WalkOptions {
  mode?: Mode;
  values?: Record<string, Value>;
  /** Whether a `when` is true; throws where it cannot be told. */
  when?: (expression: string, values: Readonly<Record<string, Value>>) => boolean;
  judge?: DecideContext['judge'];
  capture?: DecideContext['capture'];
}

/** Begins a walkthrough. Each event is a second after the one before. */
export function walk(of: Runbook, options: WalkOptions = {}): Walk {
  let state: Walkthrough | null = null;
  let ids = 0;
  const events: Folded[] = [];
  const at = () => new Date(Date.UTC(2026, 0, 1) + events.length * 1000).toISOString();
  const now = (): Walkthrough => {
    if (state === null) throw new Error('It has not begun.');
    return state;
  };
  const add = (event: WalkthroughEvent): void => {
    const refusal = mayAppend(state, event);
    if (refusal !== null) throw new Error(refusal);
    const stored: Folded = { id: 'walk', seq: events.length + 1, at: at(), actor: 'console', event };
    events.push(stored);
    state = evolve(state, stored, of);
  };
  const append = (...given: WalkthroughEvent[]): void => {
    for (const event of given) add(event);
    for (let following = given; following.length > 0; ) {
      following = advance(now(), { runbook: of, evaluateWhen: options.when ?? (() => true) });
      for (const event of following) add(event);
    }
  };
  const context: DecideContext = {
    runbook: of,
    get at() {
      return at();
    },
    ids: () => `id-${++ids}`,
    judge: options.judge ?? (() => []),
    capture: options.capture ?? (() => ({ captured: {} })),
    keepOutput: (_deed, _key, text) => ({ sha256: 'a'.repeat(64), bytes: text.length, truncated: false, evidenceId: 'output' }),
    keepAttachment: () => ({ evidenceId: `id-${++ids}`, sha256: 'b'.repeat(64), bytes: 3 }),
  };
  const values = options.values ?? {};
  append({ kind: 'started', runbookId: of.id, version: of.version, title: of.title, definitionHash: 'c'.repeat(64), mode: options.mode ?? 'live', systemId: null, operator: 'ann', slots: slotsOf(of, values, { web: { kind: 'http', url: 'https://web.example/' } }), values, secrets: [], bindings: {}, parent: null, continues: null, appVersion: '0.1.0' });
  const walking: Walk = {
    get state() {
      return now();
    },
    events,
    append,
    act: (act) => append(...decide(now(), act, context)),
    progress(key) {
      const found = now().steps[key];
      if (found === undefined) throw new Error(`There is no slot ${key}.`);
      return found;
    },
    dispatch: (key) => append({ kind: 'dispatched', key, attempt: walking.progress(key).attempt, operationId: `operation-${events.length}`, jobId: null, hostId: null, resolved: `do ${key}`, resolvedSha256: 'd'.repeat(64), risk: 'change' }),
    end(key, changes = {}) {
      const { slot, attempt } = walking.progress(key);
      append({ kind: 'ended', key, attempt, as: slot.undo === null ? 'succeeded' : 'undone', by: 'live', verdicts: [], captured: {}, exitStatus: 0, durationMs: 1000, output: null, answer: null, summary: 'It went well.', doneAt: null, ...changes });
    },
    lose: (key) => append({ kind: 'lost', key, attempt: walking.progress(key).attempt, why: 'The connection was lost.' }),
    get standing() {
      return now()
        .order.map((key) => `${key} ${now().steps[key]?.state}`)
        .join(', ');
    },
    context,
  };
  return walking;
}

/** As people do it: a manual step that was done. */
export const done = (key: string): Act => ({ kind: 'answer', key, value: null, note: '' });
export const recorded = (key: string, changes: Partial<Extract<Act, { kind: 'record' }>> = {}): Act => ({ kind: 'record', key, worked: true, exitStatus: null, output: '', expectations: [], captured: {}, doneAt: null, note: '', ...changes });
