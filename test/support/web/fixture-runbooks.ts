/** Runbooks of two packs and of one's own, and what came of walking them; enough for every screen of the library. */
import { createHash } from 'node:crypto';
import type { MethodName, MethodOutput } from '#shared/contract/index.ts';
import type { PreviewStep, RunbookCard, RunSummary } from '#shared/contract/runbooks.ts';
import type { Problem } from '#shared/domain/runbook/definition.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Handlers } from '#engine/dispatch/handlers.ts';
import { ago, times } from './fixture-systems.ts';

export const fixtureFolder = '/home/person/.local/share/pilothouse/runbooks';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const walText = `schema: runbook/1
id: wal-fills-the-disk
title: WAL fills the disk
version: "2.0.0"
summary: Find who holds WAL back, release it, prove that archiving works
reviewed_on: "2025-09-02"
review_every: 90d
tags: [postgres, incident]
targets:
  db: { kind: postgres, label: Server whose disk fills }
params:
  slot: { type: identifier, label: Slot to drop, required: true }
steps:
  - id: slots
    title: Slots that hold WAL back
    target: db
    sql: SELECT slot_name, active FROM pg_replication_slots
    risk: read
    expct:
      - { rows: "value > 0", say: A slot is found }
  - id: drop
    title: Drop the slot
    target: db
    sql: SELECT pg_drop_replication_slot(:slot)
    risk: destructive
    pause: before
    undo: []
`;

export function summary(id: string, more: Partial<RunSummary> = {}): RunSummary {
  return {
    id, ref: 'own/wal-fills-the-disk', runbookId: 'wal-fills-the-disk', title: 'WAL fills the disk', version: '2.0.0', mode: 'live', state: 'succeeded', stateText: 'Done', systemId: 'sys-neff', systemName: 'Neff Paving', current: null,
    steps: 12, done: 12, skipped: 0, failed: 0, unknown: 0, startedAt: ago(12 * times.day), endedAt: ago(12 * times.day - 31 * times.minute), durationMs: 31 * times.minute, operator: 'person', parentId: null, seq: 40, ...more,
  };
}

function card(ref: string, title: string, about: string, more: Partial<RunbookCard> = {}): RunbookCard {
  const [pack = '', file = ''] = ref.split('/');
  return {
    ref, id: file, title, version: '1.2.0', summary: about, tags: ['incident'], owner: null, origin: pack === 'own' ? 'own' : 'pack', packTitle: pack === 'own' ? null : 'Neff Paving', file: pack === 'own' ? `${fixtureFolder}/${file}.yaml` : `packs/${ref}.yaml`, hash: hashOf(ref), risk: 'change', steps: 9,
    estimateMs: 20 * times.minute, usualMs: null, reviewedOn: ago(40 * times.day).slice(0, 10), reviewEveryMs: 90 * times.day, reviewDueAt: new Date(Date.now() + 50 * times.day).toISOString(), review: 'fresh', errors: 0, warnings: 0, last: null, runs: 0, inProgress: [], hits: [], ...more,
  };
}

export function runs(): RunSummary[] {
  return [
    summary('w-now', { state: 'waiting', stateText: 'Step 6 of 12 waits for you', current: { key: 'drop', title: 'Drop the slot', number: 6 }, done: 5, startedAt: ago(25 * times.minute), endedAt: null, durationMs: 25 * times.minute }),
    summary('w-site', { ref: 'neff-paving/site-does-not-answer', runbookId: 'site-does-not-answer', title: 'Site does not answer', durationMs: 12 * times.minute, steps: 9, done: 9 }),
    summary('w-cert', { ref: 'neff-paving/certificate-about-to-expire', runbookId: 'certificate-about-to-expire', title: 'Certificate about to expire', state: 'succeeded-with-skips', stateText: 'Done, 1 step skipped', skipped: 1, done: 6, steps: 7, startedAt: ago(30 * times.day), endedAt: ago(30 * times.day), durationMs: 9 * times.minute }),
    summary('w-slow', { ref: 'neff-paving/slow-pages', runbookId: 'slow-pages', title: 'Slow pages', state: 'aborted', stateText: 'Stopped at step 4', failed: 1, unknown: 1, done: 3, steps: 10, startedAt: ago(46 * times.day), endedAt: ago(46 * times.day), durationMs: 25 * times.minute }),
    summary('w-restore', { ref: 'neff-paving/database-restore', runbookId: 'database-restore', title: 'Database restore, beside then swap', mode: 'rehearsal', startedAt: ago(33 * times.day), endedAt: ago(33 * times.day), durationMs: 38 * times.minute }),
    summary('w-week', { ref: 'neff-paving/weekly-maintenance', runbookId: 'weekly-maintenance', title: 'Weekly maintenance', mode: 'paper', startedAt: ago(5 * times.day), endedAt: ago(5 * times.day), durationMs: 38 * times.minute }),
  ];
}

