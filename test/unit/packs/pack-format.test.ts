/** What is read of a pack, and what describes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { itemKinds, itemSchemas } from '#shared/contract/items.ts';
import { packJsonSchema, packSchemaText } from '#engine/packs/format/index.ts';
import { nameInItem } from '#engine/packs/format/plain.ts';
import { packShapes } from '#engine/packs/format/shapes.ts';
import { yardTexts, yardWith } from '#test/packs/yard.ts';
import { projectRoot } from '../../../scripts/house/layers.ts';

const items = (): Record<string, Readonly<Record<string, unknown>>> => Object.fromEntries((yardWith().pack?.items ?? []).map(({ kind, key, fields }) => [`${kind}/${key}`, fields]));

test('every kind of item is read', () => {
  const kinds = new Set((yardWith().pack?.items ?? []).map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual([...itemKinds].toSorted());
});

test('durations become milliseconds, under the name that an item has for them', () => {
  expect(items()['endpoint/site']).toMatchObject({ warnMs: 500, criticalMs: 1000 });
});

test('what drives something is said in the words of an item', () => {
  const all = items();
  expect(['cpu', 'answers', 'backup-age', 'visitors'].map((key) => all[`threshold/${key}`]?.['drives'])).toEqual([{ kind: 'check', check: 'cpu' }, { kind: 'endpoints', keys: ['site', 'api'] }, { kind: 'backup-age' }, { kind: 'people' }]);
});

test('what a calendar does, and waits for, is said in the words of an item', () => {
  expect(items()['calendar/sunday']).toMatchObject({ durationMs: 3_600_000, work: { kind: 'runbook', runbook: 'check' }, after: [{ key: 'dump', withinMs: 86_400_000, needs: 'proven-backup' }] });
});

test('the text of a template is what follows its fields', () => {
  expect(items()['template/notice']).toEqual({ title: 'Notice', purpose: 'notice', covers: ['Y-T01'], text: 'We will be away.' });
});

test.each(itemKinds)('a pack can say each field of the kind %s, and no other', (kind) => {
  const written = Object.entries(packShapes[kind]?.fields ?? {}).map(([name, field]) => nameInItem(name, field));
  const text = kind === 'template' || kind === 'card' ? ['text'] : [];
  expect([...written, ...text].toSorted()).toEqual(Object.keys(itemSchemas[kind].shape).toSorted());
});

test('the schema is what the table of fields makes (else: node scripts/build/pack-schema.ts)', () => {
  expect(readFileSync(join(projectRoot, 'resources', 'pack.schema.json'), 'utf8')).toBe(packSchemaText());
});

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
ajv.addSchema(packJsonSchema());
const validator = (shape: string) => ajv.compile({ $ref: `https://pilothouse.example/pack-1.schema.json#/$defs/${shape}` });

test.each([['pack.yaml', 'pack'], ['people.yaml', 'people'], ['calendar.yaml', 'calendarFile']])('the schema takes %s', (file, shape) => {
  const isValid = validator(shape);
  isValid(parse(yardTexts[file] ?? ''));
  expect(isValid.errors).toBeNull();
});

test('the schema refuses an unknown field', () => {
  expect(validator('pack')(parse((yardTexts['pack.yaml'] ?? '').replace('manager:', 'manger:')))).toBe(false);
});
