/** Parameters: their names, defaults, choices and conditions; and whom to tell. */
import type { Param } from '#shared/domain/runbook/definition.ts';
import { problemOfPattern } from '#shared/domain/runbook/patterns.ts';
import { readParam } from '#shared/domain/runbook/params.ts';
import { problemsOfTemplate, references } from '#shared/domain/runbook/template.ts';
import type { Fields } from '../tree.ts';
import type { Ground } from './ground.ts';
import { checkExpression, checkName } from './names.ts';

/** Names that mean something else in a step. */
const reserved: ReadonlySet<string> = new Set(['item', 'value', 'answer', 'and', 'or', 'not', 'in', 'true', 'false']);

function lintName(ground: Ground, name: string, key: { from: number; to: number }, what: string): void {
  if (reserved.has(name)) ground.faults.add(key, { rule: 'taken-name', message: `"${name}" means something by itself in steps. Give the ${what} another name.` });
  else if (ground.builtIns.has(name)) ground.faults.add(key, { rule: 'taken-name', message: `"${name}" is a built-in. Give the ${what} another name.` });
}

function lintParam(ground: Ground, param: Param, fields: Fields): void {
  const { faults } = ground;
  const who = `parameter "${param.name}"`;
  if (param.type === 'enum' && param.choices.length === 0) faults.add(fields.spanOf('type'), { rule: 'param', message: `${who} is of type enum and has no choices. Write enum: [a, b].` });
  if (param.type !== 'enum' && fields.has('enum')) faults.add(fields.keyOf('enum'), { rule: 'param', message: `${who} has choices and is of type ${param.type}. Write type: enum.`, edit: null });
  if (param.type !== 'database' && param.of !== null) faults.add(fields.keyOf('of'), { rule: 'param', message: `"of" is for type database, and ${who} is of type ${param.type}. Remove it.` });
  if (param.min !== null && param.max !== null && param.min > param.max) faults.add(fields.spanOf('max'), { rule: 'param', message: `${who} is at least ${param.min} and at most ${param.max}, which nothing is. Put them the other way round.` });
  if (param.type === 'secret' && param.default !== null) faults.add(fields.spanOf('default'), { rule: 'secret', message: `${who} is a secret, and a secret never stands in a file. Remove the default; it is asked at the start.` });
  const pattern = param.pattern === null ? null : problemOfPattern(param.pattern);
  if (pattern !== null) faults.add(fields.spanOf('pattern'), { rule: 'pattern', message: pattern });
  checkExpression(ground, param.when, fields.spanOf('when'), { order: null, after: false, also: [] });
  if (param.default !== null && param.type !== 'secret' && pattern === null && !(param.type === 'enum' && param.choices.length === 0)) {
    const read = readParam({ ...param, when: null }, param.default, {});
    if ('fault' in read) faults.add(fields.spanOf('default'), { rule: 'default', message: `The default of ${who} cannot be used: ${read.fault}` });
  }
  const options = fields.group('options_from');
  const text = options?.text('sh') ?? null;
  if (options === null || text === null) return;
  const span = options.spanOf('sh');
  for (const { message, from, to } of problemsOfTemplate(text)) faults.add(ground.source.within(span, text, { from, to }), { rule: 'template', message });
  for (const { name, from, to } of references(text)) {
    const at = ground.source.within(span, text, { from, to });
    if (checkName(ground, at, name, { order: null, after: false, also: [] }, `{{ ${name} }}`, (near) => `{{ ${near} }}`) && ground.params.get(name)?.type === 'secret') faults.add(at, { rule: 'secret', message: `{{ ${name} }} is a secret, and would be seen in a list of processes here. Ask for the choices without it.` });
  }
}

/** What asks after a parameter that comes later is asked before its answer is there. */
function lintOrder(ground: Ground, param: Param, fields: Fields): void {
  const when = param.when ?? '';
  const later = [...ground.params.values()].find((other) => other.line > param.line && new RegExp(`(?<![\\w'"])${other.name}(?!\\w)`).test(when));
  if (later !== undefined) ground.faults.add(fields.spanOf('when'), { rule: 'value-too-early', message: `${later.name} is asked on line ${later.line}, after this parameter. Move it before.` });
}

