/** The fields of a step, and of what stands in one. */
import { confirmKinds, paramTypes, procedures, risks } from '#shared/domain/runbook/definition.ts';
import { enumOf, int, listOf, recordOf, shape, someOf, text, type Field, type Shape, type ShapeName } from './field-types.ts';

const kebab = /^[a-z0-9][a-z0-9-]{0,79}$/;
export const kebabWords = 'small letters, digits and hyphens, as in "stop-app"';
export const kebabText = text(kebab, kebabWords);
const name = /^[a-z_][a-z0-9_]{0,59}$/;
export const nameWords = 'small letters, digits and underscores, as in "max_age"';
export const names = { pattern: name, says: nameWords };
export const targetName = text(/^[a-z][a-z0-9_-]{0,59}$/, 'small letters, digits, hyphens and underscores, as in "web"');

const written = { kind: 'written' } as const;
const scalar = { kind: 'scalar' } as const;
const bool = { kind: 'bool' } as const;
const duration = { kind: 'duration' } as const;
const environment = recordOf(written, 'variable', /^[A-Za-z_][A-Za-z0-9_]*$/, 'letters, digits and underscores, as in "PGDATABASE"');
const values = recordOf(written, 'value', name, nameWords);

const surroundings: Record<string, Field> = {
  target: { type: targetName, docs: 'The role on which it runs, one of those under targets.', refers: 'target' },
  database: { type: text(), docs: 'For sql: another database of the same server.', template: true },
  cwd: { type: text(), docs: 'For sh: the folder in which it runs.', template: true },
  sudo: { type: { kind: 'either', of: [bool, text()], says: 'true, or the name of an account' }, docs: 'For sh: true runs it as root by sudo; a name as that account.' },
  shell: { type: enumOf('sh', 'bash'), docs: 'For sh: what runs the script. Without it the POSIX shell of the host.' },
  env: { type: environment, docs: 'For sh: variables of its environment. Never a secret.', template: true },
  stdin: { type: text(), docs: 'For sh: what it reads from its standard input. The way for a secret.', template: true },
};

const sh: Field = { type: text(), docs: 'A script for the shell of a host. {{ name }} stands for a quoted variable.', template: true, group: 'action' };
const sql: Field = { type: text(), docs: 'One statement. Values are bound by :name.', template: true, group: 'action' };
const http: Field = { type: shape('http'), docs: 'A request by HTTP.', group: 'action' };
const call: Field = { type: shape('call'), docs: 'Another runbook, or a procedure of the console.', group: 'action' };
const risk: Field = { type: enumOf(...risks), docs: 'What it may do: read, change, or destructive. Not lower than what the command is found to be.' };
const expect: Field = { type: listOf(shape('expectation')), docs: 'What has to be true afterwards, each with the sentence that is shown with it.' };
const timeout: Field = { type: duration, docs: 'It is ended after so long: "30s", "5m".' };

const matchers: Record<string, Field> = {
  exit: { type: someOf(int(0, 255)), docs: 'The exit status, or several that are good.', group: 'matcher' },
  status: { type: someOf(int(100, 599)), docs: 'The status of HTTP, or several that are good.', group: 'matcher' },
  matches: { type: text(), docs: 'A regular expression that is found in the output.', template: true, group: 'matcher' },
  not_matches: { type: text(), docs: 'A regular expression that is not found in the output.', template: true, group: 'matcher' },
  rows: { type: text(), docs: 'An expression about the number of rows: "value > 0".', group: 'matcher' },
  expr: { type: text(), docs: 'An expression over parameters, captured values and answer.', group: 'matcher' },
  json: { type: text(), docs: 'A path into JSON, with all or equals: "$.items[*].status".', template: true, group: 'matcher' },
  cell: { type: { kind: 'either', of: [{ kind: 'true' }, text()], says: 'the name of a column, or true for the first' }, docs: 'A column of the first row, with equals or number; true is the first column.', group: 'matcher' },
  equals: { type: scalar, docs: 'The output, the answer, or what json or cell found is this.', template: true, group: 'matcher' },
  number: { type: text(), docs: 'An expression about the figure that was found: "value < 80".', group: 'matcher' },
  all: { type: scalar, docs: 'With json: everything that is found is this.', template: true },
};
const matcherWords = 'what is expected (exit, status, matches, not_matches, equals, number, json, cell, rows or expr)';
const together = { json: ['equals'], cell: ['equals', 'number'] };

