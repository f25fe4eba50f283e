/** Jobs that outlive their connection, on a real sshd, under the shells that servers have. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { Secret } from '#shared/domain/secret.ts';
import { connectChain, type SshConnection } from '#engine/ssh/chain.ts';
import { cancelJob, followJob, jobErrors, listJobs, lookAtJob, removeJob, startJob, surveyJobs } from '#engine/ssh/jobs/detached-job.ts';
import { isRunning, processesMatching } from '#test/processes.ts';
import { cutConnections, startSshServer, whyNoSshServer, type SshServer } from '#test/ssh-server.ts';
import { waitFor } from '#test/wait-for.ts';

const missing = whyNoSshServer();
let server: SshServer;
let jobs = '';
let counter = 0;
const newId = () => `job-${(counter += 1)}`;
beforeEach((context) => {
  if (missing !== null) context.skip(missing);
});
beforeAll(async () => {
  if (missing !== null) return;
  server = await startSshServer();
  jobs = join(server.folder, 'home', '.pilothouse', 'jobs');
});
afterAll(() => server?.stop());

async function connect(): Promise<SshConnection> {
  const connection = await connectChain([server.hop()]);
  onTestFinished(() => connection.close());
  return connection;
}
const cutAll = () => cutConnections(server);
const pidOf = (id: string) => Number(readFileSync(join(jobs, id, 'pid'), 'utf8'));
async function toEnd(id: string, from = 0) {
  const parts: Buffer[] = [];
  const host = await connect();
  const job = await followJob((question) => question(host), id, { from, signal: new AbortController().signal, everyMs: 50, onOutput: (chunk) => void parts.push(chunk) });
  return { job, output: Buffer.concat(parts).toString('utf8') };
}

describe('a job', () => {
  test('runs to its end, with its output, its errors and its status', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'cat; echo oops >&2; exit 3', input: 'line one\nline two\n' });
    expect([await toEnd(id), await jobErrors(host, id)]).toEqual([{ job: { state: 'ended', exitStatus: 3, ended: 'none' }, output: 'line one\nline two\n' }, 'oops\n']);
  });
  test('goes on when every connection is cut, and is read on from the last byte', async () => {
    const id = newId();
    await startJob(await connect(), { id, command: 'i=0; while [ $i -lt 40 ]; do echo "line $i"; i=$((i + 1)); sleep 0.05; done' });
    const first: Buffer[] = [];
    let next = 0;
    const leaving = new AbortController();
    const host = await connect();
    const following = followJob((question) => question(host), id, { from: 0, signal: leaving.signal, everyMs: 20, onOutput: (chunk, at) => { first.push(chunk); next = at; if (next > 50) leaving.abort(new Error('the lid is closed')); } });
    await expect(following).rejects.toThrow('the lid is closed');
    cutAll();
    const rest = await toEnd(id, next);
    expect([Buffer.concat(first).toString('utf8') + rest.output, rest.job]).toEqual([Array.from({ length: 40 }, (_value, index) => `line ${index}\n`).join(''), { state: 'ended', exitStatus: 0, ended: 'none' }]);
  });
  test('is followed over a new connection when the old one breaks', async () => {
    const id = newId();
    await startJob(await connect(), { id, command: 'echo begun; sleep 1; echo done' });
    let lost = 0;
    let cut = false;
    const parts: string[] = [];
    let host = await connect();
    const job = await followJob(async (question) => question(host.isOpen ? host : (host = await connect())), id, { from: 0, signal: new AbortController().signal, everyMs: 50, onLost: () => (lost += 1), onOutput: (chunk) => { parts.push(chunk.toString('utf8')); if (!cut) { cut = true; cutAll(); } } });
    expect([parts.join(''), job.state, lost <= 1]).toEqual(['begun\ndone\n', 'ended', true]);
  });
  test('is begun once, however often it is asked for', async () => {
    const id = newId();
    const host = await connect();
    const answers = [await startJob(host, { id, command: 'echo once' }), await startJob(host, { id, command: 'echo twice' })];
    expect([answers, (await toEnd(id)).output]).toEqual([['begun', 'there'], 'once\n']);
  });
  test('that is cancelled ends with all that it began', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'sleep 6543 & sh -c "sleep 6544" & trap "" TERM; sleep 6545; sleep 6546' });
    await waitFor('its processes', () => processesMatching('sleep 654').length >= 3);
    await cancelJob(host, id, 1);
    expect([(await lookAtJob(host, id, 0)).job, processesMatching('sleep 654')]).toEqual([{ state: 'ended', exitStatus: expect.any(Number) as number, ended: expect.stringMatching(/TERM|KILL/) as string }, []]);
  });
  test('whose processes were killed is lost, and not done', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'echo begun; sleep 60' });
    await waitFor('its process', () => existsSync(join(jobs, id, 'pid')));
    process.kill(-pidOf(id), 'SIGKILL');
    await waitFor('it to be gone', () => !isRunning(pidOf(id)));
    expect(await lookAtJob(host, id, 0)).toMatchObject({ job: { state: 'lost' } });
  });
  test.each(['', 'none\n'])('of whose end only %j was kept is lost, and not done', async (kept) => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'true' });
    await toEnd(id);
    await waitFor('it to be gone', () => !isRunning(pidOf(id)));
    writeFileSync(join(jobs, id, 'exit'), kept);
    expect(await lookAtJob(host, id, 0)).toMatchObject({ job: { state: 'lost' } });
  });
  test('of a machine that was started anew says so', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'sleep 60' });
    await waitFor('its process', () => existsSync(join(jobs, id, 'boot')) && existsSync(join(jobs, id, 'pid')));
    process.kill(-pidOf(id), 'SIGKILL');
    writeFileSync(join(jobs, id, 'boot'), 'of another start\n');
    expect(await lookAtJob(host, id, 0)).toMatchObject({ job: { state: 'restarted' } });
  });
  test('whose folder was taken away is gone', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'echo x' });
    await toEnd(id);
    rmSync(join(jobs, id), { recursive: true });
    expect((await lookAtJob(host, id, 0)).job).toEqual({ state: 'gone' });
  });
  test('that is cancelled ends also where its keeper is gone, or somebody took its folder away', async () => {
    const host = await connect();
    const killKeeper = (of: string) => process.kill(pidOf(of), 'SIGKILL');
    for (const [id, seconds, hurt, where] of [[newId(), '6561', killKeeper, '.'], [newId(), '6562', (of: string) => rmSync(join(jobs, of), { recursive: true }), '.'], [newId(), '6563', killKeeper, 'dump']] as const) {
      await startJob(host, { id, command: `mkdir -p ${where}; cd ${where}; sleep ${seconds}; echo never` });
      await waitFor('its process', () => processesMatching(`sleep ${seconds}`).length === 1);
      hurt(id);
      expect(processesMatching(`sleep ${seconds}`)).toHaveLength(1);
      await cancelJob(host, id, 1);
      await waitFor('it to be gone', () => processesMatching(`sleep ${seconds}`).length === 0);
      await removeJob(host, id);
    }
  });
  test('tells what its other output has, what it takes on the disk, and what it says of itself', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, about: 'a test\nof two lines', command: 'echo dumping >stage; head -c 300000 /dev/zero >much; echo told >&2; sleep 60' });
    onTestFinished(() => cancelJob(host, id));
    const ask = () => lookAtJob(host, id, 0, { reads: 'err', measures: true });
    await waitFor('it to speak', async () => (await ask()).chunk.length > 0);
    const look = await ask();
    expect([look.chunk.toString(), look.stage, look.folderBytes > 290_000]).toEqual(['told\n', 'dumping', true]);
    expect(await surveyJobs(host)).toContainEqual({ id, job: { state: 'running', beatAge: null }, ageSeconds: expect.any(Number) as number, folderBytes: expect.any(Number) as number, about: 'a test' });
  });
  test('is cancelled by whoever comes before it has begun', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'true' });
    await toEnd(id);
    // As it is between its first and its second line.
    for (const name of ['exit', 'pid', 'out']) rmSync(join(jobs, id, name));
    await cancelJob(host, id, 0);
    execFileSync('sh', [join(jobs, id, 'keeper'), join(jobs, id)]);
    expect([(await lookAtJob(host, id, 0)).job.state, existsSync(join(jobs, id, 'out'))]).toEqual(['ended', false]);
  });
  test('shows signs of life', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'sleep 60' });
    onTestFinished(() => cancelJob(host, id));
    const look = await waitFor('a sign of life', async () => { const { job } = await lookAtJob(host, id, 0); return job.state === 'running' && job.beatAge !== null ? job : null; });
    expect(look.beatAge).toBeLessThan(10);
  });
  test('whose keeper was killed shows none any more, and nothing goes on in its name', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'exec sleep 60' });
    onTestFinished(() => cancelJob(host, id));
    await waitFor('a sign of life', () => existsSync(join(jobs, id, 'beat')));
    process.kill(pidOf(id), 'SIGKILL');
    await waitFor('its signs of life to end', () => processesMatching(`${id}/keeper`).length === 0, { within: 12_000 });
    expect((await lookAtJob(host, id, 0)).job.state).toBe('lost');
  });
  test('has its secret in a file of its own while it runs, and nowhere afterwards', async () => {
    const id = newId();
    const host = await connect();
    const canary = `canary-${Math.random()}`;
    await startJob(host, { id, command: 'cat secrets/passfile | wc -c; stat -c %a secrets/passfile; sleep 0.5', secret: { name: 'passfile', text: new Secret(canary) } });
    const seen = processesMatching(canary);
    const { output } = await toEnd(id);
    const left = readdirSync(join(jobs, id)).filter((name) => readFileSync(join(jobs, id, name), 'utf8').includes(canary));
    expect([output, seen, left, existsSync(join(jobs, id, 'secrets'))]).toEqual([`${canary.length}\n600\n`, [], [], false]);
  });
  test.each([['keeps it apart', 'exec "$@"'], ['does not, as where nobody may ask it', 'exit 1']])('is given to systemd where a login takes all along, and runs when that %s (a stand-in that records how it was called)', async (_what, does) => {
    const id = newId();
    const host = await connect();
    const programs = join(server.folder, 'programs');
    mkdirSync(programs, { recursive: true });
    const called = join(server.folder, 'called');
    writeFileSync(join(programs, 'systemd-run'), `#!/bin/sh\necho "$*" >'${called}'\nwhile [ "$1" != sh ]; do shift; done\n${does}\n`, { mode: 0o755 });
    writeFileSync(join(server.folder, 'home', '.bashrc'), `export PATH="${programs}:$PATH"\n`);
    onTestFinished(() => rmSync(join(server.folder, 'home', '.bashrc')));
    await startJob(host, { id, command: 'echo done', scope: true });
    expect([(await toEnd(id)).output, readFileSync(called, 'utf8')]).toEqual(['done\n', expect.stringMatching(new RegExp(`^${process.getuid?.() === 0 ? '' : '--user '}--scope --quiet sh .*/${id}/keeper `))]);
  });
  test('leaves nothing when it is taken away', async () => {
    const id = newId();
    const host = await connect();
    await startJob(host, { id, command: 'echo x' });
    await toEnd(id);
    for (const each of await listJobs(host)) await removeJob(host, each);
    expect([await listJobs(host), existsSync(join(server.folder, 'home', '.pilothouse'))]).toEqual([[], false]);
  });
  test('that cannot be begun says why', async () => {
    const host = await connect();
    mkdirSync(join(server.folder, 'home', '.pilothouse'), { recursive: true });
    symlinkSync('/proc/nowhere', jobs);
    onTestFinished(() => rmSync(jobs));
    await expect(startJob(host, { id: newId(), command: 'echo x' })).rejects.toMatchObject({ code: 'ssh.command-failed' });
  });
});
