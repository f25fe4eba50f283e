/** All that may stand in a runbook: the one description of the format `runbook/1`. */
import { paramTypes, targetKinds } from '#shared/domain/runbook/definition.ts';
import { enumOf, listOf, recordOf, shape, text, type Shape, type ShapeName } from './field-types.ts';
import { kebabText, names, stepShapes, targetName } from './shapes-step.ts';

const duration = { kind: 'duration' } as const;
const steps = listOf(shape('step'));
const value = { kind: 'either', of: [{ kind: 'scalar' }, listOf(text())], says: 'a value, or a list of texts' } as const;

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  ...stepShapes,
  runbook: {
    label: 'runbook',
    fields: {
      schema: { type: enumOf('runbook/1'), required: true, docs: 'The version of the format.' },
      id: { type: kebabText, required: true, docs: 'The name by which other runbooks and the history know it.' },
      title: { type: text(), required: true, docs: 'What it is about, in a few words.' },
      version: { type: text(/^\d{1,6}\.\d{1,6}\.\d{1,6}(?:-[0-9A-Za-z.-]{1,40})?$/, 'three figures, as in "1.2.0"'), required: true, docs: 'For people, in quotes: "1.2.0". What runs is known by the hash of the text.' },
      summary: { type: text(), docs: 'What it does, in a sentence or two.' },
      owner: { type: text(), docs: 'Who looks after it.' },
      reviewed_on: { type: text(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'a day, as in "2026-01-31"'), docs: 'When somebody last looked at it, in quotes: "2026-01-31".' },
      review_every: { type: duration, docs: 'It is due for review after so long: 90d.' },
      tags: { type: listOf(text()), docs: 'Words to find it by.' },
      draft: { type: { kind: 'true' }, docs: 'It was made of a guide, and nobody has looked at it: it cannot be started.' },
      estimate: { type: duration, docs: 'How long it usually takes: 20m.' },
      source: { type: shape('source'), docs: 'The guide that it was made from.' },
      targets: { type: recordOf(shape('target'), 'target', /^[a-z][a-z0-9_-]{0,59}$/, 'small letters, digits, hyphens and underscores, as in "web"'), docs: 'Roles that are given to real hosts, databases and addresses when a walk starts.' },
      params: { type: recordOf(shape('param'), 'parameter', names.pattern, names.says), docs: 'What is asked when a walk starts.' },
      prerequisites: { type: steps, docs: 'Steps that have to pass before the others, or are left out with a reason.' },
      steps: { type: steps, required: true, docs: 'What is done, in order.' },
      rollback: { type: shape('rollback'), docs: 'The way back.' },
      contacts: { type: listOf(shape('contact')), docs: 'Whom to tell.' },
      schedule: { type: shape('schedule'), docs: 'When it is usually done.' },
    },
  },
  target: {
    label: 'target',
    fields: {
      kind: { type: enumOf(...targetKinds), required: true, docs: 'ssh: a host; postgres: a database; http: an address.' },
      label: { type: text(), docs: 'What it is, in words.' },
      default: { type: text(), docs: 'For http: its address. Else the name of the host or database that is proposed.' },
      select: { type: enumOf('one'), docs: 'One is chosen for it.' },
      tags: { type: listOf(text()), docs: 'What kind of host is meant, for people.' },
    },
  },
  param: {
    label: 'parameter',
    fields: {
      type: { type: enumOf(...paramTypes), required: true, docs: 'What it is.' },
      label: { type: text(), docs: 'How it is called in the form.' },
      help: { type: text(), docs: 'What to know to fill it in.' },
      required: { type: { kind: 'bool' }, docs: 'Whether a walk can start without it.' },
      default: { type: value, docs: 'What is proposed. A secret has none.' },
      enum: { type: listOf(text()), docs: 'The choices of type enum.' },
      pattern: { type: text(), docs: 'A regular expression that all of it has to match.' },
      min: { type: { kind: 'number' }, docs: 'The least number, or the least length of a text or list.' },
      max: { type: { kind: 'number' }, docs: 'The greatest number, or the greatest length of a text or list.' },
      when: { type: text(), docs: 'An expression; it is asked only where that is true.' },
      options_from: { type: shape('options'), docs: 'What lists live choices. It only reads.' },
      of: { type: targetName, docs: 'For type database: the target on whose server it is.', refers: 'target' },
    },
  },
  options: {
    label: 'options_from',
    oneOf: { action: 'what lists them (sh or sql)' },
    fields: {
      target: { type: targetName, required: true, docs: 'Where it is asked.', refers: 'target' },
      sh: { type: text(), docs: 'A command that prints one choice a line.', group: 'action' },
      sql: { type: text(), docs: 'A statement whose first column has the choices.', group: 'action' },
    },
  },
  rollback: { label: 'rollback', fields: { trigger: { type: text(), docs: 'When it is done, in words.' }, steps: { type: steps, required: true, docs: 'What is done, in order.' } } },
  contact: {
    label: 'contact',
    fields: {
      role: { type: text(), required: true, docs: 'What they are for: primary, escalation.' },
      name: { type: text(), docs: 'Who it is.' },
      email: { type: text(), docs: 'Their address.' },
      phone: { type: text(), docs: 'Their number, in quotes: "+1 555 010 2030".' },
      after: { type: duration, docs: 'To be told after so long: 15m.' },
    },
  },
  schedule: {
    label: 'schedule',
    fields: {
      rrule: { type: text(), required: true, docs: 'A rule of recurrence: FREQ=WEEKLY;BYDAY=SU.' },
      tz: { type: text(), docs: 'A time zone: Europe/Berlin.' },
      duration: { type: duration, docs: 'How long the window is.' },
      cutoff: { type: duration, docs: 'So long before its end nothing is started.' },
      notice: { type: duration, docs: 'It is announced so long before.' },
      missed: { type: enumOf('ask', 'run-once', 'skip'), docs: 'What becomes of one that was missed; without it somebody is asked.' },
    },
  },
  source: { label: 'source', fields: { file: { type: text(), required: true, docs: 'Its name.' }, lines: { type: text(), docs: 'Its lines, in quotes: "543-611".' }, sha256: { type: text(), docs: 'The hash of it.' } } },
};
