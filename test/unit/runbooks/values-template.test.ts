/** What stands in double braces, and values in plain texts. */
import { describe, expect, test } from 'vitest';
import { fill, problemsOfTemplate, references, templateParts, unknownText } from '#shared/domain/runbook/template.ts';

describe('braces', () => {
  test('name values, with filters and places', () => {
    expect(references('a {{ x }}{{y|raw}} {{ table | ident }}')).toEqual([{ name: 'x', filter: null, from: 2, to: 9 }, { name: 'y', filter: 'raw', from: 9, to: 18 }, { name: 'table', filter: 'ident', from: 19, to: 38 }]);
  });
  test('that are meant as such are written in quotes inside of braces, and name nothing', () => {
    const text = `-o go-template='{{ "{{" }}.metadata.name}}' {{ pod }}`;
    expect([problemsOfTemplate(text), references(text).map(({ name }) => name), fill(text, () => 'web')]).toEqual([[], ['pod'], "-o go-template='{{.metadata.name}}' web"]);
  });
  test.each([
    ['a {{ x', 2, 4, 'is not closed'], ['{{ x\n}}', 0, 2, 'is not closed'], ['{{ x {{ y }}', 0, 2, 'is not closed'], ['{{ }}', 0, 5, 'no name'], ['{{.metadata.name}}', 0, 18, 'is not a name'], ['{{ a b }}', 0, 9, 'is not a name'],
    ['{{ x | upper }}', 0, 15, '"upper" is not a filter'], ['{{ x | raw | ident }}', 0, 21, 'is not a filter'], ['{{ $(id) }}', 0, 11, 'is not a name'],
  ])('%j are wrong from %i to %i', (text, from, to, said) => {
    expect(problemsOfTemplate(text)).toEqual([{ from, to, message: expect.stringContaining(said) }]);
  });
  test('leave no gap between the pieces of a text', () => {
    const text = 'a {{ x }} {{ bad bad }} {{ "{{" }} b {{';
    expect(templateParts(text).map(({ from, to }) => text.slice(from, to)).join('')).toBe(text);
  });
  test('in a plain text are filled in once: what a value says is no template', () => {
    expect(fill('{{ x }} and {{ y }}', (name) => (name === 'x' ? '{{ y }}' : 'two'))).toBe('{{ y }} and two');
  });
  test('of something unknown say who sets it, or its name', () => {
    expect([unknownText('n', 'Remember'), unknownText('order_id', null)]).toEqual(['⟨set by step Remember⟩', '⟨order_id⟩']);
  });
});
