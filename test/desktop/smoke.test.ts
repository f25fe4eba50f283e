import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { problemsOf, type Report } from '../../scripts/smoke/report.ts';
import { smoke, type SmokeOptions } from '../../scripts/smoke/smoke.ts';
import { fakeElectron, procWith, type FakeWindow } from '#test/desktop/fake-electron.ts';
import { removePractice } from '#test/practice.ts';
import { isRunning } from '#test/processes.ts';
import { startConsole } from '#test/processes-of-ours.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { waitFor } from '#test/wait-for.ts';
import { launchBrowser, missingForWeb, startFixtureConsole } from '#test/web/fixture-console.ts';

const missing = missingForWeb();
let browser: Browser;
beforeAll(async () => {
  if (missing === null) browser = await launchBrowser();
});
afterAll(() => browser?.close());

type Walk = NonNullable<SmokeOptions['walk']>;

const whole = (found: Awaited<ReturnType<typeof smoke>>, folder: string): Report => ({ at: '', executable: '', isPackaged: false, way: 'playwright', pilothouse: '', system: '', fuses: [], wrongFuses: [], left: [], folder, ...found });

async function newPage(link: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  onTestFinished(() => page.context().close());
  await page.goto(link);
  return page;
}

/** The smoke test of a window on an engine of canned answers, with a walk of its own in place of the tour. */
async function smokeOf(walk: Walk, changes: Partial<FakeWindow & SmokeOptions> & { seccomp?: 0 | 2; status?: number } = {}): Promise<{ report: Report; problems: string[]; pid: number }> {
  const fixture = await startFixtureConsole({ empty: true });
  onTestFinished(() => fixture.close());
  const child = spawn(process.execPath, ['-e', `process.stdin.on('end', () => process.exit(${changes.status ?? 0})).resume(); console.log('said');`], { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const folder = await temporaryFolder('smoke');
  const desktop = fakeElectron({
    firstWindow: () => newPage(fixture.server.issueLink()),
    child,
    close: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
    startedAt: Date.now(),
    ...changes,
  });
  const found = await smoke(desktop, { startedAt: 0, origin: fixture.server.origin, folder, patience: 1000, platform: 'linux', root: await procWith(changes.seccomp ?? 2), walk, ...changes });
  const report = whole(found, folder);
  return { report, problems: problemsOf(report), pid: child.pid ?? 0 };
}

const step: Walk = async (_page, report) => report('Look around', 10);

describe('the smoke test of the desktop', { skip: missing !== null }, () => {
  it('walks the tour to its end, and finds all well where all is', async () => {
    const home = await temporaryFolder('smoke-home');
    const startedAt = Date.now();
    const { child, link, ended } = await startConsole(home);
    onTestFinished(() => removePractice(home));
    const folder = await temporaryFolder('smoke');
    const desktop = fakeElectron({
      firstWindow: () => newPage(link.href),
      child,
      close: async () => {
        child.kill('SIGINT');
        await ended;
      },
      startedAt,
    });
    const report = whole(await smoke(desktop, { startedAt: 0, origin: link.origin, folder, patience: 100, platform: 'linux', root: await procWith(2) }), folder);
    expect({ problems: problemsOf(report), steps: report.steps.length, pictures: readdirSync(folder).filter((name) => name.endsWith('.png')).length }).toEqual({ problems: [], steps: 7, pictures: 8 });
  });
  it('says what the main process knows', async () => {
    const { report } = await smokeOf(step);
    const mebibytes = (megabytes: number) => megabytes * 1000 * 1024;
    const memory = [['main', 150], ['renderer', 120], ['engine', 80]].map(([process, size]) => ({ process, idleBytes: mebibytes(Number(size)), afterBytes: mebibytes(Number(size)) }));
    expect(report).toMatchObject({ versions: { electron: '45.5.0', chrome: '152.0.0.0', node: '24.21.0' }, keychain: 'gnome_libsecret', sandbox: { words: 'on, with a seccomp filter', isInForce: true }, memory });
  });
  it('measures from the start of the process to what the page painted', async () => {
    const { report } = await smokeOf(step, { startedAt: Date.now() - 5000 });
    expect(report.times.map(({ name, ms }) => [name, ms > 5000 && ms < 60_000])).toEqual([['First paint', true], ['Interactive', true]]);
  });
  it('is not content with a window that came too late', async () => {
    expect((await smokeOf(step, { startedAt: Date.now() - 5000, patience: 1 })).problems).toEqual([expect.stringMatching(/^First paint came after \d+\.\d s; the budget is 1\.5 s\.$/), expect.stringMatching(/^Interactive came after \d+\.\d s; the budget is 2\.5 s\.$/)]);
  });
  it('names the step that failed by the one before it, and shows where', async () => {
    const { report, problems } = await smokeOf(async (page, tell) => {
      await step(page, tell);
      throw new Error('Waited in vain\nfor a button.');
    });
    expect([problems, readdirSync(report.folder).filter((name) => name.endsWith('.png'))]).toEqual([['"The step after "Look around"" failed: Waited in vain for a button.'], ['01 The first screen.png', '02 Look around.png', '03 Where it failed.png']]);
  });
  it('is not content with a tour of no step', async () => {
    expect((await smokeOf(async () => {})).problems).toEqual(['The tour took no step.']);
  });
  it('hears what the page complains of', async () => {
    const complain: Walk = async (page, tell) => {
      await page.evaluate(() => console.error('out of order'));
      await step(page, tell);
    };
    expect((await smokeOf(complain)).problems).toEqual(['The page complained: out of order']);
  });
  it('hears what the policy of the page refuses', async () => {
    const inject: Walk = async (page, tell) => {
      await page.evaluate(() => document.body.append(Object.assign(document.createElement('iframe'), { src: 'http://127.0.0.1:9/' })));
      await step(page, tell);
    };
    expect((await smokeOf(inject)).problems.join('\n')).toMatch(/The page complained: policy: (?:frame|default)-src http:\/\/127\.0\.0\.1:9/);
  });
  it('sees whom the page asks', async () => {
    const other = await startFixtureConsole();
    onTestFinished(() => other.close());
    const away: Walk = async (page, tell) => {
      await page.goto(other.server.origin);
      await step(page, tell);
    };
    expect((await smokeOf(away)).problems).toEqual([expect.stringMatching(new RegExp(`^The page asked elsewhere than .*: ${other.server.origin}\\.$`))]);
  });
  it('is not content with a window that shows another place from the beginning', async () => {
    expect((await smokeOf(step, { origin: 'app://pilothouse' })).problems).toEqual([expect.stringMatching(/^The page asked elsewhere than app:\/\/pilothouse: http:\/\/127/)]);
  });
  it('sees what of Node is in the page', async () => {
    const fixture = await startFixtureConsole({ empty: true });
    onTestFinished(() => fixture.close());
    const { report } = await smokeOf(step, {
      origin: fixture.server.origin,
      firstWindow: async () => {
        const page = await newPage('about:blank');
        await page.addInitScript(() => Object.assign(globalThis, { require: () => {} }));
        await page.goto(fixture.server.issueLink());
        return page;
      },
    });
    expect(problemsOf(report)).toEqual(['The page can see of Node: require.']);
  });
  it.each([
    [{ seccomp: 0 } as const, 'The page runs without its sandbox: no seccomp filter holds it (Seccomp: 0).'],
    [{ withoutSandbox: true }, 'The page runs without its sandbox: it was switched off on the command line.'],
    [{ status: 3 }, 'The window ended with status 3.'],
  ])('is not content with %j', async (changes, problem) => {
    expect((await smokeOf(step, changes)).problems).toEqual([problem]);
  });
  it('kills a window that does not close', async () => {
    const { problems, pid } = await smokeOf(step, { close: () => new Promise(() => {}), closeMs: 500 });
    await waitFor('it to be gone', () => !isRunning(pid));
    expect(problems).toEqual(['The window did not close when it was asked to, and was killed.']);
  });
  it('closes the window where it cannot go on', async () => {
    let closed = 0;
    await expect(smokeOf(step, { firstWindow: () => Promise.reject(new Error('There is no window.')), close: async () => void (closed += 1) })).rejects.toThrow('There is no window.');
    expect(closed).toBe(1);
  });
  it('keeps what the window printed', async () => {
    expect(readdirSync((await smokeOf(step)).report.folder)).toContain('window.stdout.log');
  });
});