const runOf = (id: string): RunSummary | null => runs().find((run) => run.id === id) ?? null;

export function cards(): RunbookCard[] {
  const due = { review: 'due' as const, reviewDueAt: ago(12 * times.day), reviewedOn: ago(102 * times.day).slice(0, 10) };
  const now = runOf('w-now');
  return [
    card('own/wal-fills-the-disk', 'WAL fills the disk', 'Find who holds WAL back, release it, prove that archiving works', { risk: 'destructive', usualMs: 45 * times.minute, last: summary('w-before'), runs: 4, inProgress: now === null ? [] : [now], version: '2.0.0' }),
    card('neff-paving/site-does-not-answer', 'Site does not answer', 'From DNS to the database, in the order that fails most', { ...due, reviewDueAt: ago(90 * times.day), usualMs: 15 * times.minute, last: runOf('w-site'), runs: 9 }),
    card('neff-paving/database-restore', 'Database restore, beside then swap', 'Restore a proven copy, compare, swap names', { risk: 'destructive', estimateMs: 45 * times.minute, last: runOf('w-restore'), runs: 1, tags: ['postgres', 'recovery'] }),
    card('neff-paving/certificate-about-to-expire', 'Certificate about to expire', 'Renew, reload, look from outside', { usualMs: 10 * times.minute, last: runOf('w-cert'), runs: 3 }),
    card('neff-paving/slow-pages', 'Slow pages', 'Find the statement, not the suspect', { risk: 'read', usualMs: 25 * times.minute, last: runOf('w-slow'), runs: 2 }),
    card('neff-paving/connections-run-out', 'Connections run out', 'Who holds them, what may be ended', { ...due, risk: 'destructive' }),
    card('neff-paving/weekly-maintenance', 'Weekly maintenance', 'Updates, vacuum, certificates, disk', { tags: ['maintenance'], usualMs: 40 * times.minute, last: runOf('w-week'), runs: 20 }),
    card('neff-paving/restore-drill', 'Failover test', 'Write down how long it takes', { tags: ['maintenance'], risk: 'destructive', review: 'never', reviewedOn: null, reviewDueAt: null, estimateMs: 90 * times.minute }),
    card('own/move-the-reports', 'Move the reports', 'To the second server, table by table', { tags: [], errors: 2, review: 'none', reviewedOn: null, reviewEveryMs: null, reviewDueAt: null, estimateMs: null }),
  ];
}

function step(key: string, title: string, more: Partial<PreviewStep> = {}): PreviewStep {
  return {
    key, stepId: key, title, why: null, section: 'steps', kind: 'sql', line: 15, item: null, target: 'neff_paving_admin on db-1', targetRole: 'db', risk: 'read', text: 'SELECT slot_name, active FROM pg_replication_slots', language: 'sql', missing: [], skip: 'with-reason', pause: false, detached: false, idempotent: false, hasProbe: false, probeText: null,
    undo: null, expectations: ['A slot is found'], captures: [], confirm: null, choices: [], by: [], timeoutMs: null, ...more,
  };
}

export function steps(slot: string): PreviewStep[] {
  const missing = slot === '' ? ['the parameter slot'] : [];
  return [
    step('window', 'Somebody knows about it', { section: 'prerequisites', kind: 'manual', target: null, targetRole: null, text: 'Tell the commander of the incident what you are about to do.', language: 'text', confirm: 'text', expectations: [] }),
    step('slots', 'Slots that hold WAL back', { why: 'The server keeps every WAL file since a slot was read last.' }),
    step('drop', 'Drop the slot', { line: 21, risk: 'destructive', pause: true, text: `SELECT pg_drop_replication_slot(${slot === '' ? '⟨the parameter slot⟩' : `'${slot}'`})`, missing, undo: [], expectations: [] }),
    step('free', 'The disk is free again', { kind: 'sh', language: 'sh', target: 'db-1', text: 'df -P -k /var/lib/postgresql', captures: ['free_percent'], expectations: ['More than a fifth is free'] }),
  ];
}

