import { describe, expect, test } from 'vitest';
import type { WalkthroughEvent, WalkthroughEventKind } from '#shared/domain/runbook/walkthrough.ts';
import { timelineText } from '#engine/runbooks/export/index.ts';

type Sample = { [Kind in WalkthroughEventKind]: [event: Extract<WalkthroughEvent, { kind: Kind }>, sentence: string] };

const ended = { kind: 'ended', key: 'stop', attempt: 1, as: 'succeeded', by: 'live', verdicts: [], captured: {}, exitStatus: 0, durationMs: 4200, output: null, answer: null, summary: 'It ended well', doneAt: null } as const;
const output = { sha256: 'ab', bytes: 12 };
const samples: Sample = {
  started: [{ kind: 'started', runbookId: 'restart', version: '1.3.0', title: 'Restart', definitionHash: '', mode: 'paper', systemId: null, operator: 'mara', slots: [], values: {}, secrets: [], bindings: {}, parent: null, continues: 'w-0', appVersion: '' }, 'mara began "Restart", version 1.3.0, on paper, with 0 steps. It takes the place of w-0.'],
  'not-applicable': [{ kind: 'not-applicable', key: 'stop', why: 'window is not planned' }, '"Stop" does not apply: window is not planned.'],
  awaiting: [{ kind: 'awaiting', key: 'stop' }, '"Stop" waits for a person.'],
  dispatched: [{ kind: 'dispatched', key: 'stop', attempt: 2, operationId: 'o', jobId: 'j-1', hostId: 'h', resolved: '', resolvedSha256: '', risk: 'destructive' }, '"Stop" is being sent, attempt 2, as the job j-1 of the host. It destroys something.'],
  called: [{ kind: 'called', key: 'stop', attempt: 1, walkthroughId: 'w-2' }, '"Stop" called Backup.'],
  lost: [{ kind: 'lost', key: 'stop', attempt: 1, why: 'the connection was cut.' }, 'What came of "Stop" is not known: the connection was cut.'],
  looked: [{ kind: 'looked', key: 'stop', attempt: 1, found: 'no exit file' }, 'Looked what came of "Stop": no exit file.'],
  ended: [ended, '"Stop": is done. It ended well. Exit status 0. It took 4.2 s. How it is known: seen by Pilothouse, which sent it and had its answer.'],
  reopened: [{ kind: 'reopened', key: 'stop', attempt: 1, by: 'probe', why: 'two replicas run' }, '"Stop" did not happen and can be begun again: two replicas run. How it is known: by its probe, which looked afterwards.'],
  decided: [{ kind: 'decided', key: 'stop', choice: 'no', to: 'tell' }, '"Stop": "no" was chosen; it goes on with "Tell".'],
  approved: [{ kind: 'approved', key: 'stop', role: 'dba', who: 'Mara', decision: 'rejected', note: '', seenSeq: 7 }, 'Mara rejected "Stop" as dba, having seen the log up to entry 7.'],
  skipped: [{ kind: 'skipped', key: 'stop', reason: 'not needed' }, '"Stop" was skipped: not needed.'],
  passed: [{ kind: 'passed', key: 'stop', reason: 'known' }, '"Stop" had failed and was left behind: known.'],
  'timer-armed': [{ kind: 'timer-armed', key: 'stop', timerId: 't', dueAt: '2026-11-26T03:00:00Z' }, '"Stop" waits until 2026-11-26T03:00:00Z.'],
  'timer-ended': [{ kind: 'timer-ended', key: 'stop', timerId: 't', as: 'stale', why: '' }, 'The wait of "Stop" was over long before anybody looked, and needs a person.'],
  paused: [{ kind: 'paused', why: 'lunch' }, 'It was paused: lunch.'],
  resumed: [{ kind: 'resumed' }, 'It goes on.'],
  met: [{ kind: 'met', role: 'web', binding: { kind: 'ssh', hostId: 'h', label: 'web-1', fingerprint: 'SHA256:abc' } }, 'web-1, the target web, was connected to for the first time (host key SHA256:abc): from here on it has to be that one.'],
  'mode-changed': [{ kind: 'mode-changed', to: 'paper' }, 'It goes on on paper: nothing is sent from here on, and outcomes are written down.'],
  'rollback-started': [{ kind: 'rollback-started', reason: 'It got worse', slots: [{ key: 'undo:stop:0', stepId: 'stop', section: 'rollback', item: null, target: null, undo: null }] }, 'The rollback began, with 1 step: It got worse.'],
  commented: [{ kind: 'commented', key: 'stop', commentId: 'c', text: 'Why?' }, 'Comment on "Stop": Why?'],
  evidence: [{ kind: 'evidence', key: null, evidenceId: 'e', name: 'a.png', media: 'image/png', ...output }, 'Evidence was kept: a.png (image/png, 12 bytes, SHA-256 ab).'],
  signed: [{ kind: 'signed', key: null, role: 'dba', who: 'Mara', decision: 'approved', note: 'As seen', seenSeq: 9 }, 'Mara signed as dba, having seen the log up to entry 9: As seen.'],
  'ended-run': [{ kind: 'ended-run', state: 'succeeded-with-skips', summary: '1 step skipped' }, 'It is over: succeeded, with steps skipped: 1 step skipped.'],
};
const titles: Record<string, string> = { stop: '"Stop"', tell: '"Tell"' };
const tell = (event: WalkthroughEvent): string => timelineText(event, (key) => titles[key] ?? key, (id) => (id === 'w-2' ? 'Backup' : null));

describe('the log in sentences', () => {
  test.each(Object.values(samples))('tells of %j', (event, sentence) => {
    expect(tell(event)).toBe(sentence);
  });
  test('names what was expected and not met, with what was found', () => {
    expect(tell({ ...ended, as: 'failed', exitStatus: 1, durationMs: null, summary: '', verdicts: [{ say: 'It answers', ok: false, seen: 'exit status 1' }, { say: 'It is quiet', ok: true, seen: '' }] })).toBe('"Stop": failed. Exit status 1. Not met: It answers (exit status 1). How it is known: seen by Pilothouse, which sent it and had its answer.');
  });
  test('tells of what was done on paper when it was done', () => {
    expect(tell({ ...ended, by: 'paper', doneAt: '2026-11-26T02:00:00Z', exitStatus: null, durationMs: null, summary: '' })).toBe('"Stop": is done. It was done at 2026-11-26T02:00:00Z. How it is known: done by hand, and written down by a person.');
  });
});
