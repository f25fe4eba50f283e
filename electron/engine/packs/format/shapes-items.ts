/** The fields of each kind of item, as they are written in a pack. */
import { enumOf, int, listOf, recordOf, someOf, text, type Field, type Shape, type Shapes } from '../../runbooks/format/index.ts';
import { duration, flag, key, keyPattern, keyWords, milliseconds, number, origin, shape } from './shape-parts.ts';

const title: Field = { type: text(), required: true, docs: 'What it is called.' };
const about: Field = { type: text(), docs: 'What to know of it.' };
const item = (label: string, fields: Readonly<Record<string, Field>>): Shape => ({ label, fields: { title, ...fields, ...origin } });
const host: Field = { type: key, docs: 'The role of the host that it is on.' };
const lines = listOf(text());

export const itemShapes: Shapes = {
  endpoint: item('endpoint', {
    url: { type: text(), docs: 'Its address, from http:// or https:// on.' },
    method: { type: enumOf('GET', 'HEAD'), docs: 'How it is asked; without it GET.' },
    status: { type: someOf(int(100, 599)), docs: 'The status that is well, or several; without it 200.' },
    warn: milliseconds('warnMs', 'A warning where the whole answer takes so long: 500ms.'),
    critical: milliseconds('criticalMs', 'Critical where the whole answer takes so long: 1s.'),
    body_matches: { type: text(), docs: 'A regular expression that the body has to match.' },
    json: { type: shape('json'), docs: 'A field of a JSON body, and what it has to be.' },
    through: { type: key, docs: 'The role of the host that makes the connection; without it this computer.' },
  }),
  service: item('service', {
    host,
    manager: { type: enumOf('systemd', 'openrc', 'pm2', 'docker', 'kubernetes', 'process'), docs: 'What it is run by.' },
    name: { type: text(), docs: 'Its unit, process or container: nginx.' },
  }),
  path: item('path', {
    host,
    path: { type: text(), docs: 'The whole path, from / on.' },
    holds: { type: enumOf('backups', 'logs', 'uploads', 'configuration', 'application', 'certificates'), docs: 'What is there.' },
    pattern: { type: text(), docs: 'For logs: a regular expression of what is an error.' },
  }),
  threshold: item('threshold', {
    drives: { type: shape('drives'), docs: 'What goes by it.' },
    warn: { type: number, docs: 'From here on it is a warning.' },
    critical: { type: number, docs: 'From here on it is critical.' },
    unit: { type: text(), docs: 'percent, ms, seconds, bytes, count, hours, days, or another word.' },
    lower_is_worse: { type: flag, docs: 'Whether it is crossed from above.' },
    for: milliseconds('forMs', 'How long it has to last: 5m.'),
    text: { type: text(), docs: 'What it means, and what one does.' },
  }),
  hours: item('hours', {
    tz: { type: text(), docs: 'The time zone: Europe/Berlin.' },
    spans: { type: listOf(shape('span')), docs: 'When they begin and end, by days.' },
  }),
  severity: item('severity', {
    rank: { type: int(1, 9), docs: '1 is the gravest.' },
    tone: { type: enumOf('critical', 'warn', 'info'), docs: 'How it is shown.' },
    examples: { type: lines, docs: 'What is of this severity.' },
    clocks: { type: shape('clocks'), docs: 'What has to have happened after so long.' },
    hours: { type: key, docs: 'The hours in which the clocks go; without it always.' },
    runbook: { type: key, docs: 'The runbook that one begins with, by its file.' },
    text: about,
  }),
  tier: item('tier', {
    rank: { type: int(1, 9), docs: '1 is the first that is turned to.' },
    duties: { type: lines, docs: 'What they do.' },
    escalate_when: { type: lines, docs: 'When it is passed on to the next.' },
    responds: { type: recordOf(duration, 'severity', keyPattern, keyWords), docs: 'How fast they answer, by severity.' },
    next: { type: key, docs: 'The tier that it is passed on to.' },
    role: { type: key, docs: 'The role that it is of.' },
    text: about,
  }),
  role: item('role', {
    duties: { type: lines, docs: 'What they are responsible for.' },
    contact: { type: key, docs: 'Who holds it now.' },
    incident: { type: flag, docs: 'Whether it is given to somebody in an incident.' },
  }),
  contact: item('contact', {
    about: { type: text(), docs: 'What one turns to them for.' },
    email: { type: text(), docs: 'Their address.' },
    phone: { type: text(), docs: 'Their number, in quotes, as it is dialled: "+1 555 0100".' },
    url: { type: text(), docs: 'An address of theirs on the web.' },
    hours: { type: key, docs: 'When they are there.' },
    after: milliseconds('afterMs', 'How long one waits before turning to them: 15m.'),
    outside: { type: flag, docs: 'Whether they belong to somebody else: a provider, a vendor.' },
  }),
  channel: item('channel', {
    address: { type: text(), docs: 'Where it is: an address, a name.' },
    used_for: { type: lines, docs: 'What it is used for.' },
    outside: { type: flag, docs: 'Whether people outside read it.' },
  }),
  calendar: item('entry', {
    text: about,
    starts: { type: text(), docs: 'The first one, by the clock on the wall there, in quotes: "2026-01-04T02:00".' },
    rrule: { type: text(), docs: 'A rule of recurrence: FREQ=WEEKLY;BYDAY=SU. Without it once.' },
    tz: { type: text(), docs: 'The time zone: Europe/Berlin.' },
    duration: milliseconds('durationMs', 'How long it takes, or how long its window is.'),
    cutoff: milliseconds('cutoffMs', 'So long before its end nothing new is begun.'),
    notice: milliseconds('noticeMs', 'So long before its beginning people are told.'),
    missed: { type: enumOf('ask', 'run-once', 'skip'), docs: 'What becomes of one that nobody did; without it run-once.' },
    look_back: milliseconds('lookBackMs', 'How far back one that was missed is asked for.'),
    work: { type: shape('work'), docs: 'What is done.' },
    after: { type: listOf(shape('after')), docs: 'What has to be done before.' },
    role: { type: key, docs: 'Who does it.' },
    removes: { type: flag, docs: 'Whether it removes something that a copy must exist of.' },
    enabled: { type: flag, docs: 'Whether it is on; without it it is.' },
  }),
  backup: item('backup', {
    database: { type: key, docs: 'The role of the database.' },
    files: { type: shape('files'), docs: 'Files of a host.' },
    proof: { type: enumOf('L0', 'L1', 'L2', 'L3'), docs: 'How far it is proven; without it L3, restored and counted.' },
    keep: { type: shape('keep'), docs: 'How many are kept.' },
  }),
  source: { label: 'source', fields: { file: { type: text(), required: true, docs: 'The guide.' }, lines: { type: text(), docs: 'Its lines, in quotes: "22-48".' } } },
  json: { label: 'json', fields: { path: { type: text(), required: true, docs: 'Where: $.status.' }, equals: { type: { kind: 'scalar' }, required: true, docs: 'What it has to be.' } } },
  drives: {
    label: 'drives',
    oneOf: { thing: 'what goes by it (check, endpoints, backup_age or people)' },
    fields: {
      check: { type: text(), docs: 'A health check, by its id: cpu.', group: 'thing' },
      endpoints: { type: listOf(key), docs: 'How long these endpoints take to answer.', group: 'thing' },
      backup_age: { type: { kind: 'true' }, docs: 'How old the newest proven backup is.', group: 'thing' },
      people: { type: { kind: 'true' }, docs: 'Nothing here: people go by it.', group: 'thing' },
    },
  },
  span: {
    label: 'span',
    fields: {
      days: { type: listOf(enumOf('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')), required: true, docs: 'The days: [MO, TU].' },
      from: { type: text(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time, as in "09:00"'), required: true, docs: 'When they begin, in quotes: "09:00".' },
      to: { type: text(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time, as in "17:00" or "24:00"'), required: true, docs: 'When they end, in quotes: "17:00".' },
    },
  },
  clocks: {
    label: 'clocks',
    fields: {
      acknowledge: { type: duration, docs: 'Somebody says that they have it.' },
      respond: { type: duration, docs: 'Somebody works on it.' },
      update: { type: duration, docs: 'People are told how it stands, again and again.' },
      escalate: { type: duration, docs: 'It is passed on.' },
      resolve: { type: duration, docs: 'It is over.' },
    },
  },
  work: {
    label: 'work',
    oneOf: { kind: 'what is done (runbook, procedure or tasks)' },
    fields: {
      runbook: { type: text(), docs: 'A runbook of this pack, by its file.', group: 'kind' },
      procedure: { type: enumOf('health.check', 'backup.run'), docs: 'A procedure of the console.', group: 'kind' },
      tasks: { type: lines, docs: 'What a person does, one after the other.', group: 'kind' },
    },
  },
  after: {
    label: 'after',
    fields: {
      key: { type: key, required: true, docs: 'The entry that has to be done before.' },
      within: { type: duration, into: 'withinMs', required: true, docs: 'How long ago at the most: 24h.' },
      needs: { type: enumOf('done', 'proven-backup'), required: true, docs: 'done, or proven-backup: by one that was restored and counted.' },
    },
  },
  files: {
    label: 'files',
    fields: {
      host: { type: key, required: true, docs: 'The role of the host.' },
      paths: { type: listOf(text()), required: true, docs: 'Whole paths.' },
      exclude: { type: listOf(text()), docs: 'What is left out.' },
    },
  },
  keep: {
    label: 'keep',
    fields: {
      newest: { type: int(1, 1000), docs: 'How many of the newest.' },
      daily: { type: int(0, 1000), docs: 'For how many days one.' },
      weekly: { type: int(0, 1000), docs: 'For how many weeks one.' },
      monthly: { type: int(0, 1000), docs: 'For how many months one.' },
    },
  },
};
