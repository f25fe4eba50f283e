/** Runbooks: files from anywhere, with values and secrets of a person. */
import { proofsIn, type Statement } from '#test/security/statement.ts';

const files = proofsIn('test/security/runbook-files.test.ts');
const parse = 'electron/engine/runbooks/format/parse-yaml.ts';
const tree = 'electron/engine/runbooks/format/read-tree.ts';
const names = 'electron/engine/runbooks/format/lint/names.ts';
const statements = 'electron/engine/runbooks/format/lint/statements.ts';

const refused = (row: string) => files('%s is refused', row);

export const runbooks: readonly Statement[] = [
  {
    id: 'rest-runbook-file-strict-yaml',
    says: 'A runbook says what one reads in it: no anchors, aliases, merge keys, tags, directives or second documents, no name twice, and nothing that cannot be seen.',
    proofs: [files('a sound one is read'), ...['an anchor', 'an alias', 'a tag', 'a tag of a program', 'a merge key', 'a second document', 'a directive', 'a name that stands twice', 'a character that cannot be seen'].map((row) => refused(row))],
    mutations: [
      { file: parse, find: "const refusal = isScalar ? undefined : refused[first];", replace: "const refusal = isScalar || first === '&' ? undefined : refused[first];" },
      { file: parse, find: "const refusal = isScalar ? undefined : refused[first];", replace: "const refusal = isScalar || first === '*' ? undefined : refused[first];" },
      { file: parse, find: "const refusal = isScalar ? undefined : refused[first];", replace: "const refusal = isScalar || first === '!' ? undefined : refused[first];" },
      { file: parse, find: "const refusal = isScalar ? undefined : refused[first];", replace: "const refusal = isScalar || first === '%' ? undefined : refused[first];" },
      { file: parse, find: '  refuseHidden(faults);\n', replace: '' },
      { file: parse, find: 'if (second !== undefined) {', replace: 'if (second === documents[0]) {' },
      { file: tree, find: "if (name === '<<') {", replace: "if (name === '<<<') {" },
      { file: tree, find: 'if (first !== undefined) {', replace: 'if (first === -1) {' },
    ],
  },
  {
    id: 'rest-runbook-file-bounded',
    says: 'A runbook has at most a mebibyte, and what is nested without end is refused before anything is made of it.',
    proofs: [files('more than a mebibyte is refused before it is read'), refused('what is nested without end')],
    mutations: [
      { file: parse, find: 'export const largestFile = 1_048_576;', replace: 'export const largestFile = 9_048_576;' },
      { file: parse, find: 'if (open > deepest || parser.stack.length > deepest) {', replace: 'if (open < 0) {' },
    ],
  },
  {
    id: 'rest-runbook-file-values',
    says: 'A value stands only where it cannot become code: never in single quotes, quoted here-documents, formulas or code of another interpreter, and never pasted into a statement.',
    proofs: [...['single quotes', 'a quoted here-document', 'a formula', 'code of a shell', 'code of another host'].map((row) => files('a value of a script is refused in %s', row)), files('a value is never pasted into a statement')],
    mutations: [
      { file: 'electron/engine/runbooks/format/lint/lint.ts', find: 'lintNames, lintScripts, lintStatements,', replace: 'lintNames, lintStatements,' },
      { file: 'electron/engine/runbooks/format/lint/lint.ts', find: 'lintScripts, lintStatements, lintWrongs', replace: 'lintScripts, lintWrongs' },
    ],
  },
  {
    id: 'rest-runbook-file-secrets',
    says: 'A secret is given by stdin or by a header or the body of HTTP alone: never in a script, a statement, the environment or a text, where a list of processes or history would show it.',
    proofs: ['a script', 'the environment', 'a statement', 'a text for people'].map((row) => files('a secret is refused in %s', row)),
    mutations: [
      { file: names, find: "const forSecrets = /(?:^|\\.)(?:stdin|", replace: "const forSecrets = /(?:^|\\.)(?:sh|env|manual|stdin|" },
      { file: statements, find: "else if (params.get(name)?.type === 'secret') {", replace: "else if (params.get(name)?.type === 'file') {" },
    ],
  },
  {
    id: 'rest-runbook-file-risk',
    says: 'A step cannot say that it does less than what its command is found to do, however that is written.',
    proofs: [files('a step that says less than it does is refused'), ...['quotes', 'a path', 'a backslash', 'another shell', 'a line that goes on', 'sudo'].map((row) => files('what is destructive is found behind %s', row))],
    mutations: [
      { file: 'electron/engine/runbooks/format/lint/risks.ts', find: 'if (rank(own.risk) < rank(detected.risk)) {', replace: 'if (rank(own.risk) > rank(detected.risk)) {' },
      { file: 'electron/engine/rules/risk-shell.ts', find: "const nameOf = (word: string): string => word.slice(word.lastIndexOf('/') + 1);", replace: 'const nameOf = (word: string): string => word;' },
      { file: 'electron/engine/rules/risk-shell.ts', find: '  if (shells.has(name)) {', replace: "  if (name === 'fish') {" },
    ],
  },
];
