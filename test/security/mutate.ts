/**
 * Takes each protection away, one at a time, and looks whether a test of its statement fails: `npm run test:mutations`.
 * Names of statements, or how they begin, take only those. It works in copies of the tree and leaves nothing behind.
 */
import { projectRoot } from '../../scripts/house/layers.ts';
import { endRuns, runNode, runProofs, type Outcome } from '#test/security/run-proofs.ts';
import type { Mutation, Statement } from '#test/security/statement.ts';
import { copyTree, type TreeCopy } from '#test/security/tree-copy.ts';
import { statements } from './statements.ts';

/** The machine has to have room for what the tests themselves start. */
const atOnce = 2;

interface Task {
  statement: Statement;
  mutation: Mutation;
}
interface Result extends Task {
  outcome: Outcome;
  seconds: number;
}

const wanted = process.argv.slice(2);
const chosen = statements.filter(({ id }) => wanted.length === 0 || wanted.some((name) => id.startsWith(name)));
const tasks = chosen.flatMap((statement): Task[] => statement.mutations.map((mutation) => ({ statement, mutation })));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Not by the set-up, which might install packages: those of a copy are a link to the project's own. */
const builder = `const { ensureBuilt } = require('./scripts/bootstrap/builds.cjs');
const { findRuntime } = require('./scripts/bootstrap/runtime.cjs');
(async () => { for (const kind of ['renderer', 'desktop']) await ensureBuilt(process.cwd(), findRuntime(process.cwd(), { installed: true }), kind, { always: false }); })().catch((error) => { console.error(error.message); process.exitCode = 1; });`;
const build = (copy: TreeCopy) => runNode(copy.folder, ['-e', builder]);

async function tryOut(copy: TreeCopy, { statement, mutation }: Task): Promise<Outcome> {
  const putBack = copy.apply(mutation);
  try {
    const built = await build(copy);
    if (built.status !== 0) return { kind: 'broken', why: `it could not be built: ${built.said.trim().slice(-300)}` };
    return await runProofs(copy.folder, statement.proofs, { fails: mutation.fails, untilOneFails: true });
  } finally {
    putBack();
  }
}

const words = ({ kind, ...rest }: Outcome): string => (kind === 'passed' ? 'SURVIVED: every test passed' : kind === 'seen' ? (rest as { by: string }).by : `NOT JUDGED: ${(rest as { why: string }).why}`);

async function work(copy: TreeCopy, queue: Task[], results: Result[]): Promise<void> {
  for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
    const begun = performance.now();
    const outcome = await tryOut(copy, task);
    results.push({ ...task, outcome, seconds: (performance.now() - begun) / 1000 });
    say(`${outcome.kind === 'seen' ? 'seen' : 'NOT SEEN'}  ${task.statement.id}  ${task.mutation.file}  ${words(outcome)}`);
  }
}

/** Without any change they all have to pass, or a failure says nothing. */
async function passAsTheyAre(copy: TreeCopy): Promise<boolean> {
  const built = await build(copy);
  if (built.status !== 0) {
    say(`The tree cannot be built as it is:\n${built.said}`);
    return false;
  }
  const outcome = await runProofs(copy.folder, chosen.flatMap(({ proofs }) => proofs));
  if (outcome.kind === 'passed') say(`${outcome.ran} tests of ${chosen.length} statements pass as they are; ${tasks.length} protections are taken away.`);
  else say(`The tests do not pass as they are: ${words(outcome)}`);
  return outcome.kind === 'passed';
}

function report(results: readonly Result[]): number {
  const bad = results.filter(({ outcome }) => outcome.kind !== 'seen');
  say('\n| statement | protection taken away | seen to fail by |\n| --- | --- | --- |');
  const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 160);
  for (const { statement, mutation, outcome } of results.toSorted((a, b) => chosen.indexOf(a.statement) - chosen.indexOf(b.statement))) say(`| ${statement.id} | ${mutation.file}: ${oneLine(mutation.find)} | ${oneLine(words(outcome))} |`);
  say(`\n${results.length - bad.length} of ${tasks.length} protections were noticed to be gone, ${bad.length} were not.`);
  return bad.length === 0 && results.length === tasks.length && tasks.length > 0 ? 0 : 1;
}

const copies: TreeCopy[] = [];
const leaveNothing = (): void => {
  endRuns();
  for (const copy of copies) copy.remove();
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    leaveNothing();
    process.exit(130);
  });
}

let status = 1;
try {
  for (let count = 0; count < Math.min(atOnce, tasks.length); count += 1) copies.push(copyTree(projectRoot));
  const [first] = copies;
  if (first === undefined) say(`No statement is called ${wanted.join(', ')}.`);
  else if (await passAsTheyAre(first)) {
    const queue = [...tasks];
    const results: Result[] = [];
    await Promise.all(copies.map((copy) => work(copy, queue, results)));
    status = report(results);
  }
} finally {
  leaveNothing();
}
process.exit(status);
