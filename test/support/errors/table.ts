/** The table of all errors of the guides: what is wrong where, and by what it is known that none of it is left. */
import { rules } from '#engine/rules/index.ts';
import { errorRows } from './rows.ts';

const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);

/** As it is committed beside its test. */
export function errorTable(): string {
  const titles = new Map(rules().map(({ id, title }) => [id, title]));
  const rows = errorRows.map(({ id, where, what, seen, absent }) => {
    const by = [...new Set(seen.map(({ rule }) => rule))].map((rule) => `\`${rule}\` (${titles.get(rule) ?? 'no rule'})`).join(', ');
    const lines = seen.map(({ guide, line }) => `${guide} ${line}`);
    return `| ${id} | ${cell(where)} | ${cell(what)} | ${absent === null ? `${by}: ${[...new Set(lines)].join(', ')}` : ''} | ${absent === null ? '' : `\`${cell(absent.source)}\``} |`;
  });
  return [
    '# What is wrong in the guides, and how it is known that none of it is left',
    '',
    'Written by `node test/support/errors/write-table.ts`. E is ecommerce-cod, H hydraulic, N neff-paving, R reconciliation, Z zbinnovation, each with its line. What a rule sees in a guide it sees in a runbook of a pack too, where it is a warning, and no pack has one.',
    '',
    '| row | where | what is wrong | seen by a rule, on the guide | absent from all packs |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
