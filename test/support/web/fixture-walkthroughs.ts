/** Walkthroughs in every state that a screen has to show. Nothing here decides anything: a test says what comes of an act. */
import type { MethodName } from '#shared/contract/index.ts';
import type { Plan } from '#shared/contract/operations.ts';
import type { RunSummary } from '#shared/contract/runbooks.ts';
import type { WalkedStep, WalkthroughAct, WalkthroughView } from '#shared/contract/walkthroughs.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import { summary } from './fixture-runbooks.ts';
import { ago, times } from './fixture-systems.ts';
import { plan } from './fixture-work.ts';

export function walked(key: string, number: number, title: string, more: Partial<WalkedStep> = {}): WalkedStep {
  return {
    key, stepId: key, number, title, why: null, section: 'steps', kind: 'manual', line: 10 + number, item: null, target: null, targetRole: null, risk: 'read', text: '', language: 'text', missing: [], skip: 'with-reason', pause: false, detached: false, idempotent: false, hasProbe: false, probeText: null,
    undo: null, expectations: [], captures: [], confirm: null, choices: [], timeoutMs: null, state: 'pending', outcome: null, attempt: 1, operationId: null, childId: null, startedAt: null, endedAt: null, doneAt: null, by: null, roles: [], exitStatus: null, durationMs: null, verdicts: [], output: null, answer: null, reason: null, passed: false, approvals: [], timer: null, unknown: null, usable: [], can: [], comments: 0, ...more,
  };
}

const done = (minutes: number, more: Partial<WalkedStep> = {}): Partial<WalkedStep> => ({ state: 'succeeded', by: 'live', startedAt: ago(minutes * times.minute + 2000), endedAt: ago(minutes * times.minute), durationMs: 1200, ...more });
const onHost = { kind: 'sh', language: 'sh', target: 'web-1', targetRole: 'web' } as const;
const onDatabase = { kind: 'sql', language: 'sql', target: 'neff_paving_admin on db-1', targetRole: 'db' } as const;

/** The twelve steps of one runbook, of which the first five are done. */
export function steps(): WalkedStep[] {
  return [
    walked('declare', 1, 'Declare the incident', { section: 'prerequisites', text: 'Say its number and its severity.', confirm: 'text', ...done(38, { by: 'person', answer: 'INC-31, P2', outcome: 'INC-31, P2' }) }),
    walked('tell', 2, 'Tell the owner', { section: 'prerequisites', text: 'Send the message.', ...done(36, { by: 'person', outcome: 'Message sent to 2 people' }) }),
    walked('full', 3, 'See how full /var is', { ...onHost, text: 'df -h /var', expectations: ['Less than 90 % is used'], ...done(34, { exitStatus: 0, outcome: '84 %', verdicts: [{ say: 'Less than 90 % is used', ok: true, seen: '84' }], output: { evidenceId: 'ev-full', bytes: 82, truncated: false, sha256: 'a'.repeat(64), tail: 'Filesystem  Size  Used Avail Use% Mounted on\n/dev/vda2    63G   53G   10G  84% /var\n' } }) }),
    walked('holds', 4, 'Find who holds WAL back', { ...onDatabase, text: 'SELECT slot_name, active FROM pg_replication_slots;', captures: ['slot'], ...done(31, { outcome: 'slot reports_copy', output: { evidenceId: 'ev-slot', bytes: 210, truncated: false, sha256: 'b'.repeat(64), tail: 'slot_name    | active | kept\n-------------+--------+------\nreports_copy | f      | 38 GB, which nobody has read since the seventeenth of November\nstandby_1    | t      | 1 MB\nstandby_2    | t      | 2 MB\nstandby_3    | t      | 2 MB\n(4 rows)\n' } }) }),
    walked('wanted', 5, 'Ask: is reporting wanted?', { kind: 'decide', text: 'Does anybody still read from reports_copy?', choices: [{ label: 'No', to: 'drop' }, { label: 'Yes', to: 'wal' }], ...done(18, { by: 'person', outcome: 'no, says the owner', durationMs: null }) }),
    walked('drop', 6, 'Drop the slot', { ...onDatabase, why: 'Nobody reads from reports_copy any more, and it keeps 38.2 GiB of WAL. Once it is gone, the next checkpoint frees the disk.', risk: 'destructive', pause: true, skip: 'never', text: "SELECT pg_drop_replication_slot('reports_copy');", undo: [], expectations: ['One row, and no error', 'reports_copy is no longer in pg_replication_slots'], hasProbe: true, probeText: "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'reports_copy';", timeoutMs: 60_000, state: 'eligible', can: ['run', 'record'] }),
    walked('wal', 7, 'Wait until WAL is gone', { kind: 'wait', text: '10 min' }),
    walked('checkpoint', 8, 'Checkpoint', { ...onDatabase, risk: 'change', text: 'CHECKPOINT;', idempotent: true }),
    walked('answers', 9, 'See that the site answers', { kind: 'http', language: 'http', text: 'GET https://neffpaving.example/', target: 'https://neffpaving.example/', targetRole: 'site' }),
    walked('archiving', 10, 'Prove archiving', { ...onDatabase, text: 'SELECT last_archived_time FROM pg_stat_archiver;' }),
    walked('base', 11, 'Take a new base backup', { kind: 'procedure', text: 'Back up neff_paving_admin, to L3', target: 'neff_paving_admin on db-1', targetRole: 'db', risk: 'change', undo: [] }),
    walked('close', 12, 'Tell everyone, close', { text: 'Send the notice that it is over.', confirm: 'text' }),
  ];
}