export const actionFields = ['manual', 'note', 'sh', 'sql', 'http', 'transfer', 'wait', 'decide', 'approve', 'call', 'undo_completed'] as const;
export type ActionField = (typeof actionFields)[number];

export const stepShapes: Pick<Record<ShapeName, Shape>, 'step' | 'http' | 'upload' | 'decide' | 'approve' | 'call' | 'expectation' | 'doneIf' | 'capture' | 'undo' | 'probe' | 'forEach' | 'retry' | 'waitUntil'> = {
  step: {
    label: 'step',
    oneOf: { action: `what it does (${actionFields.join(', ')})` },
    fields: {
      id: { type: kebabText, required: true, docs: 'Its name in the file, in jumps, in rollback and in history.' },
      title: { type: text(), required: true, docs: 'What it is about, in a few words.', template: true },
      why: { type: text(), docs: 'Why it is done, and what to know before.', template: true },
      manual: { type: text(), docs: 'What a person does, or looks at.', template: true, group: 'action' },
      note: { type: text(), docs: 'Something to read; nothing is done.', template: true, group: 'action' },
      sh,
      sql,
      http,
      transfer: { type: shape('upload'), docs: 'A file to the host, or from it.', group: 'action' },
      wait: { type: duration, docs: 'Waits so long: "10m".', group: 'action' },
      decide: { type: shape('decide'), docs: 'A question; each answer leads to a step.', group: 'action' },
      approve: { type: shape('approve'), docs: 'Goes on when these roles have approved.', group: 'action' },
      call,
      undo_completed: { type: { kind: 'true' }, docs: 'In a rollback: undoes what was completed or started, newest first.', group: 'action' },
      ...surroundings,
      risk,
      pause: { type: enumOf('before'), docs: 'before: a person says go, at each run of it. Destructive steps need it.' },
      require: { type: text(), docs: 'How what is called has to end: succeeded, any; ok; L0 to L3; equal.' },
      when: { type: text(), docs: 'An expression; the step is done only where it is true.' },
      timeout,
      stall_warn: { type: duration, docs: 'After so long without a word it is said that it is silent. Nothing is ended by it.' },
      retry: { type: shape('retry'), docs: 'Tries again what failed.' },
      wait_until: { type: shape('waitUntil'), docs: 'Looks again and again until what is expected is true.' },
      expect,
      capture: { type: recordOf(shape('capture'), 'captured value', name, nameWords), docs: 'Values that are taken out of what came back, by name.' },
      on_fail: { type: enumOf('stop', 'ask', 'continue', 'rollback'), docs: 'What follows where it fails; without it a person is asked.' },
      undo: { type: listOf(shape('undo')), docs: 'What takes it back, in order. An empty list says that there is no way back; why says the reason.' },
      idempotent: { type: bool, docs: 'Whether it may be done twice without harm.' },
      probe: { type: shape('probe'), docs: 'How to find out whether it happened, where nobody knows.' },
      detach: { type: bool, docs: 'For sh: whether it runs as a job of the host, which outlives the connection.' },
      confirm: { type: enumOf(...confirmKinds), docs: 'What a person gives as a proof.' },
      choices: { type: listOf(text()), docs: 'For confirm: choice.' },
      for_each: { type: shape('forEach'), docs: 'Does it for each of several targets or items.' },
      evidence: { type: enumOf('auto', 'keep', 'none'), docs: 'Whether its output is kept.' },
      redact: { type: listOf(text()), docs: 'Regular expressions whose matches are taken out of what is kept.' },
      skip: { type: enumOf('never', 'with-reason', 'free'), docs: 'Whether it may be skipped; without it with a reason.' },
      next: { type: kebabText, docs: 'The step that follows, where that is not the next one.', refers: 'step' },
      end: { type: { kind: 'true' }, docs: 'The walk ends after it.' },
    },
  },
  http: {
    label: 'http',
    oneOf: { address: 'an address (path, below that of the target, or url)' },
    fields: {
      method: { type: enumOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'), docs: 'Without it GET.' },
      path: { type: text(/^\//, 'an address that begins with "/"'), docs: 'Below the address of the target.', template: true, group: 'address' },
      url: { type: text(), docs: 'A whole address.', template: true, group: 'address' },
      through: { type: targetName, docs: 'A target of kind ssh whose host makes the connection.', refers: 'target' },
      headers: { type: recordOf(written, 'header', /^[A-Za-z0-9-]+$/, 'letters, digits and hyphens'), docs: 'Headers of the request. A secret may stand here.', template: true },
      body: { type: text(), docs: 'What is sent. A secret may stand here.', template: true },
    },
  },
  upload: {
    label: 'transfer',
    oneOf: { direction: 'a direction (upload or download)' },
    fields: {
      upload: { type: text(), docs: 'A file on this computer, with to: where it goes on the host.', template: true, group: 'direction' },
      download: { type: text(), docs: 'A file on the host, with to: where it goes on this computer.', template: true, group: 'direction' },
      to: { type: text(), required: true, docs: 'Where it goes.', template: true },
    },
  },
  decide: {
    label: 'decide',
    fields: {
      ask: { type: text(), required: true, docs: 'The question.', template: true },
      choices: { type: recordOf(kebabText, 'choice', /^[^\n]{1,120}$/, 'a text of one line'), required: true, docs: 'Answers, each with the step that it leads to.', refers: 'step' },
    },
  },
  approve: {
    label: 'approve',
    fields: {
      by: { type: listOf(text()), required: true, docs: 'Roles of which each has to approve.' },
      show: { type: listOf(kebabText), docs: 'Steps whose results are shown with it.', refers: 'step' },
    },
  },
  call: {
    label: 'call',
    oneOf: { called: 'what is called (runbook or procedure)' },
    fields: {
      runbook: { type: kebabText, docs: 'The id of a runbook.', group: 'called' },
      procedure: { type: enumOf(...procedures), docs: 'A procedure of the console.', group: 'called' },
      with: { type: values, docs: 'What it is given, by name.', template: true },
      require: { type: text(), docs: 'How it has to end: succeeded, any; ok; L0 to L3; equal.' },
      within: { type: duration, docs: 'For a runbook: one that ended so within this time will do.' },
    },
  },
  expectation: { label: 'expect', oneOf: { matcher: matcherWords }, together, fields: { ...matchers, say: { type: text(), docs: 'The sentence that is shown with it.', template: true } } },
  doneIf: { label: 'done_if', oneOf: { matcher: matcherWords }, together, fields: matchers },
  capture: {
    label: 'capture',
    oneOf: { from: 'where it is found (regex, json or cell)' },
    fields: {
      regex: { type: text(), docs: 'A regular expression, by line; its first group is the value.', template: true, group: 'from' },
      json: { type: text(), docs: 'A path into JSON.', template: true, group: 'from' },
      cell: { type: { kind: 'either', of: [{ kind: 'true' }, text()], says: 'the name of a column, or true for the first' }, docs: 'A column of the first row; true is the first column.', group: 'from' },
      type: { type: enumOf(...paramTypes.filter((each) => each !== 'secret')), docs: 'What the value is; without it a string.' },
    },
  },
  undo: { label: 'undo', oneOf: { action: 'what it does (sh, sql, http or call)' }, fields: { sh, sql, http, call, ...surroundings, risk, timeout, expect } },
  probe: { label: 'probe', oneOf: { action: 'what looks (sh or sql)' }, fields: { sh, sql, done_if: { type: shape('doneIf'), required: true, docs: 'It happened where this is true.' }, ...surroundings } },
  forEach: {
    label: 'for_each',
    oneOf: { over: 'what it goes over (host_in or item_in)' },
    fields: {
      host_in: { type: listOf(targetName), docs: 'Targets, one after the other.', refers: 'target', group: 'over' },
      item_in: { type: text(name, nameWords), docs: 'A parameter of type list; {{ item }} is each of it.', refers: 'param', group: 'over' },
      max_failures: { type: int(0, 500), docs: 'How many may fail before the rest is not begun; without it none.' },
    },
  },
  retry: {
    label: 'retry',
    fields: {
      attempts: { type: int(1, 100), required: true, docs: 'How often it is tried in all.' },
      delay: { type: duration, docs: 'How long to wait before the next; without it 5s.' },
      backoff: { type: { kind: 'number' }, docs: 'The wait grows by this factor; without it 1.' },
    },
  },
  waitUntil: { label: 'wait_until', fields: { every: { type: duration, required: true, docs: 'How long to wait between two looks.' }, up_to: { type: duration, required: true, docs: 'It failed after so long.' } } },
};
