/** All that may stand in the YAML files of a pack: the one description of the format `pack/1`. What each item has is that of `shared/contract/items.ts`. */
import { questionKinds } from '#shared/domain/pack/definition.ts';
import { enumOf, listOf, recordOf, text, type Field, type FieldType, type Shapes } from '../../runbooks/format/index.ts';
import { itemShapes } from './shapes-items.ts';
import { flag, keyPattern, keyWords, origin, shape } from './shape-parts.ts';

const written = { kind: 'written' } as const;

const named = (of: FieldType, what: string): FieldType => recordOf(of, what, keyPattern, keyWords);
const items = (name: string, what: string, docs: string): Field => ({ type: named(shape(name), what), docs });

const packItems: Record<string, Field> = {
  endpoints: items('endpoint', 'endpoint', 'Addresses that have to answer.'),
  services: items('service', 'service', 'Units, processes and containers that have to run.'),
  paths: items('path', 'path', 'Folders and files that matter.'),
  thresholds: items('threshold', 'threshold', 'From which figure on something is a warning or critical.'),
  backups: items('backup', 'backup', 'What is backed up, how far it is proven, and how long it is kept.'),
};

export const packShapes: Shapes = {
  ...itemShapes,
  pack: {
    label: 'pack',
    fields: {
      schema: { type: enumOf('pack/1'), required: true, docs: 'The version of the format.' },
      id: { type: text(/^[a-z0-9][a-z0-9-]{0,80}$/, 'small letters, digits and dashes, as in "web-shop"'), required: true, docs: 'The name of its folder.' },
      title: { type: text(), required: true, docs: 'What it is called.' },
      version: { type: text(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/, 'three figures, as in "1.2.0"'), required: true, docs: 'In quotes: "1.2.0". A newer one is offered to whoever has adopted it.' },
      summary: { type: text(), required: true, docs: 'What kind of system it is, in a sentence.' },
      environment: { type: enumOf('production', 'staging', 'development', 'practice'), docs: 'What is proposed for a system of it; without it production.' },
      guide: { type: shape('guide'), docs: 'The guide that it was made from.' },
      hosts: { type: named(shape('hostRole'), 'host'), docs: 'Roles that a person gives to real hosts. Runbooks name them as targets.' },
      databases: { type: named(shape('databaseRole'), 'database'), docs: 'Roles that a person gives to real databases. Runbooks name them as targets.' },
      ...packItems,
      questions: { type: named(shape('question'), 'question'), docs: 'What is asked once when it is adopted.' },
    },
  },
  people: {
    label: 'people',
    fields: {
      schema: { type: enumOf('pack/1'), docs: 'The version of the format.' },
      hours: items('hours', 'hours', 'When people work.'),
      severities: items('severity', 'severity', 'How grave an incident is, and what clocks go from then on.'),
      tiers: items('tier', 'tier', 'Levels of support.'),
      roles: items('role', 'role', 'Who is responsible for what.'),
      contacts: items('contact', 'contact', 'Whom to turn to.'),
      channels: items('channel', 'channel', 'Ways by which people are told.'),
    },
  },
  calendarFile: {
    label: 'calendar',
    fields: {
      schema: { type: enumOf('pack/1'), docs: 'The version of the format.' },
      calendar: items('calendar', 'entry', 'What is done again and again.'),
    },
  },
  guide: { label: 'guide', fields: { file: { type: text(), required: true, docs: 'Its name.' }, title: { type: text(), docs: 'What it is called.' } } },
  hostRole: {
    label: 'host',
    fields: {
      title: { type: text(), required: true, docs: 'What it is, in words.' },
      needed: { type: flag, docs: 'Whether the system makes no sense without it; without this it may be left out.' },
      why: { type: text(), docs: 'What runs there.' },
    },
  },
  databaseRole: {
    label: 'database',
    fields: {
      title: { type: text(), required: true, docs: 'What it is, in words.' },
      needed: { type: flag, docs: 'Whether the system makes no sense without it; without this it may be left out.' },
      why: { type: text(), docs: 'What is in it.' },
      database: { type: text(), docs: 'Its name on the server.' },
    },
  },
  question: {
    label: 'question',
    fields: {
      ask: { type: text(), required: true, docs: 'The question, as a person reads it.' },
      kind: { type: enumOf(...questionKinds), required: true, docs: 'What kind of answer it takes.' },
      choices: { type: listOf(shape('choice')), docs: 'Of kind choice: what one chooses from.' },
      default: { type: written, docs: 'What is proposed. Where a guide says two things there is none.' },
      optional: { type: flag, docs: 'Whether it may be left unanswered.' },
      sets: { type: listOf(shape('sets')), required: true, docs: 'Where the answer goes.' },
    },
  },
  choice: {
    label: 'choice',
    fields: {
      value: { type: text(), required: true, docs: 'What is put in, in quotes.' },
      label: { type: text(), docs: 'How it is shown.' },
      source: { type: text(), docs: 'The lines of the guide that say so, in quotes.' },
    },
  },
  sets: {
    label: 'sets',
    oneOf: { place: 'where the answer goes (item with field, or param)' },
    fields: {
      item: { type: text(/^[a-z]+\/[a-z0-9][a-z0-9-]{0,60}$/, 'a kind and a key, as in "endpoint/site"'), docs: 'The item: endpoint/site.', group: 'place' },
      field: { type: text(/^[a-z_]+(?:\.[a-z0-9_-]+)*$/, 'the name of a field, as in "url" or "clocks.respond"'), docs: 'The field of that item: url, clocks.respond.' },
      param: { type: text(/^[a-z_][a-z0-9_]{0,59}$/, 'small letters, digits and underscores, as in "site_url"'), docs: 'A parameter of runbooks of this pack, for which it is proposed.', group: 'place' },
    },
  },
  template: {
    label: 'template',
    fields: {
      title: { type: text(), required: true, docs: 'What it is called.' },
      purpose: { type: enumOf('incident-report', 'status-update', 'notice', 'ticket', 'report', 'other'), required: true, docs: 'What it is written for.' },
      ...origin,
    },
  },
  card: { label: 'card', fields: { title: { type: text(), required: true, docs: 'What it is called.' }, ...origin } },
};
