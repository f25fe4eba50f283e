/** Runs the tests that prove statements, in a copy of the project, and tells what became of each. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { patternOf, type Proof } from './statement.ts';

/** `seen`: a test failed as it should. `broken`: nothing could be judged, because something else failed. */
export type Outcome = { kind: 'passed'; ran: number } | { kind: 'seen'; by: string } | { kind: 'broken'; why: string };

interface Report {
  testResults: { name: string; status: string; message: string; assertionResults: { ancestorTitles: string[]; title: string; status: string; failureMessages: string[] }[] }[];
}

/** For what one statement needs; all of them at once take longer than that. Milliseconds. */
const longestMs = { one: 300_000, all: 2_400_000 };
const running = new Set<number>();

/** Ends every run that is under way, with all that it started. */
export function endRuns(): void {
  for (const pid of running) process.kill(-pid, 'SIGKILL');
}

/** Runs a script of the copy on this Node. Its own group, so that whatever it starts ends with it. */
export function runNode(folder: string, args: readonly string[], { environment = {}, withinMs = longestMs.one }: { environment?: Record<string, string>; withinMs?: number } = {}): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    const timer = setTimeout(() => pid !== undefined && process.kill(-pid, 'SIGKILL'), withinMs);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (said += text));
    child.once('error', reject);
    child.once('close', (status) => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
      resolve({ status, said });
    });
  });
}

const projectOf = ({ file }: Proof): string => file.split('/')[1] ?? '';
const firstLine = (text: string): string => text.split('\n')[0] ?? '';

/** An assertion: of vitest, of fast-check around one, or the words that the row itself expects. */
const isExpected = (message: string, fails: string | undefined): boolean => /^AssertionError|^Error: (?:Property failed|expected |promise (?:resolved|rejected))/.test(message) || (fails !== undefined && message.includes(fails));

/**
 * @param options.fails text of the failure where it is no assertion
 * @param options.untilOneFails nothing more is run once a test has failed
 */
export async function runProofs(folder: string, proofs: readonly Proof[], { fails, untilOneFails = false }: { fails?: string | undefined; untilOneFails?: boolean } = {}): Promise<Outcome> {
  const report = join(folder, 'proofs.json');
  rmSync(report, { force: true });
  const projects = [...new Set(proofs.map(projectOf))].flatMap((name) => ['--project', name]);
  const files = [...new Set(proofs.map(({ file }) => file))];
  const { said } = await runNode(folder, ['node_modules/vitest/vitest.mjs', 'run', ...projects, ...files, '-t', proofs.map((proof) => `(?:${patternOf(proof)})`).join('|'), '--reporter=json', '--outputFile', report, ...(untilOneFails ? ['--bail=1'] : [])], { environment: { PILOTHOUSE_FULL: '1' }, withinMs: untilOneFails ? longestMs.one : longestMs.all });
  let found: Report;
  try {
    found = JSON.parse(readFileSync(report, 'utf8')) as Report;
  } catch {
    return { kind: 'broken', why: `no report was written: ${said.trim().slice(-500)}` };
  }
  return judge(found, folder, proofs, fails);
}

function judge(report: Report, folder: string, proofs: readonly Proof[], fails: string | undefined): Outcome {
  const patterns = proofs.map((proof) => ({ file: join(folder, proof.file), pattern: new RegExp(`^${patternOf(proof)}$`, 's') }));
  const isProof = (file: string, name: string): boolean => patterns.some((proof) => proof.file === file && proof.pattern.test(name));
  const tests = report.testResults.flatMap(({ name: file, assertionResults }) => assertionResults.map((test) => ({ ...test, fullName: [...test.ancestorTitles, test.title].join(' > ') })).filter(({ fullName }) => isProof(file, fullName)));
  const failed = tests.filter(({ status }) => status === 'failed');
  const seen = failed.find(({ failureMessages }) => failureMessages.some((message) => isExpected(message, fails)));
  if (seen !== undefined) return { kind: 'seen', by: `${seen.fullName}: ${firstLine(seen.failureMessages.find((message) => isExpected(message, fails)) ?? '')}` };
  if (failed[0] !== undefined) return { kind: 'broken', why: `${failed[0].fullName} failed by no assertion: ${firstLine(failed[0].failureMessages[0] ?? '')}` };
  const file = report.testResults.find(({ status }) => status === 'failed');
  if (file !== undefined) return { kind: 'broken', why: `${file.name} failed outside its tests: ${firstLine(file.message)}` };
  const ran = tests.filter(({ status }) => status === 'passed').length;
  return ran === 0 ? { kind: 'broken', why: 'none of the named tests ran' } : { kind: 'passed', ran };
}
