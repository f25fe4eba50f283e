/** The runbooks that come with Pilothouse: each can be begun, is safe in what it says, and repeats nothing that is wrong in what it was made from. */
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSent, type Runbook, type Step, type UndoStep } from '#shared/domain/runbook/definition.ts';
import { problemText, readRunbook } from '#engine/runbooks/format/index.ts';
import { lostStatus } from '#engine/rules/index.ts';
import { defaultPacksFolder } from '#engine/runbooks/library/index.ts';
import { lexShell } from '#shared/domain/runbook/shell-lexer.ts';

const folder = defaultPacksFolder();
const refs = globSync('*/runbooks/*.yaml', { cwd: folder }).map((file) => file.replaceAll('\\', '/')).toSorted();
const packs = refs.map((file) => {
  const text = readFileSync(join(folder, file), 'utf8');
  return { file, name: basename(file, '.yaml'), text, ...readRunbook(text) };
});
const runbooks = packs.flatMap(({ file, runbook }) => (runbook === null ? [] : [{ file, runbook }]));

/** Of the one that was made from no guide. */
const isOfNoGuide = (file: string): boolean => file.startsWith('postgres-server/');

const stepsOf = (runbook: Runbook): Step[] => [...runbook.prerequisites, ...runbook.steps, ...(runbook.rollback?.steps ?? [])];
const stepRows = runbooks.flatMap(({ file, runbook }) => stepsOf(runbook).map((step) => ({ at: `${file} ${step.id}`, file, step })));
const doings = stepRows.flatMap(({ at, step }): { at: string; doing: Step | UndoStep }[] => [{ at, doing: step }, ...(step.undo ?? []).map((undo, index) => ({ at: `${at} undo ${index + 1}`, doing: undo }))]);
const scripts = doings.flatMap(({ at, doing: { action } }) => (action.kind === 'sh' ? [{ at, script: action.script }] : []));

