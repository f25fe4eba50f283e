/** The JSON Schema that editors of other makers read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema, schemaText } from '#engine/runbooks/format/index.ts';
import { shStep, withSteps } from '#test/runbooks/problems-of.ts';
import { restart, restore } from '#test/runbooks/texts.ts';
import { projectRoot } from '../../../scripts/house/layers.ts';

const isValid = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(jsonSchema());

test('is what the table of fields makes (else: node scripts/build/runbook-schema.ts)', () => {
  expect(readFileSync(join(projectRoot, 'resources', 'runbook.schema.json'), 'utf8')).toBe(schemaText());
});

test.each([['a restart', restart], ['a restore', restore]])('takes %s with every field of the format', (_name, text) => {
  isValid(parse(text));
  expect(isValid.errors).toBeNull();
});

test.each([
  ['an unknown field', shStep('true', 'risk: read\nexpct: []')],
  ['two actions', shStep('true', 'risk: read\nsql: SELECT 1')],
  ['no action', '  - { id: one, title: A }'],
  ['an unknown word', shStep('true', 'risk: write')],
  ['a duration that is none', shStep('true', 'risk: read\ntimeout: soon')],
  ['two things that are expected at once', shStep('true', 'risk: read\nexpect: [{ exit: 0, matches: a }]')],
  ['nothing that is expected', shStep('true', 'risk: read\nexpect: [{ say: A }]')],
  ['a step without an id', '  - { title: A, manual: Look. }'],
])('refuses %s', (_what, steps) => {
  expect(isValid(parse(withSteps(steps)))).toBe(false);
});
