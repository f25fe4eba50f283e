/** What the smoke test of the desktop found: whether all of it is well, and how it reads. */

export interface Step {
  name: string;
  ms: number;
  /** Why it did not come to its end; null when it did. */
  problem: string | null;
}

export interface Report {
  /** When, in ISO 8601. */
  at: string;
  executable: string;
  isPackaged: boolean;
  /** `port`: the fuses keep Playwright out of the main process, so that only the page was looked at. */
  way: 'playwright' | 'port';
  pilothouse: string;
  system: string;
  /** Null: not looked at. */
  versions: { electron: string; chrome: string; node: string } | null;
  /** Milliseconds since the process was started. */
  times: { name: string; ms: number; budgetMs: number }[];
  steps: Step[];
  sandbox: { words: string; isInForce: boolean } | null;
  keychain: string | null;
  /** Bytes resident, before anything was done and after the tour. */
  memory: { process: string; idleBytes: number; afterBytes: number }[] | null;
  /** By name, and whether they are on. `wrong`: those that are not as decided, which binds a packaged application only. */
  fuses: { name: string; isOn: boolean }[];
  wrongFuses: string[];
  /** Where the page asked for anything, and where it may. */
  origins: string[];
  ownOrigin: string;
  /** What the content security policy refused, and errors of the page. */
  complaints: string[];
  /** Of Node what the page can see; nothing is right. */
  seenOfNode: string[];
  /** How the window ended; null: it had to be killed. */
  exitStatus: number | null;
  /** What could not be cleared away afterwards. */
  left: string[];
  /** Where the pictures and the window's own words are. */
  folder: string;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** One sentence for each thing that is not well; none where all is. */
export function problemsOf(report: Report): string[] {
  const strange = report.origins.filter((origin) => origin !== report.ownOrigin);
  return [
    ...report.times.filter(({ ms, budgetMs }) => !(ms <= budgetMs)).map(({ name, ms, budgetMs }) => `${name} came after ${seconds(ms)}; the budget is ${seconds(budgetMs)}.`),
    ...report.steps.flatMap(({ name, problem }) => (problem === null ? [] : [`"${name}" failed: ${problem}`])),
    ...(report.steps.length === 0 ? ['The tour took no step.'] : []),
    ...(report.sandbox?.isInForce === false ? [`The page runs without its sandbox: ${report.sandbox.words}.`] : []),
    ...(report.seenOfNode.length > 0 ? [`The page can see of Node: ${report.seenOfNode.join(', ')}.`] : []),
    ...(report.isPackaged && report.wrongFuses.length > 0 ? [`Fuses are not as decided: ${report.wrongFuses.join(', ')}.`] : []),
    ...(strange.length > 0 ? [`The page asked elsewhere than ${report.ownOrigin}: ${strange.join(', ')}.`] : []),
    ...(report.origins.length === 0 ? ['No request of the page was seen, so nothing is known of where it asks.'] : []),
    ...report.complaints.map((complaint) => `The page complained: ${complaint}`),
    ...(report.exitStatus === null ? ['The window did not close when it was asked to, and was killed.'] : report.exitStatus === 0 ? [] : [`The window ended with status ${report.exitStatus}.`]),
    ...report.left,
  ];
}

/** The report as a person reads it, its last line the outcome. */
export function printReport(report: Report): string {
  const { versions, times, steps, memory } = report;
  const line = (isWell: boolean, ms: number, words: string): string => `${isWell ? 'ok    ' : 'FAILED'} ${seconds(ms).padStart(8)}  ${words}`;
  const unseen = 'not looked at';
  const problems = problemsOf(report);
  return [
    `Pilothouse ${report.pilothouse}, ${report.isPackaged ? 'packaged' : 'from its folder'}, on ${report.system}`,
    versions === null ? `Electron, Chrome, Node: ${unseen}` : `Electron ${versions.electron}, Chrome ${versions.chrome}, Node ${versions.node}`,
    `${report.executable}, ${report.at}`,
    ...(report.way === 'port' ? ['The fuses of this application keep debuggers out of its main process (nodeCliInspect is off), as they should. So its page alone was walked, over Chromium\'s port; what the main process knows is tested from the project\'s folder: npm run smoke:desktop'] : []),
    '',
    ...times.map(({ name, ms, budgetMs }) => line(ms <= budgetMs, ms, `${name} (budget ${seconds(budgetMs)})`)),
    ...steps.map(({ name, ms, problem }) => line(problem === null, ms, problem === null ? name : `${name}: ${problem}`)),
    '',
    `sandbox      ${report.sandbox?.words ?? unseen}`,
    `keychain     ${report.keychain ?? unseen}`,
    ...(memory === null ? [`memory       ${unseen}`] : memory.map(({ process, idleBytes, afterBytes }) => `memory       ${process}: ${mebibytes(idleBytes)} at first, ${mebibytes(afterBytes)} after the tour`)),
    `fuses        ${report.fuses.map(({ name, isOn }) => `${name} ${isOn ? 'on' : 'off'}`).join(', ') || unseen}`,
    `requests to  ${report.origins.join(', ') || 'nobody'}`,
    `complaints   ${report.complaints.length === 0 ? 'none' : report.complaints.length}`,
    `pictures     ${report.folder}`,
    '',
    ...problems.map((problem) => `- ${problem}`),
    problems.length === 0 ? 'All is well.' : problems.length === 1 ? '1 thing is not well.' : `${problems.length} things are not well.`,
  ].join('\n');
}