/** What the packs are for, by the ids of the list of everything that has to work. */
const promised: Record<string, readonly string[]> = {
  'zbinnovation/runbooks/system-restart.yaml': ['Z-P04'],
  'zbinnovation/runbooks/database-recovery.yaml': ['Z-P05', 'Z-P06', 'Z-P07', 'Z-P08'],
  'ecommerce-cod/runbooks/morning-check.yaml': ['E-P08'],
  'ecommerce-cod/runbooks/connection-pool-exhausted.yaml': ['E-P06'],
  'ecommerce-cod/runbooks/full-restore.yaml': ['E-P16'],
  'reconciliation/runbooks/p1-response.yaml': ['R-P01', 'R-P07', 'R-P08', 'R-P09', 'R-P10', 'R-L03', 'R-V01'],
  'neff-paving/runbooks/daily-check.yaml': ['N-P01', 'N-P02', 'N-P03'],
  'neff-paving/runbooks/restore-test.yaml': ['N-P16'],
  'hydraulic/runbooks/backup.yaml': ['H-P01', 'H-P02', 'H-P03'],
  'hydraulic/runbooks/update.yaml': ['H-P04', 'H-P05', 'H-P07', 'H-P08', 'H-P09'],
  'hydraulic/runbooks/rollback.yaml': ['H-P06'],
  'hydraulic/runbooks/ask-for-help.yaml': ['H-P14'],
  'hydraulic/runbooks/backup-verification.yaml': ['H-P03'],
  'hydraulic/runbooks/community.yaml': ['H-P15'],
  'hydraulic/runbooks/daily-check.yaml': ['H-S01', 'H-S04'],
  'hydraulic/runbooks/escalation.yaml': ['H-P13'],
  'hydraulic/runbooks/frontend-performance.yaml': ['H-P11'],
  'hydraulic/runbooks/log-analysis.yaml': ['H-P10'],
  'hydraulic/runbooks/monthly-maintenance.yaml': ['H-S03'],
  'hydraulic/runbooks/monthly-security.yaml': ['H-S06'],
  'hydraulic/runbooks/old-copies.yaml': ['H-P02', 'H-T04'],
  'hydraulic/runbooks/postgres-tuning.yaml': ['H-P12', 'H-T08'],
  'hydraulic/runbooks/weekly-maintenance.yaml': ['H-S02'],
  'hydraulic/runbooks/weekly-security.yaml': ['H-S05'],
  'reconciliation/runbooks/daily-checks.yaml': ['R-S01'],
  'reconciliation/runbooks/data-problems.yaml': ['R-P06'],
  'reconciliation/runbooks/disaster-recovery-test.yaml': ['R-S03'],
  'reconciliation/runbooks/incident-response.yaml': ['R-P01', 'R-V02', 'R-V03', 'R-V04'],
  'reconciliation/runbooks/knowledge-base.yaml': ['R-P11'],
  'reconciliation/runbooks/maintenance.yaml': ['R-P03', 'R-S04', 'R-S05'],
  'reconciliation/runbooks/monthly-maintenance.yaml': ['R-S03'],
  'reconciliation/runbooks/performance-problems.yaml': ['R-P05'],
  'reconciliation/runbooks/sign-in-problems.yaml': ['R-P04'],
  'reconciliation/runbooks/ticket.yaml': ['R-P02'],
  'reconciliation/runbooks/weekly-review.yaml': ['R-S02'],
  'neff-paving/runbooks/access-review.yaml': ['N-P12', 'N-P13'],
  'neff-paving/runbooks/application-updates.yaml': ['N-P10'],
  'neff-paving/runbooks/calendly-sync.yaml': ['N-P24'],
  'neff-paving/runbooks/capacity-review.yaml': ['N-P11'],
  'neff-paving/runbooks/database-corruption.yaml': ['N-P29'],
  'neff-paving/runbooks/database-review.yaml': ['N-P04', 'N-P05'],
  'neff-paving/runbooks/documentation-review.yaml': ['N-P18'],
  'neff-paving/runbooks/failover-test.yaml': ['N-P17'],
  'neff-paving/runbooks/file-system-problems.yaml': ['N-P30'],
  'neff-paving/runbooks/high-load.yaml': ['N-P23'],
  'neff-paving/runbooks/index-care.yaml': ['N-P05', 'N-P20'],
  'neff-paving/runbooks/log-review.yaml': ['N-P06', 'N-P07'],
  'neff-paving/runbooks/outage-response.yaml': ['N-P26', 'N-P27', 'N-P28'],
  'neff-paving/runbooks/payment-problems.yaml': ['N-P25'],
  'neff-paving/runbooks/penetration-test.yaml': ['N-P15'],
  'neff-paving/runbooks/performance-review.yaml': ['N-P08'],
  'neff-paving/runbooks/retention.yaml': ['N-P05'],
  'neff-paving/runbooks/security-audit.yaml': ['N-P14'],
  'neff-paving/runbooks/server-configuration.yaml': ['N-P21'],
  'neff-paving/runbooks/slow-queries.yaml': ['N-P19', 'N-P22'],
  'neff-paving/runbooks/system-updates.yaml': ['N-P09'],
  'ecommerce-cod/runbooks/application-backup.yaml': ['E-P15', 'E-S01'],
  'ecommerce-cod/runbooks/archive-old-orders.yaml': ['E-P11', 'E-S03'],
  'ecommerce-cod/runbooks/container-will-not-start.yaml': ['E-P07'],
  'ecommerce-cod/runbooks/critical-incident.yaml': [],
  'ecommerce-cod/runbooks/database-backup.yaml': ['E-P12', 'E-P13', 'E-S01'],
  'ecommerce-cod/runbooks/evening-summary.yaml': ['E-P09', 'E-S01'],
  'ecommerce-cod/runbooks/log-cleanup.yaml': ['E-P10', 'E-S02'],
  'ecommerce-cod/runbooks/monthly-backup.yaml': ['E-P11', 'E-P14', 'E-S03'],
  'ecommerce-cod/runbooks/monthly-maintenance.yaml': ['E-P11', 'E-S03'],
  'ecommerce-cod/runbooks/orders-not-updating.yaml': ['E-P02'],
  'ecommerce-cod/runbooks/performance-review.yaml': ['E-P11', 'E-S03'],
  'ecommerce-cod/runbooks/point-in-time-recovery.yaml': ['E-P17'],
  'ecommerce-cod/runbooks/restore-test.yaml': ['E-S04'],
  'ecommerce-cod/runbooks/security-audit.yaml': ['E-P10', 'E-P11', 'E-S02'],
  'ecommerce-cod/runbooks/security-updates.yaml': ['E-S03'],
  'ecommerce-cod/runbooks/slow-api.yaml': ['E-P04'],
  'ecommerce-cod/runbooks/slow-frontend.yaml': ['E-P05'],
  'ecommerce-cod/runbooks/unused-uploads.yaml': ['E-P10'],
  'ecommerce-cod/runbooks/update-dependencies.yaml': ['E-S02'],
  'ecommerce-cod/runbooks/users-cannot-log-in.yaml': ['E-P01'],
  'ecommerce-cod/runbooks/weekly-maintenance.yaml': ['E-P10', 'E-S02'],
  'ecommerce-cod/runbooks/workflow-not-executing.yaml': ['E-P03'],
  'zbinnovation/runbooks/application-daily.yaml': ['Z-P02', 'Z-S05'],
  'zbinnovation/runbooks/application-weekly.yaml': ['Z-P03', 'Z-S02', 'Z-S05'],
  'zbinnovation/runbooks/critical-incident.yaml': ['Z-P09'],
  'zbinnovation/runbooks/daily-check.yaml': ['Z-S01'],
  'zbinnovation/runbooks/database-maintenance.yaml': ['Z-P01', 'Z-S02'],
  'zbinnovation/runbooks/monthly-maintenance.yaml': ['Z-S03'],
  'zbinnovation/runbooks/restore-test.yaml': ['Z-S03', 'Z-P08'],
  'zbinnovation/runbooks/weekly-maintenance.yaml': ['Z-S02'],
  'zbinnovation/runbooks/weekly-report.yaml': ['Z-S05'],
  'postgres-server/runbooks/certificate-renewal.yaml': [],
  'postgres-server/runbooks/connections-exhausted.yaml': [],
  'postgres-server/runbooks/disk-full.yaml': [],
  'postgres-server/runbooks/lost-primary.yaml': [],
  'postgres-server/runbooks/major-incident.yaml': [],
  'postgres-server/runbooks/monthly-review.yaml': [],
  'postgres-server/runbooks/replication-lag.yaml': [],
  'postgres-server/runbooks/restore-drill.yaml': [],
  'postgres-server/runbooks/role-review.yaml': [],
  'postgres-server/runbooks/slow-database.yaml': [],
  'postgres-server/runbooks/weekly-look.yaml': [],
  'postgres-server/runbooks/weekly-restore-test.yaml': [],
};