export function walkthrough(id: string, more: Partial<WalkthroughView> = {}, run: Partial<RunSummary> = {}): WalkthroughView {
  return {
    run: summary(id, { state: 'waiting', stateText: 'Step 6 of 12 waits for you', current: { key: 'drop', title: 'Drop the slot', number: 6 }, done: 5, startedAt: ago(38 * times.minute), endedAt: null, durationMs: 38 * times.minute, seq: 23, ...run }),
    stateReason: null, environment: 'production', readOnly: false,
    targets: [
      { role: 'web', label: 'The host', kind: 'ssh', to: 'web-1', identity: 'SHA256:aN3qdE3bWnq1nZkq0N3v5Yk0j1q0mJw0n0b2m8r4x7c', hostId: 'host-web', databaseId: null, lostSince: null, trouble: null },
      { role: 'db', label: 'Server whose disk fills', kind: 'postgres', to: 'neff_paving_admin on db-1', identity: '7391044211876302114', hostId: null, databaseId: 'db-admin', lostSince: null, trouble: null },
    ],
    values: [{ name: 'window', label: 'Why now', text: 'emergency', secret: false, setBy: null }, { name: 'slot', label: 'slot', text: 'reports_copy', secret: false, setBy: 'holds' }, { name: 'token', label: 'Token of the pager', text: 'kept in memory alone', secret: true, setBy: null }],
    secretsNeeded: [], steps: steps(), current: 'drop', rollback: { possible: true, undoes: ['Undo of Stop the reports'], afterwards: ['Tell the commander'], started: null }, usualMs: 45 * times.minute, estimateMs: 40 * times.minute, newer: null,
    contacts: [{ role: 'primary', name: null, email: 'oncall@neff.example', phone: null, afterMs: null }, { role: 'escalation', name: 'The owner', email: null, phone: '+1 303 555 0142', afterMs: 45 * times.minute }],
    comments: [{ key: 'wanted', text: 'By phone: switched off for good on 17 Nov.', at: ago(17 * times.minute), actor: 'console' }], evidence: [{ id: 'ev-full', key: 'full', name: 'Output of full', media: 'text/plain', bytes: 82, at: ago(34 * times.minute) }, { id: 'ev-photo', key: 'tell', name: 'message.png', media: 'image/png', bytes: 4100, at: ago(35 * times.minute) }],
    signatures: [], children: [], canPause: true, canResume: false, canAbort: true, canGoLive: false, ...more,
  };
}

/** The same with its current step as it is said here. */
export function at(view: WalkthroughView, key: string, more: Partial<WalkedStep>, run: Partial<RunSummary> = {}): WalkthroughView {
  const changed = view.steps.map((step): WalkedStep => (step.key === key ? { ...step, ...more } : step));
  const step = changed.find((each) => each.key === key);
  return { ...view, steps: changed, current: key, run: { ...view.run, ...run, current: step === undefined ? null : { key, title: step.title, number: step.number } } };
}

/** Another step is the one of now, and those before it are done. */
export function further(view: WalkthroughView, key: string, more: Partial<WalkedStep>): WalkthroughView {
  const to = view.steps.findIndex((step) => step.key === key);
  const before = view.steps.map((step, index): WalkedStep => (index < to && step.state !== 'succeeded' ? { ...step, ...done(to - index), can: [] } : step));
  return at({ ...view, steps: before }, key, { state: 'awaiting-input', ...more });
}

