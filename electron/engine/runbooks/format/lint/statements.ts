/** Statements: values are bound, names are quoted, and one statement is sent at a time where values go with it. */
import { bindNames, compileSql, splitStatements } from '#shared/domain/runbook/sql-text.ts';
import { references } from '#shared/domain/runbook/template.ts';
import type { Fields } from '../tree.ts';
import type { Ground, StepPlace } from './ground.ts';
import { alsoIn, checkName, type Standpoint } from './names.ts';
import { sampleValues } from './scripts.ts';

function lintStatement(ground: Ground, place: StepPlace | null, fields: Fields, standpoint: Standpoint): void {
  const sql = fields.text('sql');
  if (sql === null) return;
  const { faults, source, params } = ground;
  const span = fields.spanOf('sql');
  let isGood = true;
  for (const { name, filter, from, to } of references(sql)) {
    if (faults.isFull) return;
    if (filter === 'ident') continue;
    isGood = false;
    faults.add(source.within(span, sql, { from, to }), { rule: 'sql-template', message: `{{ ${name} }} would be pasted into the statement. Write :${name} for a value, or {{ ${name} | ident }} for the name of a table or column.`, edit: filter === null ? { title: `Write :${name}`, text: `:${name}` } : null });
  }
  const binds = bindNames(sql);
  for (const { name, from, to } of binds) {
    const at = source.within(span, sql, { from, to });
    if (!checkName(ground, at, name, standpoint, `:${name}`, (near) => `:${near}`)) isGood = false;
    else if (params.get(name)?.type === 'secret') {
      isGood = false;
      faults.add(at, { rule: 'secret', message: `:${name} is a secret, and would be seen in the log of the server and in history here. Give it by stdin of a sh step.` });
    }
  }
  const second = splitStatements(sql)[1];
  if (second !== undefined && binds.length > 0) {
    isGood = false;
    faults.add(source.within(span, sql, { from: second.from, to: second.to }), { rule: 'several-statements', message: 'Postgres takes one statement at a time where values are bound. Make a step of each.' });
  }
  if (!isGood || place === null) return;
  const sample = sampleValues(ground, place.step.forEach !== null);
  const isKnown = references(sql).every(({ name }) => Object.hasOwn(sample, name));
  const made = compileSql(sql, sample);
  if (isKnown && 'fault' in made) faults.add(span, { rule: 'sql-template', message: made.fault });
}

export function lintStatements(ground: Ground): void {
  for (const place of ground.places) {
    const { fields, order } = place;
    const also = alsoIn(place);
    lintStatement(ground, place, fields, { order, after: false, also });
    const probe = fields.group('probe');
    if (probe !== null) lintStatement(ground, place, probe, { order, after: false, also });
    for (const undo of fields.groups('undo')) lintStatement(ground, place, undo, { order, after: true, also });
  }
  for (const [, fields] of ground.root.named('params')) {
    const options = fields.group('options_from');
    if (options !== null) lintStatement(ground, null, options, { order: null, after: false, also: [] });
  }
}