export const params: MethodOutput<'runbook.get'>['params'] = [
  { name: 'slot', type: 'identifier', label: 'Slot to drop', help: 'As pg_replication_slots names it', required: true, default: null, choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: { target: 'db', text: 'SELECT slot_name FROM pg_replication_slots WHERE NOT active' } },
  { name: 'why', type: 'enum', label: 'Why now', help: null, required: true, default: 'planned', choices: ['planned', 'emergency'], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null },
  { name: 'ticket', type: 'string', label: 'Ticket', help: null, required: false, default: null, choices: [], pattern: null, min: null, max: null, when: "why == 'planned'", of: null, optionsFrom: null },
  { name: 'since', type: 'datetime', label: 'Since when', help: null, required: false, default: null, choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null },
  { name: 'tell', type: 'list', label: 'Whom to tell', help: null, required: false, default: ['dba@neff.example'], choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null },
  { name: 'token', type: 'secret', label: 'Token of the pager', help: null, required: false, default: null, choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null },
];
const targets: MethodOutput<'runbook.get'>['targets'] = [{ name: 'db', kind: 'postgres', label: 'Server whose disk fills', default: null }, { name: 'pager', kind: 'http', label: 'Pager', default: 'https://pager.example/' }];
const contacts = [{ role: 'primary', name: null, email: 'oncall@neff.example', phone: null, afterMs: null }, { role: 'escalation', name: 'The owner', email: null, phone: '+1 303 555 0142', afterMs: 15 * times.minute }];

/** As the engine does it, of one fault alone: a key that is none. */
export function problemsOf(text: string): Problem[] {
  return text.split('\n').flatMap((line, index): Problem[] => {
    const at = line.indexOf('expct');
    return at < 0 ? [] : [{ line: index + 1, column: at + 1, endLine: index + 1, endColumn: at + 6, severity: 'error', rule: 'unknown-key', message: '"expct" is not a step field. Did you mean "expect"?', fix: null, edit: { title: 'Write expect', text: 'expect' } }];
  });
}

/** What the handlers keep: texts by ref, what was saved and started. */
export interface RunbookState {
  cards: RunbookCard[];
  texts: Map<string, string>;
  started: unknown[];
  options: string[];
}

export function runbookState(): RunbookState {
  return { cards: cards(), texts: new Map([['own/wal-fills-the-disk', walText]]), started: [], options: ['reports_copy', 'standby_2'] };
}

function notFound(): PilothouseError {
  return new PilothouseError('runbook.not-found', 'There is no such runbook.', { hint: 'It may have been removed. Go back to the library.' });
}