export function over(view: WalkthroughView, run: Partial<RunSummary>): WalkthroughView {
  return { ...view, current: null, canPause: false, canAbort: false, rollback: { ...view.rollback, possible: false }, steps: view.steps.map((step) => ({ ...step, can: [] })), run: { ...view.run, current: null, endedAt: ago(times.minute), durationMs: 37 * times.minute, ...run } };
}

export const unknownStep: Partial<WalkedStep> = {
  state: 'unknown', startedAt: ago(9 * times.minute), operationId: 'op-interrupted', can: ['look', 'settle'], outcome: 'Nobody knows whether it happened',
  unknown: { since: ago(8 * times.minute), ways: ['probe', 'person'], mayRepeat: false, looks: [{ at: ago(6 * times.minute), found: 'No answer from db-1.' }, { at: ago(3 * times.minute), found: 'No answer from db-1.' }] },
};

export const failedStep: Partial<WalkedStep> = {
  state: 'failed', by: 'live', startedAt: ago(62_000), endedAt: ago(60_000), durationMs: 1900, exitStatus: null, can: ['retry', 'rollback'], outcome: 'Not seen: reports_copy is no longer in pg_replication_slots',
  verdicts: [{ say: 'One row, and no error', ok: true, seen: '1 row' }, { say: 'reports_copy is no longer in pg_replication_slots', ok: false, seen: '1' }], output: { evidenceId: 'ev-drop', bytes: 120, truncated: false, sha256: 'c'.repeat(64), tail: ' pg_drop_replication_slot\n--------------------------\n\n(1 row)\n' },
};

export function walkthroughs(): Map<string, WalkthroughView> {
  const base = walkthrough('w-now');
  const named = (id: string, view: WalkthroughView): WalkthroughView => ({ ...view, run: { ...view.run, id } });
  const all: WalkthroughView[] = [
    base,
    named('w-lost', { ...base, targets: base.targets.map((target) => (target.role === 'db' ? { ...target, lostSince: ago(times.minute) } : target)) }),
    named('w-paper', at({ ...base, canGoLive: true }, 'drop', { can: ['record'] }, { mode: 'paper' })),
    named('w-rehearsal', further({ ...base, run: { ...base.run, mode: 'rehearsal' } }, 'close', { can: ['answer', 'went-wrong', 'skip'] })),
    named('w-unknown', at(base, 'drop', unknownStep, { state: 'unknown', unknown: 1, stateText: 'Nobody knows what came of Drop the slot' })),
    named('w-failed', at({ ...base, stateReason: 'Drop the slot did not do what was expected of it.' }, 'drop', failedStep, { state: 'blocked', failed: 1, stateText: 'Stopped at Drop the slot' })),
    named('w-running', at({ ...base, canAbort: false }, 'drop', { state: 'dispatched', operationId: 'op-running', startedAt: ago(64_000), can: [] }, { state: 'running' })),
    named('w-decide', at({ ...base, steps: base.steps.map((step) => (step.key === 'wanted' ? walked('wanted', 5, step.title, { kind: 'decide', text: step.text, choices: step.choices }) : step)) }, 'wanted', { state: 'awaiting-input', can: ['decide'] })),
    named('w-approve', further(base, 'close', { kind: 'approve', title: 'Go or no-go for the swap', text: 'Both have seen the comparison.', roles: ['dba', 'incident-commander'], approvals: [{ role: 'dba', who: 'Ada', decision: 'approved', note: 'counts are equal', at: ago(times.minute) }], can: ['approve', 'skip'], confirm: null })),
    named('w-wait', further(base, 'wal', { state: 'waiting', timer: { dueAt: new Date(Date.now() + 4 * times.minute).toISOString(), state: 'armed' }, can: ['end-wait'] })),
    named('w-stale', further(base, 'wal', { state: 'awaiting-input', timer: { dueAt: ago(6 * times.hour), state: 'stale' }, can: ['end-wait'] })),
    named('w-call', further(base, 'close', { kind: 'runbook', title: 'Restore the database', text: 'database-restore', state: 'eligible', confirm: null, can: ['call', 'skip'], usable: [summary('w-earlier', { title: 'Database restore', endedAt: ago(2 * times.hour), startedAt: ago(3 * times.hour) })] })),
    named('w-manual', further({ ...base, newer: { version: '2.1.0', hash: 'd'.repeat(64), changes: ['Step Checkpoint was taken out', 'Step Tell everyone says something else'] }, secretsNeeded: [{ name: 'token', label: 'Token of the pager' }] }, 'close', { confirm: 'number', title: 'No connection is left', text: 'The load balancer shows so many connections.', expectations: ['None is left'], can: ['answer', 'went-wrong', 'skip'] })),
    named('w-done', over(at(at({ ...base, signatures: [{ key: null, role: 'dba', who: 'Ada', decision: 'approved', note: '', seenSeq: 60, at: ago(times.minute) }] }, 'drop', unknownStep), 'full', { state: 'skipped', reason: 'Seen on the monitor already', outcome: 'Skipped: Seen on the monitor already', output: null, verdicts: [] }), { state: 'aborted', stateText: 'Stopped at Drop the slot', skipped: 1, unknown: 1 })),
  ];
  return new Map(all.map((view) => [view.run.id, view]));
}

