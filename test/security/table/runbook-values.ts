/** Values of runbooks: what a person types is never run, and what is secret is never seen. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const property = proofsIn('test/property/runbook-values.property.test.ts');
const injection = proofsIn('test/integration/runbooks/injection.test.ts');
const shell = proofsIn('test/unit/runbooks/values-shell.test.ts');
const resolve = proofsIn('test/unit/runbooks/values-resolve.test.ts');

const context = 'shared/domain/runbook/shell-context.ts';
const code = 'shared/domain/runbook/shell-code.ts';
const lexer = 'shared/domain/runbook/shell-lexer.ts';
const sql = 'shared/domain/runbook/sql-text.ts';
const fill = 'electron/engine/runbooks/resolve/fill.ts';
const names = 'electron/engine/runbooks/resolve/names.ts';
const action = 'electron/engine/runbooks/resolve/resolve-action.ts';
const describe = 'electron/engine/runbooks/resolve/describe.ts';

export const runbookValues: readonly Statement[] = [
  {
    id: 'rest-runbook-scripts',
    says: 'A value of a runbook reaches a script as the text of a variable, exactly as it is, and nothing of it is run.',
    proofs: [property('a value in a script for %s > arrives as it is in every place where it can stand, and nothing of it is run'), injection('a payload in a script for %s > arrives as it is %s, and is not run'), shell('a script with its values > %.20j is refused')],
    mutations: [
      { file: context, find: `text.replaceAll("'", `, replace: `text.replaceAll('\\0', ` },
      { file: context, find: '/^[A-Za-z0-9_@%+:,./-]+$/.test(text) ? text :', replace: 'text.length > 0 ? text :' },
      { file: context, find: "replaced.set(from, context === 'bare' ?", replace: "replaced.set(from, context === 'comment' ?" },
      { file: context, find: "if (words.some((word) => word.includes('\\0'))) return", replace: "if (words.some((word) => word.includes('\\0\\0'))) return" },
      { file: context, find: 'if (own !== undefined) return', replace: 'if (own?.name === undefined && own !== undefined) return' },
    ],
  },
  {
    id: 'rest-runbook-code',
    says: 'A value of a runbook is refused wherever somebody would read it as code: a shell in a shell, a database, a formula of bash.',
    proofs: [shell('a value in a script > %j is run by somebody'), shell('a value in a script > %j stands %s'), injection('a value where it would be run > is refused in %j'), property('a value in a script for %s > is refused, or is not run, whatever the script is'), shell('the variable of a value, written by the author > %j stands %s')],
    mutations: [
      { file: context, find: "if (context !== 'bare' && context !== 'double' && context !== 'heredoc') return places[context](said, name);", replace: '' },
      { file: code, find: "if (as === 'code' || as === 'arithmetic') return rest.map(", replace: "if (as === 'arithmetic') return rest.map(" },
      { file: code, find: 'how.code.forEach(code);', replace: '' },
      { file: code, find: 'if (isFed && feed !== null) code(feed);', replace: '' },
      { file: code, find: 'if (reads) inputs.forEach(code);', replace: '' },
      { file: lexer, find: "if (isFormula) read.recast(from, cursor.at, 'arithmetic');", replace: '' },
      { file: lexer, find: "if (cursor.unsure) for (const use of cursor.uses) use.context = 'escaped';", replace: '' },
    ],
  },
  {
    id: 'rest-runbook-statements',
    says: 'A value of a runbook is bound beside a statement, or is a quoted name in it.',
    proofs: [injection('a value in a statement > arrives as it is where it is bound, alone and in a list'), injection('a value in a statement > is a name, and nothing else, where it stands for one'), injection('a value in a statement > means the same where a person types the statement that is shown')],
    mutations: [
      { file: sql, find: 'return `$${numbers.get(name) ?? 0}`;', replace: "return `'${String(value)}'`;" },
      { file: sql, find: `name.replaceAll('"', '""')`, replace: 'name' },
      { file: sql, find: `String(value).replaceAll("'", "''")`, replace: 'String(value)' },
      { file: sql, find: 'item.replaceAll(/["\\\\]/g, String.raw`\\$&`)', replace: 'item' },
    ],
  },
  {
    id: 'rest-runbook-requests',
    says: 'A value of a runbook in an address or in a body of JSON is one piece of it, and a header is one line.',
    proofs: [property('a value in a body of JSON stays the text that it is'), property('a value in an address stays one piece of it'), resolve('a request that is sent > is refused for %s')],
    mutations: [
      { file: fill, find: 'JSON.stringify(valueText(value)).slice(1, -1)', replace: 'valueText(value)' },
      { file: fill, find: 'else filled += encodeURIComponent(value);', replace: 'else filled += value;' },
      { file: fill, find: "if (value === '.' || value === '..') return", replace: "if (value === '...') return" },
      { file: fill, find: 'return /[\\u0000-\\u001f\\u007f]/.test(filled) ?', replace: "return filled === '\\0' ?" },
    ],
  },
  {
    id: 'secrets-runbook',
    says: 'A secret of a runbook goes by standard input, or in a header or body of a request, alone: it is in no list of processes, no environment, no preview and no history.',
    proofs: [injection('a secret of a script is in no list of processes and in no environment, and is read from its input'), injection('a secret in %s is refused before anything is sent'), injection('what history keeps of a step has its values, and no secret'), resolve('a script that is sent > is refused for %s'), resolve('what is shown before > is the script as it will be sent, with what is not known yet said in its place')],
    mutations: [
      { file: names, find: 'if (seen.length > 0) throw notSent(', replace: 'if (seen.length > 99) throw notSent(' },
      { file: action, find: '? new Secret(written) : written;', replace: '? written : written;' },
      { file: describe, find: 'if (scope.secretNames.has(name)) return redacted;', replace: "if (scope.secretNames.has(name)) return scope.secrets.get(name)?.reveal() ?? '';" },
      { file: names, find: 'if (needed.length > 0) throw', replace: 'if (needed.length > 99) throw' },
    ],
  },
];