describe('the runbooks of the packs', () => {
  it('are those that were promised', () => {
    expect(refs).toEqual(Object.keys(promised).toSorted());
  });

  it.each(packs)('$file is read without an error or a warning', ({ problems }) => {
    expect(problems.map(problemText)).toEqual([]);
  });

  it.each(packs)('$file has the name of its file', ({ name, runbook }) => {
    expect(runbook?.id).toBe(name);
  });

  it.each(runbooks)('$file names what it does of the list', ({ file, runbook }) => {
    expect(runbook.tags).toEqual(expect.arrayContaining([...(promised[file] ?? [])]));
  });

  it.each(runbooks)('$file says who looks after it, when it is due, how long it takes and where it comes from', ({ file, runbook: { owner, reviewedOn, reviewEveryMs, estimateMs, source, summary, tags, contacts } }) => {
    expect({ owner, reviewedOn, reviewEveryMs, estimateMs, lines: source?.lines, summary, contacts: contacts.length, kind: tags.filter((tag) => tag === 'incident' || tag === 'routine').length }).toEqual({
      owner: expect.any(String),
      reviewedOn: expect.stringMatching(/^20\d\d-/),
      reviewEveryMs: expect.any(Number),
      estimateMs: expect.any(Number),
      lines: isOfNoGuide(file) ? undefined : expect.stringMatching(/^\d+(?:-\d+)?(?:, |$)/),
      summary: expect.any(String),
      contacts: expect.toSatisfy((count: number) => count > 0),
      kind: 1,
    });
  });

  it('write a label of their own for each target and parameter', () => {
    const unnamed = runbooks.flatMap(({ file, runbook }) => [...runbook.targets, ...runbook.params].filter(({ label, name }) => label === name).map(({ name }) => `${file} ${name}`));
    expect(unnamed).toEqual([]);
  });

  it('ask for nothing that they do not use', () => {
    // What the backup that they call is asked by the same names.
    const passedOn = [
      'ecommerce-cod/runbooks/monthly-maintenance.yaml store',
      ...['unused-uploads', 'weekly-maintenance'].flatMap((name) => [`ecommerce-cod/runbooks/${name}.yaml recipient`, `ecommerce-cod/runbooks/${name}.yaml bucket`]),
      ...['monthly-maintenance', 'old-copies', 'update'].flatMap((name) => [`hydraulic/runbooks/${name}.yaml cipher`, `hydraulic/runbooks/${name}.yaml recipient`]),
    ];
    const unused = packs.flatMap(({ file, text, runbook }) => {
      const body = text.slice(text.indexOf('\nsteps:')) + text.slice(text.indexOf('\nprerequisites:'), text.indexOf('\nsteps:')) + (text.match(/when: .*/g)?.join('\n') ?? '');
      return (runbook?.params ?? []).filter(({ name }) => !new RegExp(`\\{\\{ ${name}\\b|:${name}\\b|(?:when|expr|number|item_in): .*\\b${name}\\b`).test(body)).map(({ name }) => `${file} ${name}`);
    });
    expect(unused).toEqual(passedOn);
  });

  it('write a sentence for each expectation', () => {
    const without = packs.flatMap(({ file, text }) => {
      const lines = text.split('\n');
      return lines.flatMap((line, index) => (/\b(?:matches|not_matches|equals|json|cell|rows|expr|status|number): /.test(line) && /^\s*(?:expect:|- \{)/.test(line) && !/done_if|choices:|label:/.test(line) && !line.includes('say: ') ? [`${file}:${index + 1}`] : []));
    });
    expect(without).toEqual([]);
  });

  it('lead by no choice to a step that needs what only another way finds out', () => {
    const unknown = runbooks.flatMap(({ file, runbook }) => {
      const steps = [...runbook.prerequisites, ...runbook.steps];
      const place = new Map(steps.map(({ id }, index) => [id, index]));
      const after = steps.map((step, index) => {
        if (step.action.kind === 'decide') return step.action.choices.map(({ to }) => place.get(to) ?? index + 1);
        return step.end ? [] : [step.next === null ? index + 1 : (place.get(step.next) ?? index + 1)];
      });
      const names = new Set(steps.flatMap(({ capture }) => capture.map(({ name }) => name)));
      return [...names].flatMap((name) => {
        // Every way from the beginning on which nothing finds it out.
        const without = new Set<number>();
        const open = [0];
        for (let at = open.pop(); at !== undefined; at = open.pop()) {
          const step = steps[at];
          if (step === undefined || without.has(at) || step.capture.some((each) => each.name === name)) continue;
          without.add(at);
          open.push(...(after[at] ?? []));
        }
        const needs = new RegExp(`\\{\\{ ${name}\\b|[^:\\w]:${name}\\b`);
        return [...without].flatMap((at) => (needs.test(JSON.stringify(steps[at])) ? [`${file} ${steps[at]?.id ?? ''}: ${name}`] : []));
      });
    });
    expect(unknown).toEqual([]);
  });

  it('invent nobody: no phone number, and no address that is a placeholder', () => {
    const contacts = runbooks.flatMap(({ file, runbook }) => runbook.contacts.filter(({ phone, email, name }) => phone !== null || name !== null || (email ?? '').includes('example')).map(({ role }) => `${file} ${role}`));
    expect(contacts).toEqual([]);
  });
});

describe('a step that changes something', () => {
  const changing = stepRows.filter(({ step: { risk, action } }) => risk !== 'read' && isSent(action.kind));

  it('is in the packs', () => {
    expect(changing.length).toBeGreaterThan(30);
  });

  it('is proved by an expectation, a probe, what the procedure has to reach, or the look that follows', () => {
    const unproved = changing.filter(({ step, file }) => {
      const steps = runbooks.filter((each) => each.file === file).flatMap(({ runbook }) => stepsOf(runbook));
      const after = step.next === null ? steps[steps.indexOf(step) + 1] : steps.find(({ id }) => id === step.next);
      const isLookedAt = after?.risk === 'read' && after.target === step.target && isSent(after.action.kind) && after.expect.length > 0;
      return step.expect.length === 0 && step.probe === null && step.action.kind !== 'procedure' && !isLookedAt;
    });
    expect(unproved.map(({ at }) => at)).toEqual([]);
  });

  it('says whether there is a way back, where it takes something away', () => {
    const silent = changing.filter(({ step: { risk, undo, why } }) => risk === 'destructive' && (undo === null || (undo.length === 0 && why === null)));
    expect(silent.map(({ at }) => at)).toEqual([]);
  });

  it('can be told done or not done after a crash: by a probe, because it may be repeated, or by its job and its way back', () => {
    const untold = changing.filter(({ step: { action, probe, idempotent, undo } }) => action.kind === 'sql' && probe === null && !idempotent && undo === null);
    expect(untold.map(({ at }) => at)).toEqual([]);
  });

  it('ends in time', () => {
    const endless = stepRows.filter(({ step: { action, timeoutMs } }) => (action.kind === 'sh' || action.kind === 'sql' || action.kind === 'http' || action.kind === 'transfer') && timeoutMs === null);
    expect(endless.map(({ at }) => at)).toEqual([]);
  });

  it('stops at the first command that fails, where there are several', () => {
    const going = scripts.filter(({ script }) => script.trim().includes('\n') && !script.startsWith('set -eu\n'));
    expect(going.map(({ at }) => at)).toEqual([]);
  });

  it('takes no command that failed for one that had nothing to say, where it counts behind a pipe', () => {
    const lost = scripts.filter(({ script }) => lostStatus(script, lexShell(script).commands) !== null).map(({ at }) => at.replace(/ undo \d+$/, '').replace('/runbooks/', '/').replace('.yaml', ''));
    // Of nothing none of these makes the answer that it expects: it wants something to be there, or looks at a mark that only the end removes.
    expect(new Set(lost)).toEqual(new Set([
      'ecommerce-cod/application-backup secrets', 'ecommerce-cod/application-backup elsewhere', 'ecommerce-cod/container-will-not-start listener', 'ecommerce-cod/point-in-time-recovery start', 'ecommerce-cod/security-audit packages',
      'ecommerce-cod/slow-api mode', 'ecommerce-cod/slow-api scale', 'ecommerce-cod/slow-frontend compressed', 'ecommerce-cod/slow-frontend heavy', 'ecommerce-cod/slow-frontend compressed-now',
      'ecommerce-cod/unused-uploads count', 'hydraulic/backup configuration-age', 'hydraulic/backup configuration-gpg', 'neff-paving/application-updates rehearse', 'neff-paving/application-updates expiry',
      'neff-paving/log-review journal', 'neff-paving/log-review sign-ins', 'neff-paving/performance-review processors', 'postgres-server/certificate-renewal new-one', 'zbinnovation/application-daily job', 'zbinnovation/application-daily memory', 'zbinnovation/daily-check errors', 'zbinnovation/daily-check cache',
      // npm ends in the same way where something is old and where it could not ask. Nothing goes by the figure.
      'ecommerce-cod/update-dependencies old',
    ]));
  });
});

describe('what is wrong in the guides', () => {
  // What a rule of the book sees, commands above all, is in no pack: `test/unit/rules/errors.test.ts`.
  it('ends no session without naming its database, its role and its application', () => {
    const open = doings.filter(({ doing: { action } }) => action.kind === 'sql' && /pg_(?:terminate|cancel)_backend/.test(action.statement) && !['backend_type = \'client backend\'', 'datname = current_database()', 'usename = CAST(:role AS name)', 'application_name = CAST(:application AS text)', 'pid <> pg_backend_pid()'].every((filter) => action.statement.includes(filter)));
    expect(open.map(({ at }) => at)).toEqual([]);
  });

  it('is not to be found in the P1 response, where there is no command at all', () => {
    const kinds = runbooks.filter(({ file }) => file.startsWith('reconciliation/')).flatMap(({ runbook }) => stepsOf(runbook)).filter(({ action }) => isSent(action.kind));
    expect(kinds).toEqual([]);
  });

  it('does not restore after a restart, unless a person says that data was damaged', () => {
    const restart = runbooks.find(({ file }) => file.endsWith('system-restart.yaml'))?.runbook;
    const calls = (restart?.rollback?.steps ?? []).filter(({ action }) => action.kind === 'runbook');
    const decisions = (restart?.rollback?.steps ?? []).flatMap(({ action }) => (action.kind === 'decide' ? action.choices.map(({ to }) => to) : []));
    expect(calls.map(({ id }) => [id, decisions.includes(id)])).toEqual([['rb-database', true]]);
  });

  it('changes nothing in a check of the morning', () => {
    const readers = runbooks.filter(({ file }) => file.endsWith('morning-check.yaml') || file.endsWith('daily-check.yaml')).flatMap(({ runbook }) => stepsOf(runbook)).filter(({ risk }) => risk !== 'read');
    expect(readers).toEqual([]);
  });
});

describe('a recovery', () => {
  it('takes no copy of what is damaged for the newest that is proven', () => {
    const damaged = runbooks.flatMap(({ file, runbook }) => {
      const procedureAt = (wanted: (action: Extract<Step['action'], { kind: 'procedure' }>) => boolean): number => runbook.steps.findIndex(({ action }) => action.kind === 'procedure' && wanted(action));
      const besideAt = procedureAt(({ procedure, with: given }) => procedure === 'restore.beside' && given['backup'] === 'newest-proven');
      const copyAt = procedureAt(({ procedure, require }) => procedure === 'backup.run' && require === 'L3');
      return besideAt !== -1 && copyAt !== -1 && copyAt < besideAt ? [file] : [];
    });
    expect(damaged).toEqual([]);
  });
  it.each(['ecommerce-cod/runbooks/full-restore.yaml', 'hydraulic/runbooks/rollback.yaml', 'zbinnovation/runbooks/database-recovery.yaml'])('of %s compares before it swaps, is approved in between, and can be taken back', (file) => {
    const steps = runbooks.find((each) => each.file === file)?.runbook.steps ?? [];
    const procedureAt = (name: string) => steps.findIndex(({ action }) => action.kind === 'procedure' && action.procedure === name);
    const swapAt = procedureAt('restore.swap');
    const besideAt = procedureAt('restore.beside');
    const between = steps.slice(besideAt, swapAt).filter(({ action }) => action.kind === 'approve');
    const [beside, swap] = [steps[besideAt], steps[swapAt]];
    expect({
      required: beside?.action.kind === 'procedure' ? beside.action.require : null,
      approvals: between.length,
      undo: swap?.undo?.map(({ action }) => (action.kind === 'procedure' ? `${action.procedure} of ${action.with['from']}` : action.kind)),
    }).toEqual({ required: 'equal', approvals: 1, undo: [`restore.undo of ${beside?.id}`] });
  });
});
