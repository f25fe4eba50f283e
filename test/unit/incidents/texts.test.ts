import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { timesIn } from '#engine/documents/times.ts';
import { valuesOf } from '#engine/incidents/values.ts';
import { fill } from '#shared/domain/incident/fill.ts';
import { act, minute, opened, start } from '#test/incident.ts';

const packs = fileURLToPath(new URL('../../../resources/packs/', import.meta.url));
const values = valuesOf(opened().incident, [], 'Shop', new Date(start).toISOString(), timesIn('UTC'));

test('a name that is known is filled in, however it is written', () => expect(fill('{{title}} {{ Title }}', { title: 'Down' })).toEqual({ text: 'Down Down', unknown: [] }));
test('a name that is not known stays, and is said once', () => expect(fill('{{ cause }} and {{ cause }}', { title: 'Down' })).toEqual({ text: '{{ cause }} and {{ cause }}', unknown: ['cause'] }));
test('what is filled in is not filled in again', () => expect(fill('{{ title }}', { title: '{{ severity }}', severity: 'P1' }).text).toBe('{{ severity }}'));
test('nothing that an object has by itself is a name', () => expect(fill('{{ constructor }} {{ tostring }}', {}).unknown).toEqual(['constructor', 'tostring']));
test('what nobody knows yet is left open', () => expect([values['resolved'], values['lead'], values['seen']]).toEqual(['…', '…', '…']));
test('how long it took is how long it was open, also when it is told later', () => {
  const told = act(opened(), start + 40 * minute, { kind: 'resolved', text: '' });
  expect(valuesOf(told.incident, [], null, new Date(start + 600 * minute).toISOString(), timesIn('UTC'))['duration']).toBe('40 min');
});
test('the next update that a text promises is counted from now, also where the last promise has passed', () => {
  expect(valuesOf(opened().incident, [], null, new Date(start + 50 * minute).toISOString(), timesIn('UTC'))['next_update']).toBe('2 Mar 2026, 13:20 UTC');
});
test('every name in a text of a pack for an incident is one that is filled in', () => {
  const texts = globSync(`${packs}*/templates/*.md`).map((path) => readFileSync(path, 'utf8')).filter((text) => /^purpose: (status-update|incident-report|notice)$/m.test(text));
  expect([texts.length > 10, texts.flatMap((text) => fill(text, values).unknown)]).toEqual([true, []]);
});
test('every update and report of a pack takes its title and its times from the log', () => {
  const bare = globSync(`${packs}*/templates/*.md`).filter((path) => {
    const text = readFileSync(path, 'utf8');
    return /^purpose: (status-update|incident-report)$/m.test(text) && !/\{\{ (started|now|resolved|declared) \}\}/.test(text);
  });
  expect(bare).toEqual([]);
});