export interface WalkState {
  views: Map<string, WalkthroughView>;
  /** What was done, the oldest first. */
  acts: { act: WalkthroughAct; expectedSeq: number; commandId: string }[];
  secrets: string[];
  /** What an act comes to; as it is, the walkthrough only counts on. */
  onAct: (view: WalkthroughView, act: WalkthroughAct) => WalkthroughView;
  /** What the plan of a step says besides. */
  plan: Partial<Plan>;
}

export function walkState(): WalkState {
  return { views: walkthroughs(), acts: [], secrets: [], onAct: (view) => view, plan: {} };
}

export function walkthroughHandlers(state: WalkState, show: (plan: Plan) => { plan: Plan }, changed: () => void): Partial<Handlers<MethodName>> {
  const viewOf = (id: string): WalkthroughView => {
    const view = state.views.get(id);
    if (view === undefined) throw new PilothouseError('store.not-found', 'There is no such walkthrough.', { hint: 'It may have been removed. Go back to the list.' });
    return view;
  };
  return {
    'walkthrough.get': ({ walkthroughId }) => viewOf(walkthroughId),
    'walkthrough.act': ({ walkthroughId, expectedSeq, commandId, act }) => {
      const view = viewOf(walkthroughId);
      if (expectedSeq !== view.run.seq) return { outcome: 'stale', seq: view.run.seq, childId: null };
      state.acts.push({ act, expectedSeq, commandId });
      const next = state.onAct(view, act);
      const commented = act.kind === 'comment' ? { comments: [...next.comments, { key: act.key, text: act.text, at: ago(0), actor: 'console' }] } : {};
      state.views.set(walkthroughId, { ...next, ...commented, run: { ...next.run, seq: view.run.seq + 1 } });
      changed();
      return { outcome: 'done', seq: view.run.seq + 1, childId: act.kind === 'call' && act.use === 'new' ? 'w-manual' : null };
    },
    'walkthrough.planStep': ({ walkthroughId, key, action }) => {
      const step = viewOf(walkthroughId).steps.find((each) => each.key === key);
      const title = action === 'look' ? `Look what became of ${step?.title ?? key}` : (step?.title ?? key);
      const changes = action === 'run' && step?.risk !== 'read';
      return show(plan(action === 'look' ? 'runbook.look' : 'runbook.step', title, `Run "${title}"?`, { targets: [{ label: step?.target ?? 'this computer', databaseId: null, identity: null }], steps: [{ id: 'send', title: 'Send it', detail: step?.text ?? '' }], consequences: changes ? ['It changes something there.'] : ['It only reads.'], findings: [], changes, irreversible: changes && step?.risk === 'destructive', confirmName: changes ? 'neff_paving_admin' : null, ...state.plan }));
    },
    'walkthrough.giveSecrets': ({ walkthroughId, secrets }) => {
      state.secrets.push(...Object.values(secrets).map((each) => each.reveal()));
      state.views.set(walkthroughId, { ...viewOf(walkthroughId), secretsNeeded: [] });
      return {};
    },
    'walkthrough.evidence': ({ evidenceId }) => (evidenceId === 'ev-photo'
      ? { name: 'message.png', media: 'image/png', encoding: 'base64', content: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', sha256: 'e'.repeat(64), at: ago(35 * times.minute) }
      : { name: 'Output of full', media: 'text/plain', encoding: 'text', content: 'Filesystem  Size  Used Avail Use% Mounted on\n<script>alert(1)</script>\n/dev/vda2    63G   53G   10G  84% /var\n', sha256: 'a'.repeat(64), at: ago(34 * times.minute) }),
    'walkthrough.export': ({ format }) => ({ fileName: `wal-fills-the-disk.${format === 'markdown' ? 'md' : format}`, mediaType: 'text/markdown', content: '# WAL fills the disk\n' }),
  };
}