const addressShape = /^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>".]{2,}$|^[^\s@<>"]+@localhost$/;

/** Why nobody is reached at a number; null where it may be one. */
function whyNoPhone(phone: string): string | null {
  const american = /^\+?1?[-. (]*(\d{3})[-. )]+(.+)$/.exec(phone);
  const rest = american?.[2] ?? '';
  const letters = rest.replaceAll(/[^A-Za-z]/g, '');
  const counted = rest.replaceAll(/[^A-Za-z0-9]/g, '');
  if (letters !== '' && american !== null) {
    if (counted.length === 7) return null;
    const what = counted === letters ? 'letters' : 'letters and digits';
    return `"${phone}" has ${counted.length} ${what} after ${american[1] ?? ''}; a US number has 7 digits.`;
  }
  const figures = phone.replaceAll(/\D/g, '');
  if (/[A-Za-z]/.test(phone.replace(/(?:ext\.?|x)\s*\d+$/i, ''))) return `"${phone}" has letters in it. Write the number with its country: "+1 555 010 2030".`;
  if (/^\+1\D*/.test(phone) && figures.length !== 11) return `"${phone}" has ${Math.max(0, figures.length - 1)} digits after +1; a US number has 10.`;
  if (figures.length < 3 || figures.length > 15) return `"${phone}" has ${figures.length} digits; a number has 3 to 15.`;
  return null;
}

function lintContacts(ground: Ground): void {
  for (const fields of ground.root.groups('contacts')) {
    const [email, phone] = [fields.text('email'), fields.text('phone')];
    if (email !== null && !addressShape.test(email)) ground.faults.add(fields.spanOf('email'), { rule: 'contact', message: `"${email}" is no address of mail. Write one like ops@shop.example.` });
    const why = phone === null ? null : whyNoPhone(phone);
    if (why !== null) ground.faults.add(fields.spanOf('phone'), { rule: 'contact', message: why });
  }
}

function lintSchedule(ground: Ground): void {
  const schedule = ground.root.group('schedule');
  if (schedule === null) return;
  const [rrule, tz] = [schedule.text('rrule'), schedule.text('tz')];
  if (rrule !== null && !/^(?:RRULE:)?(?:[A-Z]+=[^;=]+;)*FREQ=(?:SECONDLY|MINUTELY|HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY)(?:;[A-Z]+=[^;=]+)*$/.test(rrule)) ground.faults.add(schedule.spanOf('rrule'), { rule: 'schedule', message: `"${rrule}" is no rule of recurrence. Write one like FREQ=WEEKLY;BYDAY=SU.` });
  if (tz === null) return;
  const zone = readParam({ name: 'tz', type: 'timezone', label: 'tz', help: null, required: false, default: null, choices: [], pattern: null, min: null, max: null, when: null, of: null, optionsFrom: null, line: 1 }, tz, {});
  if ('fault' in zone) ground.faults.add(schedule.spanOf('tz'), { rule: 'schedule', message: `"${tz}" is no time zone. Write one like Europe/Berlin.` });
}

export function lintParams(ground: Ground): void {
  for (const [name, fields, { key }] of ground.root.named('params')) {
    lintName(ground, name, key, 'parameter');
    const param = ground.params.get(name);
    if (param === undefined) continue;
    lintParam(ground, param, fields);
    lintOrder(ground, param, fields);
  }
  for (const { fields } of ground.places) {
    for (const [name, , { key }] of fields.named('capture')) {
      lintName(ground, name, key, 'captured value');
      const param = ground.params.get(name);
      if (param !== undefined) ground.faults.add(key, { rule: 'taken-name', message: `"${name}" is a parameter already (line ${param.line}). Give the captured value another name.` });
    }
  }
  lintContacts(ground);
  lintSchedule(ground);
}