export function runbookHandlers(state: RunbookState): Partial<Handlers<MethodName>> {
  const textOf = (ref: string): string => state.texts.get(ref) ?? walText.replace('expct', 'expect');
  const cardOf = (ref: string): RunbookCard => {
    const found = state.cards.find((each) => each.ref === ref);
    if (found === undefined) throw notFound();
    return { ...found, hash: hashOf(textOf(ref)) };
  };
  return {
    'runbook.list': ({ text }) => {
      const words = text.toLowerCase().split(' ').filter((word) => word !== '');
      const inside = (whole: string): boolean => words.every((word) => whole.toLowerCase().includes(word));
      const statement = 'SELECT pg_drop_replication_slot(:slot)';
      const found = state.cards.flatMap((each) => {
        const hits = each.id === 'wal-fills-the-disk' && inside(statement) ? [{ where: 'step Drop the slot', text: statement }] : [];
        return hits.length > 0 || inside(`${each.title} ${each.summary ?? ''}`) ? [{ ...each, hits }] : [];
      });
      return { runbooks: words.length === 0 ? state.cards : found, broken: [{ ref: 'own/half-written', file: `${fixtureFolder}/half-written.yaml`, message: 'Line 4: this is no YAML: a bracket is not closed.' }], folder: fixtureFolder, tookMs: 3 };
    },
    'runbook.get': ({ ref }) => ({ card: cardOf(ref), text: textOf(ref), problems: problemsOf(textOf(ref)), targets, params, steps: steps(''), stats: [{ stepId: 'drop', runs: 4, medianMs: 2200, skips: 1, failures: 1, unknowns: 1, reasons: ['the slot was gone already'] }, { stepId: 'slots', runs: 4, medianMs: 400, skips: 0, failures: 0, unknowns: 0, reasons: [] }], runs: runs().filter((run) => run.ref === ref), contacts }),
    'runbook.check': ({ text, values }) => ({ problems: problemsOf(text), id: /^id: (.+)$/m.exec(text)?.[1] ?? null, title: /^title: (.+)$/m.exec(text)?.[1] ?? null, targets, params, steps: steps(typeof values.slot === 'string' ? values.slot : '') }),
    'runbook.complete': ({ offset }) => ({ from: offset, options: [{ label: 'expect', detail: 'what has to be seen', apply: 'expect:' }, { label: 'undo', detail: 'how it is taken back' }] }),
    'runbook.save': ({ ref, text, expectedHash }) => {
      const to = ref ?? `own/${/^id: ([a-z0-9-]+)/m.exec(text)?.[1] ?? 'new'}`;
      const before = state.texts.get(to);
      if (before !== undefined && hashOf(before) !== expectedHash) throw new PilothouseError('runbook.changed', `${to} was changed by somebody else meanwhile.`, { hint: 'Look at both, and choose which stays.', details: { found: hashOf(before) } });
      state.texts.set(to, text);
      if (!state.cards.some((each) => each.ref === to)) state.cards.push(card(to, /^title: (.+)$/m.exec(text)?.[1] ?? to, ''));
      return { ref: to, hash: hashOf(text), file: `${fixtureFolder}/${to.slice(4)}.yaml`, problems: problemsOf(text) };
    },
    'runbook.copy': ({ ref }) => {
      const to = `own/${ref.split('/')[1] ?? ''}`;
      state.cards.push({ ...cardOf(ref), ref: to, origin: 'own' });
      state.texts.set(to, textOf(ref));
      return { ref: to };
    },
    'runbook.remove': ({ ref, confirmName }) => {
      const { title } = cardOf(ref);
      if (confirmName !== title) throw new PilothouseError('operation.name-not-confirmed', `Removing the runbook ${title} wants the name ${title} typed.`);
      state.cards = state.cards.filter((each) => each.ref !== ref);
      return { movedTo: `${fixtureFolder}/.removed/20261126-${ref.slice(4)}.yaml` };
    },
    'runbook.prepare': ({ ref }) => ({
      card: cardOf(ref), problems: problemsOf(textOf(ref)), contacts,
      targets: targets.map((role) => (role.kind === 'http' ? { ...role, candidates: [], proposed: { url: 'https://pager.example/' } } : { ...role, candidates: [{ choice: { databaseId: 'db-admin' }, label: 'neff_paving_admin on db-1', note: 'production' }, { choice: { databaseId: 'db-site' }, label: 'neff_site on db-1', note: 'last seen 3 d ago' }], proposed: { databaseId: 'db-admin' } })),
      params: params.map((param) => ({ ...param, proposed: param.default })),
    }),
    'runbook.options': () => ({ options: state.options }),
    'runbook.preview': ({ values }) => ({ steps: steps(typeof values.slot === 'string' ? values.slot : ''), faults: typeof values.slot === 'string' && values.slot.includes(' ') ? [{ name: 'slot', message: 'A slot has no space in its name.' }] : values.slot === undefined ? [{ name: 'slot', message: 'This is needed.' }] : [] }),
    'runbook.checklist': ({ ref }) => ({ fileName: `${ref.split('/')[1] ?? ''}-checklist.html`, mediaType: 'text/html', content: '<!doctype html><title>Checklist</title>' }),
    'walkthrough.start': (input) => {
      state.started.push(input);
      return { walkthroughId: 'w-now' };
    },
    'walkthrough.list': ({ active, runbookId, systemId }) => ({ runs: runs().filter((run) => (active !== true || run.endedAt === null) && (runbookId === undefined || run.runbookId === runbookId) && (systemId === undefined || run.systemId === systemId)) }),
  };
}
